"""The alarm of the sweep: whoever operates Steward is told when one failed or did not run."""

from typing import Any, Literal

from prefect import flow
from prefect.client.schemas import State

from flows.drain import failed, run_id, told
from flows.naming import Ending, at, ended, name_run
from flows.running import running
from schemas.errors import StewardError
from tasks import clock
from tasks.prefect import run_tasks


@flow(name="sweep alarm", flow_run_name="sweep alarm")
async def sweep_alarm(what: Literal["failed", "missing"]) -> State[Any]:
    """Tells who operates Steward, by mail, that a sweep failed or that none has finished for too long.

    Prefect's automations start it. Each day and cause is told once.

    Args:
        what: What happened to the sweep.
    """
    now = clock.now()
    try:
        async with running() as runtime:
            await name_run("sweep alarm", what, at(now, runtime.policy.zone))
            await run_tasks.tell_operators(what, now)
            report = await run_tasks.deliver(run_id())
    except StewardError as error:
        return await failed(error, "sweep alarm")
    return await ended(
        Ending.MOVED, "; ".join(one for one in ("The operators are told", told(report)) if one)
    )
