"""Account creation: from a request to a live account, one step nearer with every run."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.requests.lifecycle import LIFECYCLE


@flow(name="account creation", flow_run_name="account creation")
async def account_creation(account: str | None = None) -> State[Any]:
    """Checks requests, asks who decides, and brings approved accounts to being live.

    Request: submitted ⇄ sent back → awaiting decision → approved or declined

    Account: approved → preparing → live

    Administrators create the account. It goes live when every gate of the policy is met. Run it for
    everything that is due, or for one account.

    Args:
        account: Only this account or request, by number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
