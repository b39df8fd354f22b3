"""Pictures that are kept: read with care, and stored under their own hash where only we can read them."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import BadInput

#: How the files begin whose kinds we take, and where in the file.
_KINDS = (
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpg", 0, b"\xff\xd8\xff"),
    ("gif", 0, b"GIF8"),
    ("webp", 8, b"WEBP"),
    ("heic", 4, b"ftyphei"),
    ("pdf", 0, b"%PDF-"),
)


@dataclass(frozen=True)
class Picture:
    """A picture's bytes, their SHA-256, and its kind, which is also the end of its file's name."""

    content: bytes
    sha256: str
    kind: str


def read_picture(path: Path, at_most: int) -> Picture:
    """The picture of a file. Raises BadInput: it is not there, too large, or no picture that we know."""
    try:
        if not path.is_file():
            raise BadInput("There is no file of that name: give the picture's file.")
        if path.stat().st_size > at_most:
            raise BadInput(f"The picture has more than {at_most} bytes: make it smaller, and try again.")
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"The picture can't be read ({type(error).__name__}): give another file.") from None
    kind = next((one for one, at, begin in _KINDS if content[at : at + len(begin)] == begin), None)
    if kind is None:
        known = ", ".join(one for one, *_ in _KINDS)
        raise BadInput(f"This is no picture that can be kept: give one of these kinds: {known}.")
    return Picture(content, hashlib.sha256(content).hexdigest(), kind)


def place(folder: Path, sha256: str, kind: str) -> Path:
    """Where a picture is kept."""
    return folder / f"{sha256}.{kind}"


def keep_picture(folder: Path, picture: Picture) -> Path:
    """Write it, readable by us alone; one that is kept already stays as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place(folder, picture.sha256, picture.kind)
    made = folder / f".{picture.sha256}.{os.getpid()}"
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(picture.content)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    return path


def drop_picture(folder: Path, sha256: str, kind: str) -> None:
    """Delete it; none that is gone already."""
    with suppress(FileNotFoundError):
        place(folder, sha256, kind).unlink()


def is_whole(path: Path, sha256: str) -> bool:
    """Whether the file is there, and still what it was."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except OSError:
        return False
