"""What dies is started again, with growing pauses, and said. Only a part that keeps dying ends the stack."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from deployments.local import environment, marks, ports, postgres, prefect_setup
from deployments.local.parts import Part, PartFailed
from deployments.local.starting import Stack, is_healthy, store_work, write_stack_file
from deployments.local.steps import say
from deployments.local.waiting import PATIENCE_SECONDS, port_answers
from tasks.prefect.api import NOTICE_DELIVERY, PrefectApi, PrefectUnavailable, Run

#: A part that ends so often within so many seconds is not started again.
DEATHS, WITHIN_SECONDS = 5, 60.0
#: Before the first new start, the second, and so on.
PAUSES_SECONDS = (0.2, 1.0, 2.0, 4.0)
#: How often runs are compared with processes, and how often one may be found without its process.
LOOK_SECONDS, LOOKS = 10.0, 3
_LOOK_AGAIN_SECONDS = 0.1


class Deaths:
    """Which part died when, in seconds of a clock that only goes on."""

    def __init__(self) -> None:
        self._of: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=DEATHS))

    def pause(self, part: Part, now: float) -> float:
        """Note one more death; how long to wait before the next start. Raises PartFailed after too many."""
        of = self._of[part.name]
        of.append(now)
        if len(of) == DEATHS and now - of[0] <= WITHIN_SECONDS:
            raise PartFailed(f"{part.name} ended {DEATHS} times within a minute. {part.failure()}")
        recent = sum(now - one <= WITHIN_SECONDS for one in of)
        return PAUSES_SECONDS[min(recent, len(PAUSES_SECONDS)) - 1]


async def keep_alive(stack: Stack) -> None:
    """For ever: start again what died, and let go of runs whose process is gone. Raises PartFailed."""
    deaths, lost = Deaths(), LostRuns()
    while True:
        if dead := [part for part in stack.lasting if not part.running]:
            await _revive(stack, dead, deaths)
        else:
            await _first_end(stack.lasting)
            if all(part.running for part in stack.lasting):
                with suppress(PrefectUnavailable):
                    async with stack.api() as api:
                        here = {run for run, _ in _processes_of_runs(stack.mark)}
                        await _let_go(stack, await lost.look(api, here))


async def _first_end(parts: list[Part]) -> None:
    """Until a part ends, or it is time to look at the runs."""
    ends = [asyncio.create_task(part.ended()) for part in parts]
    try:
        await asyncio.wait(ends, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)


async def _revive(stack: Stack, dead: list[Part], deaths: Deaths) -> None:
    """Start these again, in the order in which they need one another. Raises PartFailed."""
    for part in dead:
        pause = deaths.pause(part, time.monotonic())
        say(f"{part.name} ended (exit code {part.exit_code}): it is started again in {pause:g} s.")
        await asyncio.sleep(pause)
        if part.name == "worker":
            with suppress(PrefectUnavailable):
                await _clear_up(stack)
        await part.start()
        await _until_ready(stack, part)
        write_stack_file(stack)
        if part.running:
            say(f"{part.name} runs again.")


async def _clear_up(stack: Stack) -> None:
    """After the worker's end: end its runs, say so to Prefect, and let the next run have their work."""
    for _, process in _processes_of_runs(stack.mark):
        await asyncio.to_thread(marks.end, process)
    async with stack.api() as api:
        await _give_back(stack, await prefect_setup.mark_crashed(api))


async def _let_go(stack: Stack, lost: list[Run]) -> None:
    """Runs without a process: Prefect would show them as running for ever, and hold their place."""
    if lost:
        runs = "1 run" if len(lost) == 1 else f"{len(lost)} runs"
        say(f"{runs} had no process any more: the next run does that work.")
        async with stack.api() as api:
            await prefect_setup.crash(api, lost)
        await _give_back(stack, lost)


async def _give_back(stack: Stack, dead: list[Run]) -> None:
    """Their work waits again, and a delivery asks for its runs; else the next night's sweep does both."""
    if not dead:
        return
    try:
        say(await store_work(stack, "give-back", "give-back", *(run.id for run in dead)))
        async with stack.api() as api:
            await api.ask_run(NOTICE_DELIVERY)
    except (PartFailed, PrefectUnavailable):
        say("The work of dead runs could not be given back now: the nightly sweep does it.")


async def _until_ready(stack: Stack, part: Part) -> None:
    """Wait until it serves, or has ended once more. Raises PartFailed when it does neither."""
    data, settings = stack.data / "postgres", stack.settings
    asks: dict[str, Callable[[], Awaitable[bool]]] = {
        "postgres": lambda: postgres.serves(data),
        "server": lambda: is_healthy(stack),
        "mail": lambda: port_answers(ports.HOST, settings.mail_port),
        "portal": lambda: port_answers(*environment.pages_at(settings)),
    }
    if (ready := asks.get(part.name)) is None:
        return
    ends = time.monotonic() + PATIENCE_SECONDS
    while part.running and not await ready():
        if time.monotonic() >= ends:
            raise PartFailed(f"{part.name} did not come up again: see its log.")
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


class LostRuns:
    """Runs that look alive in Prefect and have no process here, over several looks."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    async def look(self, api: PrefectApi, here: Collection[str]) -> list[Run]:
        """One more look; the runs lost for sure. `here`: those with a process. Raises PrefectUnavailable."""
        without = [run for run in await api.runs_in(prefect_setup.ALIVE) if run.id not in here]
        self._seen = {run.id: self._seen.get(run.id, 0) + 1 for run in without}
        return [run for run in without if self._seen[run.id] >= LOOKS]


def _processes_of_runs(mark: str) -> "list[tuple[str, marks.Process]]":
    """The processes of runs, each beside its run's id: the run, and what stands for it (start_run.py)."""
    found = []
    for process in marks.carriers(mark):
        with suppress(marks.Error, OSError):
            if run := process.environ().get(environment.RUN_ID):
                found.append((run, process))
    return found
