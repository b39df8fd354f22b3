"""A stack under test: `up` as a process of its own, read line by line; and what is left of it."""

import asyncio
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import psutil

from deployments.local import marks
from tasks.prefect.api import PrefectApi
from tests.stack import forked
from tests.stack.public_site import Site

ROOT = Path(__file__).resolve().parents[2]
DOUBLES = Path(__file__).resolve().parent / "doubles"
READY = "Ctrl-C ends everything"

#: Far more than any step needs: reached only when something hangs.
PATIENCE = 600

#: Tuesday 20 October 2026, 10:00 in the division, whenever the tests run: within working hours.
AT = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)

T = TypeVar("T")


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


class Place:
    """A data directory and ports of its own, on which `up` may run again and again."""

    def __init__(self, data: Path, *, prefect_file: Path | None = None, **settings: str) -> None:
        self.settings = settings
        self.data = data
        self.prefect_port, self.mail_port, self.portal_port = free_ports(3)
        self.prefect_file = prefect_file
        self.first_output = ""

    @property
    def env(self) -> dict[str, str]:
        """The environment of `up` and of commands beside it."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "STEWARD_"))
        }
        return {
            **kept,
            "STEWARD_RUN_FORMS": "all",
            "STEWARD_DATA_DIR": str(self.data),
            "STEWARD_PREFECT_PORT": str(self.prefect_port),
            "STEWARD_MAIL_PORT": str(self.mail_port),
            "STEWARD_PORTAL_PORT": str(self.portal_port),
            "PYTHONPATH": str(DOUBLES),
            **self.settings,
        }

    @property
    def command(self) -> list[str]:
        """What starts it: with the deployments of a file of its own, or with the real ones."""
        module = [sys.executable, "-m", "deployments.local"]
        return [*module, "--prefect-file", str(self.prefect_file)] if self.prefect_file else module

    def leftovers(self) -> list[psutil.Process]:
        """Every living process of a stack here."""
        return marks.carriers(marks.of_folder(self.data))

    def log(self, name: str) -> str:
        """What a part has written since its last start."""
        return (self.data / "logs" / f"{name}.log").read_text()

    @property
    def facts(self) -> dict[str, Any]:
        """What `up` tells the commands on this machine."""
        facts: dict[str, Any] = json.loads((self.data / "stack.json").read_text())
        return facts

    def ask(self, question: Callable[[PrefectApi], Any]) -> Any:
        """Ask its Prefect something and wait for the answer."""

        async def asked() -> Any:
            auth = (self.data / "prefect-auth").read_text().strip()
            async with PrefectApi(self.facts["api_url"], auth, 30) as api:
                return await question(api)

        return asyncio.run(asked())

    def steward(self, *arguments: str, code: int = 0) -> str:
        """Run a command beside it; its output."""
        done = forked.run(arguments, self.env, timeout=PATIENCE)
        assert done.returncode == code, done.stderr
        return done.stdout

    @contextmanager
    def up(self) -> Iterator["Up"]:
        """Run `up` for as long as the block runs; nothing of it is left afterwards, in any case."""
        running = Up(self)
        try:
            yield running
        finally:
            running.end()
            marks.end_all(marks.of_folder(self.data))


class Up:
    """One run of `up`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.seen: list[str] = []
        self.process = subprocess.Popen(  # noqa: S603
            place.command,
            env=place.env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    @property
    def output(self) -> str:
        """All that it has written as far as it was read."""
        return "\n".join(self.seen)

    def until(self, words: str) -> str:
        """Read on until a line has these words; that line."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            assert line is not None, f"ended before {words!r}:\n{self.output}"
            self.seen.append(line)
            if words in line:
                return line

    def send(self, number: signal.Signals) -> None:
        """Send a signal to `up` alone."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for its end; its exit code. Its whole output is read then."""
        code = self.process.wait(timeout=PATIENCE)
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.seen.append(line)
        return code

    def end(self) -> None:
        """Make sure that it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def a_stack(public: Site) -> Iterator[list[Up]]:
    """A stack with the sample division, on a Tuesday at 10:00. Who lets it die adds the next one."""
    with tempfile.TemporaryDirectory(prefix="steward-stack-") as made:
        place = Place(
            Path(made, "data"),
            STEWARD_CLOCK_OFFSET_SECONDS=f"{AT.timestamp() - time.time():.0f}",
            STEWARD_PAGE_ALLOW=json.dumps([public.host]),
        )
        ups = [Up(place)]
        try:
            ups[0].until(READY)
            place.first_output = ups[0].output
            yield ups
        finally:
            ups[-1].end()
            marks.end_all(marks.of_folder(place.data))
