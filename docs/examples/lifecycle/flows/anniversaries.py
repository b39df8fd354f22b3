"""Anniversaries: the administrators of an account hear for how long it has been live."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.anniversaries.lifecycle import LIFECYCLE


@flow(name="anniversaries", flow_run_name="anniversaries")
async def anniversaries(account: str | None = None) -> State[Any]:
    """Tells the administrators of each account on the day on which it has been live for a year, or several.

    live → told, once a year

    Args:
        account: Only this account, by its number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
