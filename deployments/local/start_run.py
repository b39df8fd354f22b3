"""Start one run: as a fork of a process that has all loaded, or else as a process that loads it.

    python -I -S start_run.py NAME

The worker starts this in the place of Prefect's engine. It imports nothing of ours, so that it costs next to
nothing. NAME is the fork server's (see fork_server.py). This process stands for the run: it hands on signals,
and it ends as the run ended. The run is told by the environment, as it is for `python -m prefect.engine`.
"""

import json
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

_NOT_HERE, _STATUS = b"n", struct.Struct("!I")
_LOST = 1
#: A fork server that has not answered by then hangs; it takes a fraction of a second on a busy machine.
_ANSWER_SECONDS = 120


def main(name: str) -> int:
    """Start the run and wait for it; its exit code."""
    server = socket.socket(socket.AF_UNIX)
    server.settimeout(_ANSWER_SECONDS)
    try:
        server.connect(f"\0steward-{name}")
        text = json.dumps(dict(os.environ)).encode()
        socket.send_fds(server, [_STATUS.pack(len(text))], [0, 1, 2])
        server.sendall(text)
    except OSError:
        _load_all()
    if (answer := _receive(server, 1)) == _NOT_HERE:
        _load_all()
    if not answer:
        return _LOST  # it may have begun: Prefect is told that it crashed, and its work is given back
    server.settimeout(None)  # a run takes as long as it takes

    def hand_on(number: int, _: FrameType | None) -> None:
        server.send(bytes([number]))

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hand_on)
    if len(told := _receive(server, _STATUS.size)) < _STATUS.size:
        return _LOST
    code = os.waitstatus_to_exitcode(*_STATUS.unpack(told))
    if code < 0:
        with suppress(OSError):  # the kernel keeps SIGKILL to itself
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _load_all() -> NoReturn:
    """No fork can be had: be Prefect's engine, which loads all itself."""
    os.execv(sys.executable, [sys.executable, "-m", "prefect.engine"])  # noqa: S606 - our own interpreter


def _receive(server: socket.socket, size: int) -> bytes:
    """As many bytes; fewer where the server is gone."""
    with suppress(OSError):
        return server.recv(size, socket.MSG_WAITALL)
    return b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
