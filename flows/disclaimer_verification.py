"""Disclaimer verification: the page of an account is fetched and compared with the notice."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.pages.lifecycle import LIFECYCLE


@flow(name="disclaimer verification", flow_run_name="disclaimer verification")
async def disclaimer_verification(account: str | None = None) -> State[Any]:
    """Looks for the required notice on the page of each account that was reported.

    reported → exact, linked, altered, missing or unreachable

    A page that can't be reached never passes. Run it for everything that is due, or for one account: its
    page is then looked at now, whatever was seen before.

    Args:
        account: Only this account, by its number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
