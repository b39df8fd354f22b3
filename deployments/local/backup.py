"""A backup of an installation as one file, made while it runs, and its way back into an empty one.

The file is a zip: the store as an SQLite file (whichever database it was on), what the data directory holds
beside it, and a manifest with the hash of each and the head of the audit chain. The mail server's password
and the key of the installation are in it: it is for its owner's eyes alone.
"""

import asyncio
import hashlib
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from deployments.local.alone import RESTORE, alone
from deployments.migrations import newest, require_newest, upgrade
from schemas.errors import BadInput, NotPrepared, StoreUnavailable
from schemas.outcome import Subject
from schemas.settings import FILE, Settings
from schemas.words import SubjectKind
from tasks.files import heads as left_heads
from tasks.files.own_key import own_key
from tasks.mail import outbox
from tasks.store import Store, audit, verifying
from tasks.store.audit import STEWARD
from tasks.store.copying import copy_rows, count_on, empty
from tasks.store.session import Session

FORMAT = 1
MANIFEST, STORE = "manifest.json", "store.db"
#: What of the data directory belongs to the installation and not to the machine.
KEY = "audit.key"
KEPT = (FILE, "policy.toml", KEY, "removals")
#: What several machines share: it lies where all of them reach it.
_SHARED = (KEY, "removals")
#: How a backup is packed. Other ways take memory as the file likes.
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Manifest(BaseModel):
    """What a backup holds. `made_at` is in UTC; `seq` and `hash` are of its newest audit entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    made_at: datetime
    revision: str
    seq: int
    hash: str
    files: dict[str, str]  # SHA-256 by name


@dataclass(frozen=True)
class Made:
    """A backup that was made: where, how large in bytes, and what its manifest says."""

    file: Path
    size: int
    manifest: Manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def back_up(settings: Settings, to: Path, now: datetime) -> Made:
    """Write a backup to a file that is not there yet, or into a folder under a name with the time.

    What others do meanwhile is not in it: it sees one moment. It is verified before it has its name. Raises
    BadInput where the file can't be written, ChainBroken where the store does not verify, StoreUnavailable.
    """
    require_newest(settings.store_url)
    if to.is_dir():
        to /= f"steward-{now.astimezone(UTC):%Y-%m-%d-%H%M%S}.backup"
    if to.exists():
        raise BadInput(f"{to.name} is there already: a backup is never written over.")
    try:
        with tempfile.TemporaryDirectory(prefix=".steward-backup-", dir=to.parent) as folder:
            made = Path(folder)
            head = asyncio.run(_copied(settings, made / STORE))
            names = [STORE, *_gathered(settings, made)]
            manifest = Manifest(
                format=FORMAT,
                made_at=now.astimezone(UTC),
                revision=newest(),
                seq=head.seq,
                hash=head.hash,
                files={name: _digest(made / name) for name in names},
            )
            packed = made / "packed"
            with os.fdopen(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                    archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
                    for name in names:
                        archive.write(made / name, name)
                out.flush()
                os.fsync(out.fileno())
            packed.rename(to)
    except OSError as error:
        raise BadInput(f"The backup can't be written to {to}: {error.strerror}.") from None
    return Made(to, to.stat().st_size, manifest)


async def _copied(settings: Settings, path: Path) -> audit.Head:
    """The store as an SQLite file of its own, verified; its newest audit entry."""
    url = f"sqlite+aiosqlite:///{path}"
    await asyncio.to_thread(upgrade, url)
    store, copy = Store.open(settings.store_url), Store.open(url)
    try:
        async with store.read() as source, copy.write(audited=False) as target:
            await empty(target)
            await copy_rows(source, target)
        return await verifying.verify(copy)
    finally:
        await copy.close()
        await store.close()


def _home(settings: Settings, name: str) -> Path:
    """The folder in which a file of the installation is."""
    return settings.shared_dir if name.partition("/")[0] in _SHARED else settings.data_dir


def _gathered(settings: Settings, to: Path) -> list[str]:
    """Copy what belongs to the installation; the names of the files."""
    names = []
    for one in KEPT:
        home = _home(settings, one)
        found = home / one
        for file in sorted(found.rglob("*")) if found.is_dir() else [found]:
            if file.is_file():
                name = str(file.relative_to(home))
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, to / name)
                names.append(name)
    return names


def restore(settings: Settings, file: Path, now: datetime, *, heads: Path | None = None) -> Sequence[str]:
    """Bring a backup back into an installation that holds nothing; what was done, a sentence each.

    An older Steward's is upgraded on the way. Its chain is verified first, and held against `heads`: signed
    heads that left the machine say what happened after the backup. Letters that waited when it was made may
    have left since: the next copy of each says so. Raises BadInput for a file that is damaged or no backup,
    and where the store is not empty; ChainBroken; StoreUnavailable; RunsAlready where a stack runs there. The
    place is as empty as before then.
    """
    with alone(settings.data_dir, RESTORE), tempfile.TemporaryDirectory(prefix="steward-restore-") as folder:
        made = Path(folder)
        manifest = _unpacked(file, made)
        said = [_from(manifest), *_missing(manifest, made, heads)]
        if (settings.shared_dir / KEY).exists():
            raise BadInput(f"{settings.shared_dir} is an installation already: restore into an empty one.")
        doubtful = asyncio.run(_brought(settings, made, manifest, now))
        try:
            _put(made, settings, [name for name in manifest.files if name != STORE])
        except OSError as error:
            asyncio.run(_emptied(settings))
            raise BadInput(
                f"The files of the backup can't be written to {settings.data_dir}: {error.strerror}. "
                "Nothing of it was kept."
            ) from None
    if doubtful:
        said.append(f"{doubtful} letters waited when it was made and may have left since: each says so.")
    said.append("The chain verifies. Start it with `steward up`.")
    return said


def _put(made: Path, settings: Settings, names: Sequence[str]) -> None:
    """The files beside the store, the key last: it is by the key that an installation is known."""
    for name in sorted(names, key=lambda one: one == KEY):
        target = _home(settings, name) / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(made / name, target)
        target.chmod(0o600)


async def _emptied(settings: Settings) -> None:
    store = Store.open(settings.store_url)
    try:
        async with store.write(audited=False) as target:
            await empty(target)
    finally:
        await store.close()


async def _brought(settings: Settings, made: Path, manifest: Manifest, now: datetime) -> int:
    """The rows of the backup into the store, verified before and after; how many letters are doubtful."""
    url = f"sqlite+aiosqlite:///{made / STORE}"
    try:
        await asyncio.to_thread(upgrade, url)
    except StoreUnavailable:
        raise BadInput("The store in the backup can't be read: it is damaged. Take another one.") from None
    backup, store = Store.open(url), Store.open(settings.store_url)
    try:
        await verifying.verify(backup, kept=manifest.hash)
        await _refuse_one_in_use(store)
        await asyncio.to_thread(_prepare, settings)
        doubtful = await _filled(backup, store)  # all or nothing
        try:
            await _noted(store, manifest, now)
            await verifying.verify(store, kept=manifest.hash)
        except BaseException:
            await asyncio.shield(_emptied(settings))  # it was empty before: the next try finds it so
            raise
    finally:
        await store.close()
        await backup.close()
    return doubtful


def _prepare(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)
    upgrade(settings.store_url)


def _unpacked(file: Path, to: Path) -> Manifest:
    """Raises BadInput for what is no backup, or is damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest.model_validate_json(archive.read(MANIFEST))
            for name in manifest.files:
                if not _belongs(name) or archive.getinfo(name).compress_type not in _PACKED:
                    raise BadInput(f"{file.name} holds a file that no backup has: it is none of Steward's.")
                target = to / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as packed, target.open("wb") as out:
                    shutil.copyfileobj(packed, out)
    except OSError as error:
        raise BadInput(f"The backup can't be read from {file.name}: {error.strerror or error}.") from None
    except (
        *(zipfile.BadZipFile, KeyError, IndexError, ValidationError, EOFError, zlib.error),
        *(RuntimeError, UnicodeError, struct.error),  # encrypted, or its list is no list
    ):
        raise BadInput(f"{file.name} is no backup of Steward, or is damaged: take another one.") from None
    for name, digest in manifest.files.items():
        if _digest(to / name) != digest:
            raise BadInput(f"{file.name} is damaged: {name} in it is not what was packed. Take another one.")
    if manifest.format != FORMAT or STORE not in manifest.files:
        raise BadInput(f"{file.name} is a backup of another Steward: restore it with that version.")
    return manifest


