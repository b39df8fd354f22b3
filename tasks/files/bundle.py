"""The files of a bundle, from a folder or a zip. A harmful zip is refused."""

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from schemas.errors import BadFile, Place
from tasks.files.headers import WORKSPACE, is_workspace_list
from tasks.files.tabular import BYTES_LIMIT, read_bytes

TOTAL_LIMIT = 200_000_000  # bytes of all files together, unpacked
ENTRIES_LIMIT = 1_000
_ENTRY_BYTES = 1_000  # of one entry in the list, with a long path

#: The record at a zip's end: signature, four numbers of disks and entries, the list's size and place.
_END_RECORD = struct.Struct("<4s4H2LH")
_END_SIGNATURE, _LOCATOR_SIGNATURE = b"PK\x05\x06", b"PK\x06\x07"
_LOCATOR_BYTES, _LONGEST_COMMENT = 20, 65_535
#: How rosters are packed. Other ways take memory as the file likes.
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEAD = 10_000  # bytes of a file that is no zip: its header line, to say what it is


def read_bundle_files(path: Path, wanted: Sequence[str]) -> dict[str, bytes]:
    """The wanted files that are there, by their lower-case names.

    They lie at the top, or all within one folder. A zip is read in memory and never unpacked to disk.
    Raises BadFile: nothing there, no zip, encrypted, too large, a name twice, a path that leads out.
    """
    if path.is_dir():
        return _from_folder(path, wanted)
    if not path.exists():
        raise BadFile("there is no such file or folder", Place(path.name))
    if not zipfile.is_zipfile(path):
        head = read_bytes(path, path.name)[:_HEAD].decode("utf-8-sig", "replace").splitlines()
        if head and is_workspace_list(head[0].split(",")):
            raise BadFile(WORKSPACE, Place(path.name))
        raise BadFile(
            "give the folder or zip with orgs.csv and users.csv, or School.csv and Teacher.csv, in it",
            Place(path.name),
        )
    try:
        _look_at_the_end(path)
        with zipfile.ZipFile(path) as archive:
            return _from_zip(archive, path.name, wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        raise BadFile("the zip is damaged: download it again", Place(path.name)) from None


def _look_at_the_end(path: Path) -> None:
    """Look at a zip's last record before its list of entries is read: a list of 600,000 takes 300 MB.

    Raises BadFile when it says that there are too many, or is of the kind for more than 65,535.
    """
    with path.open("rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - _END_RECORD.size - _LONGEST_COMMENT - _LOCATOR_BYTES)
        file.seek(start)
        end = file.read()
    at = end.rfind(_END_SIGNATURE)
    if at < 0 or len(end) - at < _END_RECORD.size:
        raise BadFile("the zip is damaged: download it again", Place(path.name))
    *_, entries, list_bytes, _, _ = _END_RECORD.unpack_from(end, at)
    large = end[max(0, at - _LOCATOR_BYTES) : at].startswith(_LOCATOR_SIGNATURE)
    if large or entries > ENTRIES_LIMIT or list_bytes > ENTRIES_LIMIT * _ENTRY_BYTES:
        raise BadFile(f"the zip has more than {ENTRIES_LIMIT:,} entries", Place(path.name))


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 of the files' names and contents: the same for a folder and for a zip of it."""
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _from_folder(path: Path, wanted: Sequence[str]) -> dict[str, bytes]:
    try:
        here = {one.name.lower(): one for one in sorted(path.iterdir()) if one.is_file()}
        if not any(name in here for name in wanted):
            folders = [one for one in path.iterdir() if one.is_dir() and not one.name.startswith((".", "__"))]
            if len(folders) == 1:
                here = {one.name.lower(): one for one in sorted(folders[0].iterdir()) if one.is_file()}
    except OSError as error:
        raise BadFile(f"the folder can't be read ({error.strerror})", Place(path.name)) from None
    return {name: read_bytes(here[name], name) for name in wanted if name in here}


def _from_zip(  # noqa: C901 - one refusal after the other reads best in one place
    archive: zipfile.ZipFile, name: str, wanted: Sequence[str]
) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > ENTRIES_LIMIT:
        raise BadFile(f"the zip has more than {ENTRIES_LIMIT:,} entries", Place(name))
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        if not entry.filename:
            raise BadFile("the zip is damaged: download it again", Place(name))
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
            raise BadFile(
                "an entry's path leads out of the zip: this is not a roster",
                Place(name, value=entry.filename),
            )
        file = path.name.lower()
        if entry.is_dir() or file not in wanted or path.parts[0].startswith("__MACOSX"):
            continue
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise BadFile("an entry is a link: pack the files themselves", Place(name, value=entry.filename))
        if len(path.parts) > 2:  # noqa: PLR2004 - one folder and the file
            raise BadFile("the files lie too deep: pack them at the top of the zip", Place(name, value=file))
        if file in found:
            raise BadFile("this file is there twice", Place(name, value=file))
        if entry.flag_bits & 0x1:
            raise BadFile("the zip is encrypted: pack it without a password", Place(name))
        if entry.compress_type not in _PACKED:
            raise BadFile(
                "the zip is packed in an unusual way: pack it as others are", Place(name, value=file)
            )
        found[file] = entry
    files: dict[str, bytes] = {}
    left = TOTAL_LIMIT
    for file, entry in found.items():
        with archive.open(entry) as stream:  # what the zip says of its sizes is not believed
            content = stream.read(min(left, BYTES_LIMIT) + 1)
        left -= len(content)
        if len(content) > BYTES_LIMIT or left < 0:
            raise BadFile("unpacked it is far too large for a roster", Place(name, value=file))
        files[file] = content
    return files
