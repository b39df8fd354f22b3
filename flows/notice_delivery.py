"""Notice delivery (4): what waits in the outbox leaves when it may; events that wait are relayed."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows.drain import run_id, told
from schemas.errors import StewardError
from tasks import clock
from tasks.mail.lifecycle import LIFECYCLE
from tasks.prefect import steps
from tasks.runtime import opened


@flow(
    name="notice delivery",
    flow_run_name="notice delivery",
    description="Sends the notices that may leave now (4), and asks for the runs that waiting events want.",
)
async def notice_delivery() -> State[Any]:
    """Deliver and relay; also what other runs could not."""
    run, now = run_id(), clock.now()
    try:
        async with opened():
            await steps.take(LIFECYCLE.name, run, now)
            report = await steps.deliver(run, now)
            await steps.done(LIFECYCLE.name, run)
            await steps.revive(now)
            asked = await steps.relay(now)
    except StewardError as error:
        return Failed(name=type(error).__name__, message=str(error))
    runs = f"{asked} runs asked for" if asked else ""
    said = "; ".join(part for part in (told(report), runs) if part)
    return Completed(name="Delivered" if said else "Nothing due", message=said or "Nothing was due.")
