"""Disclaimer verification (8): the page of an account is fetched and compared with the notice."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.pages.lifecycle import LIFECYCLE


@flow(
    name="disclaimer verification",
    flow_run_name="disclaimer verification",
    description="Looks at the page of every account that was reported, for the notice of clause 8. "
    "Unreachable is never a pass.",
)
async def disclaimer_verification() -> State[Any]:
    """Drain every account whose page is to be looked at."""
    return await drain(LIFECYCLE)