def _belongs(name: str) -> bool:
    """Whether a backup has such a file: one that is kept, or one in the folder that is."""
    first, *inside = name.split("/")
    fits = all(one.isprintable() and one not in {"", ".", ".."} for one in inside)
    return name in {STORE, *KEPT} or (first == "removals" and fits)


def _from(manifest: Manifest) -> str:
    return (
        f"The backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC ends at audit entry {manifest.seq}; what was "
        "done since is not in it."
    )


def _missing(manifest: Manifest, made: Path, heads: Path | None) -> list[str]:
    """What the heads that left say of the time after it. Raises BadInput."""
    if heads is None:
        return []
    if not (made / KEY).is_file():
        raise BadInput("This backup has no key to read signed heads with: leave --heads out.")
    found = left_heads.read(heads, own_key(made).public_key())
    later = [one for one in found if one.seq > manifest.seq]
    if not later:
        return ["No head that left is later: nothing is known to be missing."]
    last = max(later, key=lambda one: one.seq)
    missing = (
        f"Entries {manifest.seq + 1} to {last.seq} are missing: heads that left after this backup say so. "
        "What people did then must be asked of them, and recorded again."
    )
    return [missing]


async def _refuse_one_in_use(store: Store) -> None:
    """Raises BadInput where the store has audit entries."""
    if store.is_missing:
        return
    try:
        async with store.read() as session:
            await _refuse_entries(session)
    except NotPrepared:
        return  # no tables yet


async def _refuse_entries(session: Session) -> None:
    if entries := (await audit.head(session)).seq:
        raise BadInput(f"The store holds {entries} audit entries: restore into an empty one.")


async def _filled(backup: Store, store: Store) -> int:
    """Copy everything in one transaction; how many letters may have left since. Raises BadInput.

    Another restore may have filled the same database meanwhile, from a data directory of its own.
    """
    async with backup.read() as source, store.write(audited=False) as target:
        await _refuse_entries(target)
        await empty(target)
        await copy_rows(source, target)
        await count_on(target)
        return await outbox.doubt_all(target)


async def _noted(store: Store, manifest: Manifest, now: datetime) -> None:
    """Note it in the chain."""
    async with store.write() as session:
        await audit.append(
            session,
            Subject(SubjectKind.RULE, 0),
            actor=STEWARD,
            control="",
            cause="restored from a backup",
            now=now,
            body={"made at": manifest.made_at.isoformat(), "entry": manifest.seq},
        )
