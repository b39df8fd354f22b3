"""Who may use what of an installation: files, folders, sockets; what is too open, and what to do."""

import ipaddress
import os
import pwd
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deployments.local import marks, postgres
from deployments.local.rights import OTHERS
from schemas.errors import StoreUnavailable
from schemas.settings import ROOT, Settings

#: As root the data directory may be passed: PostgreSQL runs as another user.
_PASS = 0o011
_ANYBODY_WRITES = stat.S_IWOTH
#: Most of all files: PostgreSQL's and Prefect's own, and one for each mail.
_KINDS = {stat.S_IFDIR: "folder", stat.S_IFREG: "file", stat.S_IFSOCK: "socket"}


@dataclass(frozen=True)
class Seen:
    """One file, folder, socket, or address that is listened on.

    `fault`: what is wrong and what to do; empty where nothing is. `mode` are the octal digits of chmod; empty
    for an address, whose `owner` is the process.
    """

    kind: str
    where: str
    owner: str
    mode: str
    fault: str = ""


def look(settings: Settings) -> tuple[Seen, ...]:
    """Everything in the data directory, what is run from, and where the stack listens; faults first.

    Raises StoreUnavailable where there is no data directory.
    """
    data = settings.data_dir.resolve()
    if not data.is_dir():
        raise StoreUnavailable("There is no data directory here yet: `make up` or `steward up` makes it.")
    found = [*_inside(data), *_above(data), *_run_from(settings), *_listening(data)]
    return tuple(sorted(found, key=lambda one: not one.fault))


def _inside(data: Path) -> Iterator[Seen]:
    us, theirs = os.geteuid(), postgres.account()
    allowed = {us} if theirs is None else {us, theirs[0]}
    for path in (data, *sorted(data.rglob("*"))):
        with suppress(OSError):  # gone meanwhile
            there = path.lstat()
            if stat.S_ISLNK(there.st_mode):
                continue
            fault, open_to = "", there.st_mode & OTHERS
            if path == data and theirs is not None:
                open_to &= ~_PASS
            if open_to:
                fault = f"others may use it: chmod go-rwx {path}"
            elif there.st_uid not in allowed:
                fault = f"it is another user's, who may change it: chown {_name(us)} {path}"
            yield _seen(path, there, fault)


def _above(data: Path) -> Iterator[Seen]:
    """The folders above: whoever may write there can put another data directory in its place."""
    for path in data.parents:
        there = path.lstat()
        if there.st_mode & _ANYBODY_WRITES and not there.st_mode & stat.S_ISVTX:
            yield _seen(path, there, f"anybody may put another data directory there: chmod o-w {path}")


def _run_from(settings: Settings) -> Iterator[Seen]:
    """What decides what is run: the checkout, its Python, the policy file. It is no secret."""
    for path in dict.fromkeys((ROOT, ROOT / "prefect.yaml", Path(sys.prefix), settings.policy_file)):
        with suppress(OSError):
            there = path.stat()
            fault = f"anybody may change what is run: chmod o-w {path}"
            yield _seen(path, there, fault if there.st_mode & _ANYBODY_WRITES else "")


def _listening(data: Path) -> Iterator[Seen]:
    """The addresses on which the processes of the stack and their children listen."""
    carriers = marks.carriers(marks.of_folder(data))
    children = [child for one in carriers for child in _children(one)]
    for process in {one.pid: one for one in (*carriers, *children)}.values():
        with suppress(psutil.Error, OSError):
            for one in process.net_connections("inet"):
                if one.status == psutil.CONN_LISTEN:
                    where = f"{one.laddr.ip}:{one.laddr.port}"
                    yield Seen(
                        "listens", where, f"{process.name()} ({process.pid})", "", _beyond(one.laddr.ip)
                    )


def _beyond(address: str) -> str:
    """A fault where an address is heard from other machines."""
    if ipaddress.ip_address(address).is_loopback:
        return ""
    return "other machines reach it: end the stack, take out what sets this address, and start it again"


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        found: list[psutil.Process] = process.children(recursive=True)
        return found
    return []


def _seen(path: Path, there: os.stat_result, fault: str) -> Seen:
    kind = _KINDS.get(stat.S_IFMT(there.st_mode), "other")
    return Seen(kind, str(path), _name(there.st_uid), f"{stat.S_IMODE(there.st_mode):04o}", fault)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
