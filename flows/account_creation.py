"""Account creation (5, 6): from a request to a live account, one step nearer with every run."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.requests.lifecycle import LIFECYCLE


@flow(
    name="account creation",
    flow_run_name="account creation",
    description="Checks requests (2, 5, 6), asks who decides, has approved accounts created by their "
    "administrators, and lets them go live when every gate is met (5.4, 5.5, 6.2, 7, 8).",
)
async def account_creation() -> State[Any]:
    """Drain every request and account that may move."""
    return await drain(LIFECYCLE)
