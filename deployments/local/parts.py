"""One process of the stack: started apart from the terminal, its output in a log of its own."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.errors import StewardError

KEPT_LOGS = 5
_TAIL_LINES = 12


class PartFailed(StewardError):
    """A part of the stack ended, or did not come up; the message shows the end of its log."""


def fresh_log(logs: Path, name: str) -> Path:
    """An empty log for this start; the ones of the starts before are kept as name.log.1, .2 and so on."""
    logs.mkdir(parents=True, exist_ok=True)
    current = logs / f"{name}.log"
    for number in range(KEPT_LOGS, 0, -1):
        older = logs / f"{name}.log.{number - 1}" if number > 1 else current
        if older.exists():
            older.replace(logs / f"{name}.log.{number}")
    current.touch(mode=0o600)
    return current


@dataclass
class Part:
    """A program to be run as one part of the stack."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    account: tuple[int, int] | None = None  # user and group to run as, where it may not be root
    stop_signal: int = 15
    patience_seconds: float = 8.0
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start it in a session of its own: the terminal's Ctrl-C is for `up`, which ends things in order.

        `up` catches SIGINT, so the new program gets the default handling even where a shell's `&`
        had it ignored; a Prefect worker that can't be interrupted would never stop.
        """
        user, group = self.account or (None, None)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(self.env),
                cwd=self.cwd,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if group is None else [group],
            )

    @property
    def pid(self) -> int:
        """Its process id; 0 before it was started."""
        return self.process.pid if self.process else 0

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.returncode if self.process else None

    async def ended(self) -> int:
        """Wait for its end; its exit code."""
        if self.process is None:
            return 0
        return await self.process.wait()

    async def finish(self) -> None:
        """Run it to its end. Raises PartFailed unless it went well."""
        await self.start()
        if await self.ended():
            raise self.failure()

    async def stop(self) -> None:
        """Ask it to end, wait, and make it end."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            async with asyncio.timeout(self.patience_seconds):
                await self.process.wait()
        except TimeoutError:
            if self.process.returncode is None:
                self.process.kill()
            await self.process.wait()

    def failure(self) -> PartFailed:
        """What to tell when it ended by itself: which part, and the last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        shown = "".join(f"\n    {line}" for line in lines) or "\n    (nothing)"
        return PartFailed(
            f"{self.name} ended (exit code {self.exit_code}); the end of {os.path.relpath(self.log)}:{shown}"
        )
