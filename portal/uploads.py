"""Files that people bring: kept for an hour beside the store, for their own person, by what is in them."""

import asyncio
import hashlib
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from starlette.datastructures import UploadFile

from schemas.errors import BadInput
from schemas.settings import Settings
from tasks import clock

#: How long somebody may look at what a file would change.
KEPT_FOR = timedelta(hours=1)
#: The newest of each person's files are kept; the others go.
_OF_EACH = 3
_AT_ONCE = 1 << 20
_HASH = re.compile(r"[0-9a-f]{64}")
_STRANGE = re.compile(r"[^\w .()-]")
_TO_MEND = "rows-to-mend.csv"
#: Bytes of a name that are kept: a folder takes 255, and many letters are of two or three.
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Kept:
    """What somebody brought. `path`: the file, or the folder where there were several."""

    sha256: str
    path: Path
    to_mend: Path

    @property
    def names(self) -> Sequence[str]:
        """The files' names, as they came."""
        return sorted(one.name for one in self.path.iterdir()) if self.path.is_dir() else [self.path.name]


def _folder(settings: Settings, person: int) -> Path:
    return settings.shared_dir / "uploads" / str(person)


def find(settings: Settings, person: int, sha256: str) -> Kept | None:
    """What this person brought within the hour, if it is still what it was byte for byte."""
    home = _folder(settings, person) / sha256
    if not _HASH.fullmatch(sha256) or not (home / "files").is_dir() or _is_old(home):
        return None
    found = _kept(home)
    return found if _hash(home / "files") == sha256 else None


def to_mend(settings: Settings, person: int, sha256: str) -> Path | None:
    """The rows that were left out of it; None where there are none."""
    path = _folder(settings, person) / sha256 / _TO_MEND
    return path if _HASH.fullmatch(sha256) and path.is_file() and not _is_old(path.parent) else None


async def keep(settings: Settings, person: int, files: Sequence[UploadFile]) -> Kept:
    """Keep what came. Raises BadInput where nothing came, or the machine can't keep it."""
    if not files:
        raise BadInput("No file arrived, or only a part of it: choose it again. Nothing was kept.")
    home = _folder(settings, person)
    sweep(settings)
    arriving = home / f"arriving-{secrets.token_hex(8)}"
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (arriving / "files").mkdir(mode=0o700, parents=True)
        for one in files:
            with (arriving / "files" / _name(one.filename)).open("xb") as to:
                while part := await one.read(_AT_ONCE):
                    to.write(part)
        sha256 = _hash(arriving / "files")
        shutil.rmtree(home / sha256, ignore_errors=True)
        arriving.rename(home / sha256)
    except FileExistsError:
        raise BadInput("Two of the files have the same name: rename one. Nothing was kept.") from None
    except OSError as error:
        raise BadInput(f"The file can't be kept here ({error.strerror}): tell who runs Steward.") from None
    return _kept(home / sha256)


def forget(settings: Settings, person: int, sha256: str) -> None:
    """It was taken in: only the rows that were left out stay, for the hour."""
    if _HASH.fullmatch(sha256):
        shutil.rmtree(_folder(settings, person) / sha256 / "files", ignore_errors=True)


def _kept(home: Path) -> Kept:
    inside = sorted((home / "files").iterdir())
    return Kept(home.name, inside[0] if len(inside) == 1 else home / "files", home / _TO_MEND)


def _name(given: str | None) -> str:
    """The file's name without what could lead anywhere; of a long one the end, which says its kind."""
    last = (given or "").replace("\\", "/").rpartition("/")[2]
    whole = _STRANGE.sub("_", last).strip(". ")
    return whole.encode()[-_LONGEST_NAME:].decode(errors="ignore").strip(". ") or "file"


def _hash(folder: Path) -> str:
    """Of one file its own SHA-256; of several that of their names and hashes."""
    every = []
    for one in sorted(folder.iterdir()):
        with one.open("rb") as file:
            every.append((one.name, hashlib.file_digest(file, "sha256").hexdigest()))
    if len(every) == 1:
        return every[0][1]
    return hashlib.sha256("\n".join(f"{name}\0{its}" for name, its in every).encode()).hexdigest()


def _is_old(home: Path) -> bool:
    return clock.wall().timestamp() - home.stat().st_mtime > KEPT_FOR.total_seconds()


def sweep(settings: Settings) -> None:
    """Remove what is older than its time, and all but the newest of each person."""
    for person in (settings.shared_dir / "uploads").glob("*"):
        newest = sorted(person.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
        for place, one in enumerate(newest):
            if place >= _OF_EACH or _is_old(one):
                shutil.rmtree(one, ignore_errors=True)


async def keep_swept(settings: Settings, every: float = KEPT_FOR.total_seconds() / 6) -> None:
    """Sweep for as long as the process serves, every so many seconds: files hold names."""
    while True:
        await asyncio.to_thread(sweep, settings)
        await asyncio.sleep(every)
