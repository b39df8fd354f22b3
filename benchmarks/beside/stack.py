"""The whole local stack for a measurement: started as `steward up` starts it, gone at the end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deployments.local import marks
from schemas.settings import ROOT, Settings
from tasks import clock

READY = "Ctrl-C ends everything"
#: Tuesday 20 October 2026, 10:00 in the division, whenever it is measured: within working hours.
AT = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
_ENDS_WITHIN_SECONDS = 60


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def a_stack(data: Path) -> Iterator[Settings]:
    """Start it on a data directory and free ports; its settings, which this process's environment has too.

    In whatever way the block ends, Ctrl-C included, no process of the stack is left.
    """
    prefect_port, mail_port, portal_port = free_ports(3)
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "STEWARD_"))]:
        del os.environ[name]
    os.environ |= {
        "STEWARD_DATA_DIR": str(data),
        "STEWARD_PREFECT_PORT": str(prefect_port),
        "STEWARD_MAIL_PORT": str(mail_port),
        "STEWARD_PORTAL_PORT": str(portal_port),
        clock.OFFSET: f"{(AT - clock.wall()).total_seconds():.0f}",
        "PYTHONPATH": str(ROOT),  # the worker's runs import benchmarks.beside.nothing
        "DO_NOT_TRACK": "1",
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as after Ctrl-C: what was started is ended
    log = data.with_suffix(".log")
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", "deployments.local"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it
        ) as up,
    ):
        try:
            _wait_ready(up)
            yield Settings()
        finally:
            up.send_signal(signal.SIGINT)
            try:
                up.wait(_ENDS_WITHIN_SECONDS)
            finally:
                up.kill()
                marks.end_all(marks.of_folder(data))


def _wait_ready(up: subprocess.Popen[str]) -> None:
    """Read what it says until all is there; the rest of its output is few lines and fits the pipe."""
    said = []
    for line in up.stdout or ():
        said.append(line)
        if READY in line:
            return
    raise RuntimeError(f"the stack did not come up:\n{''.join(said)}")
