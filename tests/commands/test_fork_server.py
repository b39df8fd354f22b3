"""A run is a fork of a process that has all loaded, and nothing outlives what it belongs to."""

import asyncio
import json
import os
import shlex
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from deployments.local.environment import RUN_ID
from deployments.local.forks import ROOM, Forks, address
from tests.support.databases import ROOT

#: What a worker and its runs share; pytest writes into its own while a test runs.
HERE = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
ID = "0199f0aa-0000-7000-8000-000000000001"

#: A fork server that loads nothing, and whose runs do what their entrypoint says.
SERVES = """
import os, signal, sys
from deployments.local import fork_server
os.getuid = lambda: {user}
server = fork_server.Server({name!r})
print("ready", flush=True)
if server.serve() is not None:
    print("a run", os.getpid(), os.environ.get({room!r}), flush=True)
    exec(os.environ["PREFECT__FLOW_ENTRYPOINT"])
"""


class Served:
    """One fork server of the tests."""

    def __init__(self, server: asyncio.subprocess.Process, forks: Forks) -> None:
        self.server, self.forks = server, forks
        self.started: list[asyncio.subprocess.Process] = []

    async def start(self, does: str, cwd: Path = ROOT, **environ: str) -> asyncio.subprocess.Process:
        """Start a run that does this."""
        stands = await asyncio.create_subprocess_exec(
            *shlex.split(self.forks.command),
            env={**HERE, RUN_ID: ID, "PREFECT__FLOW_ENTRYPOINT": does, **environ},
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        self.started.append(stands)
        return stands

    async def run(self, does: str) -> tuple[asyncio.subprocess.Process, psutil.Process]:
        """Start a run that does this, and wait for it: what stands for it, and the run itself."""
        stands = await self.start(does)
        assert stands.stdout is not None
        said, number, room = (await stands.stdout.readline()).decode().rsplit(maxsplit=2)
        assert (said, room) == ("a run", "None")
        return stands, psutil.Process(int(number))


@asynccontextmanager
async def serving(user: int) -> AsyncIterator[Served]:
    """A fork server that takes itself for this user's."""
    forks = Forks()
    name = shlex.split(forks.command)[-1]
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVES.format(name=name, user=user, room=ROOM)),
        cwd=ROOT,
        env={**HERE, **forks.room()},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None
    assert await server.stdout.readline() == b"ready\n"
    try:
        served = Served(server, forks)
        yield served
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()
        for stands in served.started:
            await stands.communicate()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A fork server of our own."""
    async with serving(os.getuid()) as one:
        yield one


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A folder in which Prefect's engine only says that it was asked."""
    package = tmp_path / "prefect"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "engine.py").write_text("print('all is loaded anew')")
    return tmp_path


async def gone(process: psutil.Process) -> None:
    """Wait until it has ended."""
    await asyncio.to_thread(process.wait)


@pytest.mark.parametrize("code", [0, 3])
async def test_it_ends_as_its_run_ended(served: Served, code: int) -> None:
    stands, _ = await served.run(f"sys.exit({code})")
    assert await stands.wait() == code


async def test_a_run_is_found_by_its_id(served: Served) -> None:
    """Who looks for the processes of runs reads the environment that the kernel shows."""
    stands, run = await served.run("signal.pause()")
    assert run.environ()[RUN_ID] == ID
    assert psutil.Process(stands.pid).environ()[RUN_ID] == ID
    assert RUN_ID not in psutil.Process(served.server.pid).environ()


async def test_two_runs_are_apart(served: Served) -> None:
    one, first = await served.run("signal.pause()")
    other, _ = await served.run("sys.exit(0)")
    assert await other.wait() == 0
    assert first.is_running()
    assert one.returncode is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_reaches_the_run(served: Served, number: signal.Signals) -> None:
    stands, run = await served.run(
        "signal.signal(signal.SIGINT, signal.SIG_DFL); print('now', flush=True)\nsignal.pause()"
    )
    assert stands.stdout is not None
    await stands.stdout.readline()
    stands.send_signal(number)
    assert await stands.wait() == -number
    await gone(run)


async def test_a_run_ends_with_what_stands_for_it(served: Served) -> None:
    stands, run = await served.run("signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()")
    stands.kill()
    await gone(run)
    _, other = await served.run("signal.pause()")
    assert other.is_running()


async def test_runs_end_with_their_server_and_are_told_as_lost(served: Served) -> None:
    stands, run = await served.run("signal.pause()")
    served.server.kill()
    assert await stands.wait() == 1
    await gone(run)


