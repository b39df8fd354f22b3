"""Two lanes: what a test asks for decides whether it is in the fast one, which starts and asks no server.

What is long stays out of it too, by its module: the fast lane is for while one works.

The lane is decided when tests are collected, since one test may run on SQLite and on PostgreSQL. While a test
of the fast lane runs, a guard refuses servers: their programs, and sockets to anything but this very process.
"""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
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

#: Modules whose tests live through many nights, walk through a whole store or every door, or start processes.
LONG = frozenset(
    {
        "adoption/test_trying.py", "boards/test_a_control_taken_out.py", "boards/test_harbour_month.py",
        "commands/test_act_doors.py", "commands/test_every_command.py", "commands/test_four_edits.py",
        "commands/test_time_at_start.py",
        "lifecycles/test_night_brake_story.py", "portal/test_every_page.py", "portal/test_pressed.py",
        "sample/test_sample.py",
        "store/test_backup.py", "store/test_clock.py", "store/test_deciders.py", "store/test_migrations.py",
        "store/test_tampering.py", "store/test_transition_machine.py", "texts/test_letters.py",
        "texts/test_pages.py",
    }
)  # fmt: skip

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
    """Whether a test needs no server, and is none of the long ones."""
    if WHOLE_FOLDERS & set(item.path.parts) or "/".join(item.path.parts[-2:]) in LONG:
        return False
    if SERVERS & set(getattr(item, "fixturenames", ())):
        return False
    parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    return parameters.get("database") != "postgresql"


class Guard:
    """What refuses servers while it is on.

    It stands at the two doors to another process. An audit hook would hear of each of millions of other
    things first: that was a twentieth of the tests' time.
    """

    def __init__(self) -> None:
        self.on = False
        self.refused: list[str] = []

    def stand(self) -> None:
        """Take its place, for as long as this process lives."""
        start, connect, connect_ex = (
            subprocess.Popen.__init__,
            socket.socket.connect,
            socket.socket.connect_ex,
        )

        def started(process: Any, args: Any, *more: Any, **named: Any) -> None:
            self._refuse(_program, args)
            start(process, args, *more, **named)

        def connected(connecting: socket.socket, address: Any) -> None:
            self._refuse(_peer, connecting, address)
            connect(connecting, address)

        def tried(connecting: socket.socket, address: Any) -> int:
            self._refuse(_peer, connecting, address)
            return connect_ex(connecting, address)

        subprocess.Popen.__init__ = started  # type: ignore[method-assign, assignment]
        socket.socket.connect = connected  # type: ignore[method-assign, assignment]
        socket.socket.connect_ex = tried  # type: ignore[method-assign, assignment]

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

    def _refuse(self, wants: Callable[..., str | None], *what: Any) -> None:
        if self.on and (wanted := wants(*what)):
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
guard.stand()
