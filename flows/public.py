"""The public: its questions, and the copies of what was taken down."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.public.lifecycle import LIFECYCLE


@flow(name="public", flow_run_name="public")
async def public(account: str | None = None) -> State[Any]:
    """Asks whoever administers an account today to answer what waits there; deletes copies in time.

    asked → answered, in public or directly, or closed

    It runs in the nightly sweep, too. Run it for everything that is due, or for one account.

    Args:
        account: Only this account, by its number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
