"""Credential rotation: shared passwords change each year, and when somebody who knows one loses access."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.credentials.lifecycle import LIFECYCLE


@flow(name="credential rotation", flow_run_name="credential rotation")
async def credential_rotation(account: str | None = None) -> State[Any]:
    """Asks administrators to change a shared password, or to review who administers the account.

    due → asked → changed → confirmed by each who needs it

    Nothing secret is asked for or stored. Run it for everything that is due, or for one account.

    Args:
        account: Only this account, by its number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
