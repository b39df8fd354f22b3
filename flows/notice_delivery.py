"""Notice delivery: what waits in the outbox leaves when it may; events that wait are relayed."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import failed, run_id, told, was_due
from flows.naming import Ending, at, ended, name_run
from flows.running import running
from flows.waiting_room import refresh_waiting_room
from schemas.errors import StewardError
from tasks import clock
from tasks.mail.lifecycle import LIFECYCLE
from tasks.prefect import run_tasks


@flow(name="notice delivery", flow_run_name="notice delivery")
async def notice_delivery() -> State[Any]:
    """Sends the notices that may leave now, and asks for the runs that waiting events want.

    pending → sent, held for working hours, tried again, or parked for a person to look at
    """
    run, now = run_id(), clock.now()
    try:
        async with running() as runtime:
            causes = await run_tasks.take(LIFECYCLE.name, run, now)
            await name_run("notice delivery", causes or at(now, runtime.policy.zone))
            report = await run_tasks.deliver(run)
            await run_tasks.done(LIFECYCLE.name, run)
            await run_tasks.revive(now)
            await refresh_waiting_room(now, runtime.policy.zone)
            asked = await run_tasks.relay(clock.now())
    except StewardError as error:
        return await failed(error, LIFECYCLE.name)
    runs = f"{asked} runs asked for" if asked else ""
    happened = bool(asked or was_due(report))
    said = "; ".join(part for part in ("" if happened else "Nothing was due", told(report), runs) if part)
    return await ended(Ending.MOVED if happened else Ending.NOTHING_DUE, said)
