"""The page round (8): the pages of all accounts in use are looked at, many hosts at once, politely."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from schemas.errors import StewardError
from tasks import clock
from tasks.prefect import steps
from tasks.runtime import opened


@flow(
    name="page round",
    flow_run_name="page round",
    description="Looks at the page of every live account for the notice of clause 8: each week, and soon "
    "again where it was not shown. Unreachable is never a pass.",
)
async def page_round() -> State[Any]:
    """One round over the pages that are due; what it does not come to stays due for the next."""
    try:
        async with opened():
            report = await steps.look_at_due_pages(clock.now())
    except StewardError as error:
        return Failed(name=type(error).__name__, message=str(error))
    return Completed(name="Looked", message=report)
