"""Other users of the machine: what lies in the data directory is for its owner alone."""

import os
import stat
from pathlib import Path

import psutil

from deployments.local import postgres
from schemas.errors import BadSettings

#: The bits that a new file or folder of the stack does not get.
OTHERS = 0o077

#: PostgreSQL keeps its own folder closed, and belongs to another user where `up` runs as root.
_OWN_RULES = frozenset({"postgres", "postgres.making"})


def close_to_others(data_dir: Path) -> None:
    """Take group's and others' rights from the data directory and all in it; an earlier version left some.

    As root the directory itself may be passed, not looked into: PostgreSQL runs as another user.
    Raises BadSettings where something in it is another user's: a command was given as root.
    """
    try:
        data_dir.chmod(0o700 if postgres.account() is None else 0o711)
        close_below(data_dir, but_not=_OWN_RULES)
    except PermissionError as error:
        us = psutil.Process().username()
        raise BadSettings(
            f"{error.filename} is another user's: `chown -R {us}: {data_dir}`, then start it again. Give "
            f"Steward's commands as {us}."
        ) from None


def close_below(folder: Path, *, but_not: frozenset[str] = frozenset()) -> None:
    """Take group's and others' rights from all that is in a folder; `but_not`: names in it that are left."""
    for inner, folders, files in os.walk(folder):
        here = Path(inner)
        if here == folder:
            folders[:] = [name for name in folders if name not in but_not]
        for path in (here / name for name in (*folders, *files)):
            found = path.lstat()
            if not stat.S_ISLNK(found.st_mode) and found.st_mode & OTHERS:
                path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def open_to_others(data_dir: Path) -> list[Path]:
    """What group or others may use in a data directory: files, folders, sockets; not itself."""
    return [
        path
        for path in sorted(data_dir.rglob("*"))
        if not path.is_symlink() and path.exists() and path.lstat().st_mode & OTHERS
    ]
