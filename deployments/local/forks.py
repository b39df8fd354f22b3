"""The worker's side of the fork server: starting it, and what is started for a run."""

import asyncio
import secrets
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from deployments import NO_TELEMETRY
from deployments.local.environment import RUN_ID
from schemas.settings import ROOT

#: What differs from run to run begins so. In all else a run has the environment of the fork server.
OF_A_RUN = "PREFECT__"
#: Room in the fork server's environment for the id of a forked run: other processes look for it there.
ROOM = "STEWARD_FORK"
_ID_LENGTH = 36
_NO_RUN = b"\0\0\0\0"
_STARTS_A_RUN = Path(__file__).with_name("start_run.py")


class Forks:
    """The fork server of one worker: started for the first run, and again should it have ended or hang."""

    #: One that has not answered by then hangs. An answer takes a fraction of a second on a busy machine.
    patience_seconds = 60.0

    def __init__(self) -> None:
        self._name = secrets.token_hex(8)
        self.process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()

    @property
    def command(self) -> str:
        """What starts a run, as one line for a shell."""
        return shlex.join([sys.executable, "-I", "-S", str(_STARTS_A_RUN), self._name])

    @staticmethod
    def room() -> dict[str, str]:
        """What else the fork server needs in its environment."""
        return {ROOM: "-" * (len(RUN_ID) + _ID_LENGTH - len(ROOM))}

    async def ready(self, environ: Mapping[str, str]) -> None:
        """Wait until it has all loaded. `environ`: what each run has.

        Where it can't load all, it ends, and a run loads all itself and tells what is wrong. One that hangs
        is killed: its runs are told as lost, and their work is given back.
        """
        async with self._starting:
            if self.process is not None and self.process.returncode is None:
                if await self._answers():
                    return
                print("The process that forks runs does not answer: it is started again.", file=sys.stderr)
                with suppress(ProcessLookupError):
                    self.process.kill()
                await self.process.wait()
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "deployments.local.fork_server", self._name),
                env={**shared(environ), **self.room()},
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            if self.process.stdout is not None:
                await self.process.stdout.readline()

    async def _answers(self) -> bool:
        """Whether it still takes what it is asked: what asks for no run is hung up on."""
        try:
            async with asyncio.timeout(self.patience_seconds):
                reader, writer = await asyncio.open_unix_connection(address(self._name))
                try:
                    writer.write(_NO_RUN)
                    await reader.read()
                finally:
                    writer.close()
        except TimeoutError:
            return False
        except OSError:
            return True  # it has just hung up, or has ended
        return True


def shared(environ: Mapping[str, str]) -> dict[str, str]:
    """Of a run's environment, what all runs of a worker have; without what `deployments` itself sets."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(OF_A_RUN) and name not in {ROOM, *NO_TELEMETRY}
    }


def shown(run: str) -> bytes:
    """What a run has in the room that it was given; it is as long as that."""
    return f"{RUN_ID}={run}".encode()


def address(name: str) -> str:
    """Where the fork server of that name listens: no file, so nothing is left when it is killed."""
    return f"\0steward-{name}"
