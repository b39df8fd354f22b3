"""Two lanes: what a test asks for decides whether it is in the fast one, which starts and asks no server.

The lane is decided when tests are collected, since one test may run on SQLite and on PostgreSQL. While a test
of the fast lane runs, an audit hook of the interpreter refuses servers: their programs, and sockets to
anything but this very process.
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

#: The marker of the fast lane: `pytest -m fast`.
FAST = "fast"

#: Fixtures that start a server, directly or for the test that asks for them.
SERVERS = frozenset({"postgres_server", "exim_server", "prefect_server", "chromium"})

#: Folders whose tests are about servers or about many nights.
WHOLE_FOLDERS = frozenset({"stack", "faults", "year"})

#: Programs and modules that are servers, or start them.
PROGRAMS = frozenset(
    {
        "postgres", "pg_ctl", "exim4", "prefect", "uvicorn", "deployments.local", "databases.py", "chromium",
        "node",
    }
)  # fmt: skip


class ServerRefused(AssertionError):
    """A test of the fast lane wanted a server: add its fixture to SERVERS, or do without."""


def is_fast(item: pytest.Item) -> bool:
    """Whether a test needs no server."""
    if WHOLE_FOLDERS & set(item.path.parts):
        return False
    if SERVERS & set(getattr(item, "fixturenames", ())):
        return False
    parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    return parameters.get("database") != "postgresql"


class Guard:
    """What refuses servers while it is on. An audit hook can't be taken away again, so there is one."""

    def __init__(self) -> None:
        self.on = False
        self.refused: list[str] = []
        sys.addaudithook(self._heard)

    @contextmanager
    def watching(self, *, on: bool) -> Iterator[None]:
        """Refuse servers for as long as the block runs, if `on`."""
        self.on, self.refused = on, []
        try:
            yield
        finally:
            self.on = False

    def check(self) -> None:
        """Raise ServerRefused if a server was wanted, whatever became of the refusal."""
        if self.refused:
            raise ServerRefused("; ".join(self.refused))

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on or event not in {"subprocess.Popen", "socket.connect"}:
            return
        wanted = _program(arguments[1]) if event == "subprocess.Popen" else _peer(*arguments)
        if wanted:
            self.refused.append(wanted)
            raise ServerRefused(wanted)


def _program(words: Any) -> str | None:
    """The command line, if it starts a server."""
    given = [os.fsdecode(one) for one in ([words] if isinstance(words, str | bytes) else words)]
    return " ".join(given) if PROGRAMS & {Path(one).name for one in given} else None


def _peer(connecting: socket.socket, address: Any) -> str | None:
    """The address, if somebody else listens there or may do so."""
    if connecting.family == socket.AF_UNIX:
        path = os.fsdecode(address)
        return path if ".s.PGSQL." in path and Path(path).exists() else None
    host, port = address[:2]
    if host not in {"127.0.0.1", "::1", "localhost"}:
        return f"{host}:{port}"
    if port in _listening(psutil.Process().net_connections("tcp")):
        return None
    return f"{host}:{port}" if port in _listening(psutil.net_connections("tcp")) else None


def _listening(connections: Any) -> set[int]:
    return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}


guard = Guard()
