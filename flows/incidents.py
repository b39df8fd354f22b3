"""Reports that a policy or a law was broken: taken on, heard, decided, appealed."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import drain
from tasks.incidents.lifecycle import LIFECYCLE


@flow(name="incidents", flow_run_name="incidents")
async def incidents() -> State[Any]:
    """Asks whoever decides today, once the days to answer are over, and ends the days to appeal.

    reported → being heard → to be decided → decided → appealed → closed; reported → dismissed

    Who reported, whom it is about and what was said never come into Prefect.
    """
    return await drain(LIFECYCLE, None)
