"""From one worker to three: how many runs end in a minute, on the processors that there are."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from benchmarks.division import OFFICER, TODAY
from benchmarks.machines.rig import FORM, WORKERS, Rig
from tasks.prefect.api import ENDED, PrefectApi

#: Runs that each worker has at a time, and how many are asked for at once.
LIMIT, RUNS = 2, 12

Until = Callable[[Callable[[], Awaitable[bool]], str], Awaitable[None]]


async def measure(rig: Rig, api: PrefectApi, people: Sequence[int], until: Until) -> Mapping[int, float]:
    """Run forms a minute with so many workers. Each records a completion, and is a process of its own."""
    names = [f"worker {number}" for number in range(1, len(WORKERS) + 1)]
    await rig.end(*names)
    found: dict[int, float] = {}
    for workers in range(1, len(WORKERS) + 1):
        await rig.start_worker(workers, LIMIT, queues=())
        await until(lambda: _polls(api, workers), f"{workers} workers")  # noqa: B023 - awaited at once
        day, begun = (TODAY - timedelta(days=workers)).isoformat(), time.monotonic()
        asked = [
            (
                await api.ask_run(
                    FORM,
                    parameters={"actor": str(OFFICER), "person": str(person), "completed_on": day},
                )
            ).id
            for person in people[:RUNS]
        ]
        await until(lambda: _ended(api, asked), "the runs to end")  # noqa: B023 - awaited at once
        found[workers] = 60 * RUNS / (time.monotonic() - begun)
    return found


async def _polls(api: PrefectApi, workers: int) -> bool:
    found = await api.call("POST", "work_pools/steward/workers/filter", {})
    return len([one for one in found if one["status"] == "ONLINE"]) >= workers


async def _ended(api: PrefectApi, asked: Sequence[str]) -> bool:
    runs = await api.call("POST", "flow_runs/filter", {"flow_runs": {"id": {"any_": list(asked)}}})
    states = [one["state_type"] for one in runs]
    if failed := [one["state"]["message"] for one in runs if one["state_type"] in ENDED - {"COMPLETED"}]:
        raise AssertionError(f"a run form failed: {failed[0]}")
    return len(states) == len(asked) and all(one in ENDED for one in states)
