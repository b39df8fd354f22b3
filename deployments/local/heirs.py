"""On several machines: the work of a worker that is gone goes to those that are there.

Prefect shows the runs of a dead worker as running for ever. On one machine `up` sees that their process is
gone; here nobody sees the other machine. A worker that starts clears up after the one of its own name that
was here before. All of them look, now and then, whether another one has been silent for so long that Prefect
calls it offline.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from deployments.local import environment, marks, prefect_setup
from deployments.local.store_work import give_back
from schemas.errors import StewardError, StoreUnavailable
from schemas.settings import Settings
from tasks import clock
from tasks.prefect.api import NOTICE_DELIVERY, PrefectApi, PrefectUnavailable, Run

log = structlog.get_logger(__name__)

LOOK_SECONDS, AGAIN_SECONDS = 30.0, 5.0
_TIMEOUT_SECONDS = 30.0
#: A run that was handed out and has no process after that time has lost it: a start takes some seconds.
STARTED_WITHIN = timedelta(minutes=5)


def left_by(runs: Sequence[Run], gone: frozenset[str], now: datetime) -> list[Run]:
    """Of runs that look alive, those of these workers, and those that nobody began. `now`: really."""
    return [
        run
        for run in runs
        if run.worker in gone
        or (run.state_type == "PENDING" and run.since is not None and now - run.since > STARTED_WITHIN)
    ]


async def offline(api: PrefectApi) -> frozenset[str]:
    """The workers of the pool that Prefect has not heard of for a while. Raises PrefectUnavailable."""
    workers = await api.call("POST", f"work_pools/{environment.POOL}/workers/filter", {})
    return frozenset(one["name"] for one in workers if one["status"] == "OFFLINE")


async def clear_up_own(settings: Settings, name: str) -> int:
    """Before the worker `name` begins: what the one before it left is ended and given back; how many runs.

    Whatever still runs here of it is killed first, so its letters can be given back as well. Raises
    PrefectUnavailable, StoreUnavailable.
    """
    await asyncio.to_thread(_end_runs, marks.of_folder(settings.data_dir))
    async with _api(settings) as api:
        runs = await api.runs_in(prefect_setup.ALIVE)
        own = [run for run in runs if run.worker == name]
        await _inherit(api, settings, own, letters=True)
        return len(own)


async def begin(settings: Settings, name: str) -> int:
    """`clear_up_own`, once Prefect and the store can be reached: a machine may be up before the others."""
    while True:
        try:
            return await clear_up_own(settings, name)
        except (PrefectUnavailable, StoreUnavailable) as error:
            log.warning("the worker waits", reason=str(error))
            await asyncio.sleep(AGAIN_SECONDS)


async def look(settings: Settings, name: str) -> int:
    """Once: whether the work of other machines was left, and is now to be done; how many runs.

    A machine that is cut off may still work: it keeps its letters until their leases end. What it decides is
    decided in the store's own transactions, whoever else looks at the same case.
    """
    async with _api(settings) as api:
        gone = await offline(api) - {name}
        left = left_by(await api.runs_in(prefect_setup.ALIVE), gone, clock.wall())
        await _inherit(api, settings, left, letters=False)
        return len(left)


async def keep_looking(settings: Settings, name: str) -> None:
    """For as long as the worker works. What can't be asked now is asked the next time."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        with suppress(StewardError):
            if found := await look(settings, name):
                log.warning("runs of other machines were given back", runs=found)


async def _inherit(api: PrefectApi, settings: Settings, runs: Sequence[Run], *, letters: bool) -> None:
    """First the store, then Prefect: were we to die in between, the next look finds them again."""
    if not runs:
        return
    await give_back(settings, [run.id for run in runs], letters=letters)
    await prefect_setup.end_crashed(api, runs)
    await api.ask_run(NOTICE_DELIVERY)


def _api(settings: Settings) -> PrefectApi:
    return PrefectApi(environment.api_url(settings), environment.auth_string(settings), _TIMEOUT_SECONDS)


def _end_runs(mark: str) -> None:
    for process in marks.carriers(mark):
        with suppress(marks.Error, OSError):
            if process.environ().get(environment.RUN_ID):
                marks.end(process)
