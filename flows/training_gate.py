"""The training gate: access is granted when all its gates are met, not before."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.access.lifecycle import LIFECYCLE


@flow(name="training gate", flow_run_name="training gate")
async def training_gate(account: str | None = None) -> State[Any]:
    """Grants access where a person has done what comes before it, and suspends it when that lapses.

    waiting → granted ⇄ suspended → revoked

    Who lacks something is asked for it by mail. Run it for everything that is due, or for one account.

    Args:
        account: Only this account, by its number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
