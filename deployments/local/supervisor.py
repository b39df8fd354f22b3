"""`steward up`: start everything in order, watch it, and end it, whatever happens meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from deployments.local import environment, marks, ports
from deployments.local.alone import alone
from deployments.local.ending import end_in_order
from deployments.local.parts import Part
from deployments.local.reviving import keep_alive
from deployments.local.rights import OTHERS, close_to_others
from deployments.local.starting import Stack, remarks, start
from deployments.local.steps import say
from schemas.errors import StewardError
from schemas.settings import Settings
from tasks import clock

_STOPPERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def up(settings: Settings, prefect_file: Path | None = None) -> int:
    """Run the stack until it is told to end; the exit code.

    0 after Ctrl-C, SIGTERM or the closing of the terminal; 1 when a part did not come up, or died again
    and again. Raises RunsAlready, ports.PortTaken, BadPolicy and BadSettings (all exit code 2) before
    anything is started.
    """
    noted = remarks(settings, clock.now())
    os.umask(OTHERS)
    with _stoppable() as stop, _begun(settings.data_dir) as leftovers:
        wanted = {
            "STEWARD_PREFECT_PORT": settings.prefect_port,
            "STEWARD_PORTAL_PORT": settings.portal_port,
        }
        if environment.catches_mail(settings):
            wanted["STEWARD_MAIL_PORT"] = settings.mail_port
        ports.check(wanted)
        if leftovers:
            say(f"Ended {leftovers} processes that an earlier start had left.")
        mark = marks.new(settings.data_dir)
        with _guarded(mark):
            return asyncio.run(_live(Stack(settings, mark, prefect_file, noted), stop))


class _Stop:
    """The request to stop. Signals may come at any moment, even before there is an event loop."""

    def __init__(self) -> None:
        self.wishes = 0
        self.tell: Callable[[], object] = lambda: None

    def wish(self, *_: object) -> None:
        """Note one more request to stop."""
        self.wishes += 1
        self.tell()


@contextmanager
def _stoppable() -> Iterator[_Stop]:
    """From here on a signal is noted as a request to stop; it raises nothing in the middle of something.

    A signal that was ignored stays so (`nohup` and SIGHUP), but for SIGINT: a shell's `&` ignores it,
    and what we start must be able to receive it. Caught signals are reset in what we start.
    """
    stop = _Stop()
    before = {}
    for number in _STOPPERS:
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, stop.wish)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _begun(data_dir: Path) -> Iterator[int]:
    """Hold the data directory, and end what an earlier start left; how many processes that were."""
    with alone(data_dir):
        close_to_others(data_dir)
        (data_dir / "stack.json").unlink(missing_ok=True)
        yield marks.end_all(marks.of_folder(data_dir))


@contextmanager
def _guarded(mark: str) -> Iterator[None]:
    """A guard process for as long as the block runs; see guard.py. At the end nothing of ours is left."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "deployments.local.guard", mark],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=environment.workplace(),
        start_new_session=True,
    ) as guard:
        try:
            yield
        finally:
            marks.end_all(mark)
            with suppress(OSError):
                _say_done(guard.stdin)


def _say_done(pipe: IO[bytes] | None) -> None:
    if pipe:
        pipe.write(b"done\n")
        pipe.flush()


async def _live(stack: Stack, stop: _Stop) -> int:
    """Start, stay, end. The order of ending does not depend on how far the start got."""
    loop = asyncio.get_running_loop()
    wished, hurried = asyncio.Event(), asyncio.Event()

    def tell() -> None:
        wished.set()
        if stop.wishes > 1:
            hurried.set()

    stop.tell = lambda: loop.call_soon_threadsafe(tell)
    if stop.wishes:
        tell()
    code = await _until_told(stack, wished)
    say("Ending (once more Ctrl-C: at once) …")
    begun = time.monotonic()
    await _first(end_in_order(stack), hurried.wait())
    marks.end_all(stack.mark)
    (stack.settings.data_dir / "stack.json").unlink(missing_ok=True)
    say(f"All has ended ({time.monotonic() - begun:.1f} s). What it knew is in {stack.settings.data_dir}.")
    stop.tell = lambda: None
    return code


async def _until_told(stack: Stack, wished: asyncio.Event) -> int:
    """Start and watch; 0 when told to end, 1 when something went wrong, which it has said by then."""
    try:
        await _first(_start_and_watch(stack), wished.wait())
    except StewardError as error:
        stack.steps.broken()
        with suppress(OSError):
            print(error.shown, file=sys.stderr, flush=True)
        return 1
    stack.steps.broken()
    return 0


async def _start_and_watch(stack: Stack) -> None:
    """Start; a part that ends meanwhile is a failure. Afterwards keep everything alive. Raises PartFailed."""
    starting = asyncio.create_task(start(stack))
    watched: dict[asyncio.Task[int], Part] = {}
    try:
        while not starting.done():
            for part in stack.lasting:
                if part not in watched.values() and part.process is not None:
                    watched[asyncio.create_task(part.ended())] = part
            news = asyncio.create_task(stack.news.wait())
            await asyncio.wait({news, starting, *watched}, return_when=asyncio.FIRST_COMPLETED)
            stack.news.clear()
            news.cancel()
            for end, part in watched.items():
                if end.done():
                    raise part.failure()
        starting.result()
    finally:
        for task in (starting, *watched):
            task.cancel()
        await asyncio.gather(starting, *watched, return_exceptions=True)
    await keep_alive(stack)


async def _first(*works: Awaitable[object]) -> None:
    """Wait for the first of these to end, cancel the rest, and raise what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        task.result()
