"""Stops: what is suspended for a time comes back by itself."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.stops.lifecycle import LIFECYCLE


@flow(name="stops", flow_run_name="stops")
async def stops(account: str | None = None) -> State[Any]:
    """Brings back what was stopped in an emergency and not confirmed in time, or suspended for a time.

    stopped → confirmed by a second office → back; or back by itself

    It runs every quarter of an hour, so that a stop that nobody confirms ends when its letter says. Whoever
    came to an office meanwhile, or stands in for its holder, is asked to confirm too.

    Args:
        account: Only this account, by its number or handle. Leave it empty for all that is due.
    """
    return await drain(LIFECYCLE, account)
