"""Credential rotation (11): shared passwords are changed each year, and when a knower loses access."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.credentials.lifecycle import LIFECYCLE


@flow(
    name="credential rotation",
    flow_run_name="credential rotation",
    description="Asks the administrators of each account whose shared password is due to change it, "
    "and where none is shared to look at the list of administrators (11). "
    "Nothing secret is asked for or stored.",
)
async def credential_rotation() -> State[Any]:
    """Drain every account whose password is due to be changed."""
    return await drain(LIFECYCLE)
