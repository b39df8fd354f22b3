"""Leave: asked of whoever decides today, reminded of before it ends, and ended after its last day."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.leave.lifecycle import LIFECYCLE


@flow(name="leave", flow_run_name="leave")
async def leave() -> State[Any]:
    """Asks whoever decides today, reminds people of the end of their leave, and ends what is over.

    asked → granted | refused; granted → ended | revoked; both → withdrawn
    """
    return await drain(LIFECYCLE)
