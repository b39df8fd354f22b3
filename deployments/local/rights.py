"""Other users of the machine: what lies in the data directory is for its owner alone."""

import os
import stat
from pathlib import Path

from deployments.local import postgres

#: The bits that a new file or folder of the stack does not get.
OTHERS = 0o077

#: PostgreSQL keeps its own folder closed, and belongs to another user where `up` runs as root.
_OWN_RULES = frozenset({"postgres", "postgres.making"})


def close_to_others(data_dir: Path) -> None:
    """Take group's and others' rights from the data directory and all in it; an earlier version left some.

    As root the directory itself may be passed, not looked into: PostgreSQL runs as another user.
    """
    data_dir.chmod(0o700 if postgres.account() is None else 0o711)
    for folder, folders, files in os.walk(data_dir):
        here = Path(folder)
        if here == data_dir:
            folders[:] = [name for name in folders if name not in _OWN_RULES]
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
