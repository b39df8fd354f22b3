"""Account creation (5, 6): from a request to a live account, one step nearer with every run."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import Stage, drain
from schemas.events import Lifecycle
from tasks.prefect import steps


@flow(
    name="account creation",
    flow_run_name="account creation",
    description="Checks requests (2, 5, 6), asks who decides, has approved accounts created by their "
    "administrators, and lets them go live when every gate is met (5.4, 5.5, 6.2, 7, 8).",
)
async def account_creation() -> State[Any]:
    """Drain every request and account that may move."""
    return await drain(
        Lifecycle.ACCOUNT_CREATION,
        [
            Stage("request", steps.due_requests, steps.move_request),
            Stage("account creation", steps.due_accounts, steps.move_account),
        ],
    )