async def test_all_end_when_the_worker_is_gone(served: Served) -> None:
    stands, run = await served.run("signal.pause()")
    assert served.server.stdin is not None
    served.server.stdin.close()
    assert await served.server.wait() == 0
    await gone(run)
    assert await stands.wait() == 1


async def test_a_run_killed_by_the_system_says_so(served: Served) -> None:
    stands, run = await served.run("signal.pause()")
    run.kill()
    assert await stands.wait() == -signal.SIGKILL


async def test_a_run_with_an_environment_of_its_own_is_no_fork(served: Served, engine: Path) -> None:
    """What Prefect read at its import would be another one's."""
    stands = await served.start("sys.exit(3)", engine, STEWARD_CLOCK_OFFSET_SECONDS="1")
    said, _ = await stands.communicate()
    assert said == b"all is loaded anew\n"


async def test_without_a_server_a_run_loads_all_itself(served: Served, engine: Path) -> None:
    served.server.kill()
    await served.server.wait()
    said, _ = await (await served.start("sys.exit(3)", engine)).communicate()
    assert said == b"all is loaded anew\n"


async def test_nobody_else_is_given_a_fork(engine: Path) -> None:
    async with serving(os.getuid() + 1) as served:
        stands = await served.start("sys.exit(3)", engine)
        said, _ = await stands.communicate()
        assert b"a run" not in said


async def test_the_worker_starts_it_once_and_again_when_it_is_gone() -> None:
    forks, environ = Forks(), {**HERE, "PREFECT__FLOW_NAME": "one"}
    await forks.ready(environ)
    first = forks.process
    assert first is not None
    await forks.ready(environ)
    assert forks.process is first
    first.kill()
    await first.wait()
    await forks.ready(environ)
    second = forks.process
    assert second is not None
    assert second.returncode is None
    assert "PREFECT__FLOW_NAME" not in psutil.Process(second.pid).environ()
    second.kill()
    await second.wait()


async def test_one_that_hangs_is_killed_and_started_again(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a run that lives below it is told as lost: nobody waits for it for ever."""
    forks = served.forks
    forks.process, forks.patience_seconds = served.server, 0.5
    await forks.ready(HERE)
    assert forks.process is served.server, "one that answers stays"
    stands, run = await served.run("signal.pause()")
    served.server.send_signal(signal.SIGSTOP)
    await forks.ready(HERE)
    assert forks.process is not served.server
    assert await stands.wait() == 1
    await gone(run)
    assert "does not answer" in capsys.readouterr().err
    forks.process.kill()
    await forks.process.wait()


async def test_whoever_waits_no_longer_is_given_no_fork(served: Served) -> None:
    served.server.send_signal(signal.SIGSTOP)
    told, writes = os.pipe()
    asked = json.dumps({**HERE, RUN_ID: ID, "PREFECT__FLOW_ENTRYPOINT": "pass"}).encode()
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(address(shlex.split(served.forks.command)[-1]))
        socket.send_fds(caller, [len(asked).to_bytes(4, "big")], [0, writes, 2])
        caller.sendall(asked)
    os.close(writes)
    served.server.send_signal(signal.SIGCONT)
    await served.run("sys.exit(0)")
    assert os.read(told, 1) == b"", "every one that could write has closed it"
    os.close(told)


@pytest.mark.parametrize(
    "said",
    [b"", b"\0\0", b"\0\0\0\x09{", b"\0\0\0\x02no", b"\0\0\0\x02[]"],
    ids=["nothing", "half a length", "a part", "no JSON", "no environment"],
)
async def test_whoever_hangs_up_too_early_ends_no_other_s_run(served: Served, said: bytes) -> None:
    """What stands for a run may be killed before it has asked; each run below this process ended with it."""
    stands, run = await served.run("signal.pause()")
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(address(shlex.split(served.forks.command)[-1]))
        caller.sendall(said)
    other, _ = await served.run("sys.exit(0)")
    assert await other.wait() == 0
    assert run.is_running()
    assert (stands.returncode, served.server.returncode) == (None, None)
    assert len(psutil.Process(served.server.pid).open_files()) == 0


async def test_a_signal_that_there_is_not_ends_no_other_s_run(served: Served) -> None:
    asked = json.dumps({**HERE, RUN_ID: ID, "PREFECT__FLOW_ENTRYPOINT": "signal.pause()"}).encode()
    _, run = await served.run("signal.pause()")
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(address(shlex.split(served.forks.command)[-1]))
        socket.send_fds(caller, [len(asked).to_bytes(4, "big")], [0, 2, 2])
        caller.sendall(asked)
        assert await asyncio.to_thread(caller.recv, 1) == b"y"
        caller.sendall(b"\xff")
        await (await served.run("sys.exit(0)"))[0].wait()
        assert run.is_running()
