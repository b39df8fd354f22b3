"""The order in which the stack stops: first the work, then what the work needs."""

import asyncio
from contextlib import suppress

import psutil

from deployments.local import prefect_setup
from deployments.local.parts import Part
from deployments.local.starting import Stack
from tasks.prefect.api import PrefectUnavailable

#: Runs that are under way get this long; what they did not finish, the next start's runs do.
DRAIN_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.1


async def end_in_order(stack: Stack) -> None:
    """End the web pages, let runs finish, then end the worker, Prefect's server, the catcher, PostgreSQL."""
    by_name = {part.name: part for part in stack.lasting}
    if pages := by_name.get("portal"):
        await pages.stop()
    worker = by_name.pop("worker", None)
    if worker and worker.running:
        await _end_worker(stack, worker)
    for name in ("server", "mail", "postgres"):
        if part := by_name.get(name):
            await part.stop()


async def _end_worker(stack: Stack, worker: Part) -> None:
    """Start no new runs, give running ones a short time, then mark the rest as crashed."""
    async with stack.api() as api:
        with suppress(PrefectUnavailable):
            await prefect_setup.pause(api, paused=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while _runs(worker):  # noqa: ASYNC110 - other processes set no event of ours
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        await worker.stop()
        with suppress(PrefectUnavailable):
            await prefect_setup.mark_crashed(api)


def _runs(worker: Part) -> list[psutil.Process]:
    """The processes of runs."""
    with suppress(psutil.Error):
        found: list[psutil.Process] = psutil.Process(worker.pid).children()
        return found
    return []
