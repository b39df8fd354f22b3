"""The training gate (5.2, with 5.3 and 5.6): access is granted when a person's gates are met, not before."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.access.lifecycle import LIFECYCLE


@flow(
    name="training gate",
    flow_run_name="training gate",
    description="Grants the accesses whose gates are met (5.2, 5.3, 5.6), takes those whose completion "
    "was voided or lapsed, and asks for what is missing.",
)
async def training_gate() -> State[Any]:
    """Drain every access that may move."""
    return await drain(LIFECYCLE)
