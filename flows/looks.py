"""Looks at accounts: asked for once nobody looked, of whoever is there."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.monitoring.lifecycle import LIFECYCLE


@flow(name="looks", flow_run_name="looks")
async def looks() -> State[Any]:
    """Asks whoever is there to look at accounts, and says who looks for somebody who is away."""
    return await drain(LIFECYCLE)
