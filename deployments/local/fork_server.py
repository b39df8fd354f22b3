"""A process that has Prefect and the flows loaded, and forks for each run.

    python -m deployments.local.fork_server NAME        (the worker starts it)

Each run is a process of its own. Loading Prefect and the flows is most of what a short run costs, so it is
done once. The worker starts `start_run` for a run, as it would start Prefect's engine. `start_run` asks here
for the fork and stands for it: it hands on signals, and ends as the run ended.

Nothing outlives what it belongs to. A run whose `start_run` is gone is killed; with this process, the kernel
ends its runs; this process ends with the worker, whose end of its standard input is closed then.
"""

import ctypes
import gc
import json
import os
import pkgutil
import runpy
import select
import selectors
import signal
import socket
import struct
import sys
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple

import flows
from deployments.local.environment import RUN_ID
from deployments.local.forks import ROOM, address, shared, shown

#: Answers to whoever asks for a fork; then comes the status of the run, as `os.waitpid` gives it.
FORKED, NOT_HERE = b"y", b"n"
STATUS = struct.Struct("!I")
#: What Prefect and others load only while a flow runs.
LOADED_BY_A_RUN = (
    "anyio._backends._asyncio",
    "holidays.groups",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.telemetry.run_telemetry",
    "prefect.utilities.visualization",
)
_PEER = struct.Struct("3i")
_ASKING_SECONDS = 10.0
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Fork(NamedTuple):
    """A run that lives: its process, and who stands for it."""

    pid: int
    end: int
    caller: socket.socket


def load() -> None:
    """Load what a run needs. No garbage is looked for meanwhile: that finds nothing, and is a sixth of it."""
    gc.disable()
    try:
        for name in (*(one.name for one in pkgutil.iter_modules(flows.__path__, "flows.")), *LOADED_BY_A_RUN):
            import_module(name)
    finally:
        gc.freeze()
        gc.enable()


class Server:
    """Who has asked for what, and which runs live."""

    def __init__(self, name: str) -> None:
        self._selector = selectors.DefaultSelector()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address(name))
        self._listener.listen(64)
        self._runs: dict[int, Fork] = {}
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)

    def serve(self) -> dict[str, str] | None:
        """Fork until the worker is gone; None then, and in a fork the environment of its run."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    if (environ := self._asked()) is not None:
                        return environ
                elif key.fileobj is sys.stdin:
                    return None
                elif run := self._runs.get(key.data):  # it may just have ended
                    if key.fileobj == run.end:
                        self._ended(run)
                    else:
                        self._told(run)

    def _asked(self) -> dict[str, str] | None:
        """Fork for one who asks; in the fork, the environment of its run."""
        caller, _ = self._listener.accept()
        caller.settimeout(_ASKING_SECONDS)
        streams: list[int] = []
        try:
            if _user(caller) != os.getuid():
                return None
            environ = _read(caller, streams)
            if differing := {one for one, _ in shared(environ).items() ^ shared(os.environ).items()}:
                print("A run loads all itself, it has its own:", *sorted(differing), file=sys.stderr)
                caller.sendall(NOT_HERE)
                return None
            if _is_gone(caller):
                return None
            mine = os.getpid()
            if (pid := os.fork()) == 0:
                return self._become_a_run(mine, environ, streams)
            end = _end_of(pid)
            self._runs[pid] = Fork(pid, end, caller)
            for one in (end, caller):
                self._selector.register(one, selectors.EVENT_READ, pid)
            caller.sendall(FORKED)
        except (OSError, TypeError, ValueError):
            return None  # whoever asked is gone, or is none of ours
        finally:
            for stream in streams:
                os.close(stream)
            if all(run.caller is not caller for run in self._runs.values()):
                caller.close()
        return None

    def _told(self, run: Fork) -> None:
        """A signal for the run; or its `start_run` is gone, and the run with it."""
        word = b""
        with suppress(OSError):
            word = run.caller.recv(1)
        if not word:
            self._selector.unregister(run.caller)
        with suppress(OSError):  # no signal of that number
            signal.pidfd_send_signal(run.end, int.from_bytes(word) or signal.SIGKILL)

    def _ended(self, run: Fork) -> None:
        """Tell how it ended."""
        _, status = os.waitpid(run.pid, 0)
        with suppress(OSError):
            run.caller.sendall(STATUS.pack(status))
        del self._runs[run.pid]
        with suppress(KeyError):
            self._selector.unregister(run.caller)
        self._selector.unregister(run.end)
        os.close(run.end)
        run.caller.close()

    def _become_a_run(self, parent: int, environ: dict[str, str], streams: list[int]) -> dict[str, str]:
        """In the fork: let go of what is the server's, take what is the run's. It never serves itself."""
        try:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
            for ignored in _IGNORED:
                signal.signal(ignored, signal.SIG_DFL)
            self._selector.close()
            self._listener.close()
            for run in self._runs.values():
                os.close(run.end)
                run.caller.close()
            self._runs.clear()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            show_run(environ[RUN_ID])
            os.environ.update(environ)
            del os.environ[ROOM]
        except BaseException:  # noqa: BLE001 - whatever it is, a fork that is no run must not serve
            os._exit(1)
        return environ


def show_run(run: str) -> None:
    """Write the id of a run where this process's environment had room for it.

    Other processes see the environment with which a process was started, so this is written into its memory.
    """
    library, said = ctypes.CDLL(None), shown(run)
    library.getenv.restype = ctypes.c_void_p
    begins = library.getenv(ROOM.encode())
    if begins and len(said) == len(f"{ROOM}={os.environ[ROOM]}"):
        ctypes.memmove(begins - len(ROOM) - 1, said, len(said))


def become_the_engine() -> None:
    """Be Prefect's engine for the run that the environment names."""
    sys.argv = ["prefect.engine"]
    sys.modules.pop("prefect.engine", None)  # what else loaded it would be warned of, in each run
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


def main(name: str) -> None:
    """Serve until the worker is gone; in a fork, be its run."""
    load()
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)  # it ends with the worker
    server = Server(name)
    print("ready", flush=True)
    os.dup2(2, 1)
    if server.serve() is not None:
        become_the_engine()


def _end_of(pid: int) -> int:
    """What becomes readable when a run ends. Raises OSError: then it is none, for nobody would hear of it."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def _user(caller: socket.socket) -> int:
    return int(_PEER.unpack(caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[1])


def _is_gone(caller: socket.socket) -> bool:
    """Whether it has hung up: it waited too long."""
    said, _, _ = select.select([caller], [], [], 0)
    return bool(said) and not caller.recv(1, socket.MSG_PEEK)


def _read(caller: socket.socket, streams: list[int]) -> dict[str, str]:
    """The environment that a run is to have, and its three `streams`. Raises OSError, TypeError, ValueError.

    Whoever asks may be killed at any moment: it may have said nothing, or a part.
    """
    head, found, _, _ = socket.recv_fds(caller, STATUS.size, 3)
    streams += found
    while len(head) < STATUS.size:
        head += _more(caller, STATUS.size - len(head))
    (left,) = STATUS.unpack(head)
    text = bytearray()
    while left > len(text):
        text += _more(caller, left - len(text))
    return dict(json.loads(text))


def _more(caller: socket.socket, size: int) -> bytes:
    """Some of what it still has to say. Raises OSError where it has hung up."""
    if not (said := caller.recv(size)):
        raise ConnectionError
    return said


if __name__ == "__main__":
    main(sys.argv[1])
