"""Suspension: what follows when nobody mends a finding, always with notice first."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.suspension.lifecycle import LIFECYCLE


@flow(name="suspension", flow_run_name="suspension")
async def suspension(account: str | None = None) -> State[Any]:
    """Announces what will be suspended and when, suspends what was not mended by then, and follows it up.

    live → announced → suspended → back, or closed

    It acts on the findings that the last sweep left open, within the limits of one night that the policy
    sets. Run it for everything that is due, or for one account.

    Args:
        account: Only this account, by its number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
