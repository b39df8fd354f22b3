"""Guidance: advice reaches whom it concerns, one letter a term."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.guidance.lifecycle import LIFECYCLE


@flow(name="guidance", flow_run_name="guidance")
async def guidance() -> State[Any]:
    """Sends people the advice that is due, all of it in one letter, so many people a day.

    due → sent → answered, where the policy asks for that; due again after its days

    It runs in the nightly sweep. Run it by hand after a new text was adopted; nobody is written to twice.
    """
    return await drain(LIFECYCLE, None)
