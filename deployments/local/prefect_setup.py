"""What Prefect's server is told at every start, over its API: pool, queues, and the truth about old runs."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from deployments.local.environment import POOL
from tasks.prefect.api import PAGE_ROUND, NoDeployment, PrefectApi, PrefectUnavailable, Run

#: Smaller is served first. Somebody waits for the answer to a decision; nobody watches a sweep.
QUEUES = {"decisions": 1, "lifecycles": 2, "mail": 3, "sweep": 4}

_DESCRIPTION = "Steward's runs, each a process on this machine."
#: What a run may set of how it is started: nothing. Our worker goes by none of it in any case.
TEMPLATE = {
    "job_configuration": {"stream_output": True},
    "variables": {"type": "object", "properties": {}, "additionalProperties": False},
}
#: States of runs that have a process, or are about to.
ALIVE = ("RUNNING", "PENDING", "CANCELLING")


async def ensure_pool(api: PrefectApi) -> None:
    """Make the work pool and its queues where they are missing, and open the pool (stopping closes it)."""
    if await api.call("POST", "work_pools/filter", {"work_pools": {"name": {"any_": [POOL]}}}):
        await api.call("PATCH", f"work_pools/{POOL}", {"base_job_template": TEMPLATE})
    else:
        await api.call(
            "POST",
            "work_pools/",
            {
                "name": POOL,
                "type": "process",
                "description": _DESCRIPTION,
                "base_job_template": TEMPLATE,
            },
        )
    await pause(api, paused=False)
    there = {queue["name"] for queue in await api.call("POST", f"work_pools/{POOL}/queues/filter", {})}
    for name, priority in QUEUES.items():
        if name in there:
            await api.call("PATCH", f"work_pools/{POOL}/queues/{name}", {"priority": priority})
        else:
            await api.call("POST", f"work_pools/{POOL}/queues", {"name": name, "priority": priority})


async def pause(api: PrefectApi, *, paused: bool) -> None:
    """Stop or resume handing runs to the worker."""
    await api.call("PATCH", f"work_pools/{POOL}", {"is_paused": paused})


async def mark_crashed(api: PrefectApi) -> list[Run]:
    """Mark as crashed every run that looks alive. To be called when no worker of the pool is.

    Prefect itself would show a killed worker's runs as Running for ever. Their concurrency slots are
    freed too: otherwise the next run of the same deployment would wait for a dead one.
    """
    dead = await api.runs_in(ALIVE)
    await crash(api, dead)
    return dead


async def crash(api: PrefectApi, dead: list[Run]) -> None:
    """Mark these runs as crashed, and free the slots that they held."""
    await end_crashed(api, dead)
    await _free_slots(api)


async def end_crashed(api: PrefectApi, dead: Sequence[Run]) -> None:
    """Mark these runs as crashed. Prefect frees the places of which it still knows the lease."""
    for run in dead:
        await api.set_state(
            run.id,
            "CRASHED",
            "Crashed",
            "Its process was stopped in the middle. What it had not finished is done by the next run.",
        )


async def _free_slots(api: PrefectApi) -> None:
    """A deployment has as many slots in use as runs that are alive, whatever the counter says."""
    alive = Counter(run.deployment_id for run in await api.runs_in(ALIVE))
    for limit in await api.call("POST", "v2/concurrency_limits/filter", {}):
        kind, _, deployment = limit["name"].partition(":")
        if kind == "deployment" and limit["active_slots"] > alive[deployment]:
            used = {"active_slots": alive[deployment]}
            await api.call("PATCH", f"v2/concurrency_limits/{limit['id']}", used)


async def skip_missed(api: PrefectApi, now: datetime) -> list[Run]:
    """Cancel the scheduled runs whose time came while nothing ran; which.

    One run does the work of all that were missed: the first sweep is about to, and `catch_up` asks for a
    round over the pages. A run that was asked for, by a wake-up or a form, is never skipped.
    """
    late = [run for run in await api.runs_in(["SCHEDULED"], due_before=now) if run.auto_scheduled]
    for run in late:
        await api.set_state(
            run.id, "CANCELLED", "Missed", "Steward was not running then. The next run does its work."
        )
    return late


async def catch_up(api: PrefectApi, missed: Sequence[Run]) -> bool:
    """Ask for a round over the pages where one was missed: no sweep looks at pages. Whether it was asked for.

    A machine that is off every night at that hour looks when it starts. Asked once for the same missed ones.
    """
    try:
        deployment = await api.deployment_id(PAGE_ROUND)
    except NoDeployment:
        return False  # a file of fewer deployments has no such round: the start goes on
    rounds = [run.id for run in missed if run.deployment_id == deployment]
    if rounds:
        await api.ask_run(PAGE_ROUND, key=f"caught-up-{rounds[-1]}")
    return bool(rounds)


async def worker_is_polling(api: PrefectApi, since: datetime) -> bool:
    """Whether a worker of the pool has reported since then."""
    try:
        workers = await api.call("POST", f"work_pools/{POOL}/workers/filter", {})
    except PrefectUnavailable:
        return False
    return any(
        worker["status"] == "ONLINE" and datetime.fromisoformat(worker["last_heartbeat_time"]) >= since
        for worker in workers
    )
