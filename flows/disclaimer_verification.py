"""Disclaimer verification (8): the page of an account is fetched and compared with the notice."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import Stage, drain
from schemas.events import Lifecycle
from tasks.prefect import steps


@flow(
    name="disclaimer verification",
    flow_run_name="disclaimer verification",
    description="Looks at the page of every account that was reported, for the notice of clause 8. "
    "Unreachable is never a pass.",
)
async def disclaimer_verification() -> State[Any]:
    """Drain every account whose page is to be looked at."""
    return await drain(
        Lifecycle.DISCLAIMER_VERIFICATION,
        [Stage("notice", steps.due_pages, steps.look_at_page)],
    )
