"""The page round: the pages of all accounts in use are looked at, many hosts at once, politely."""

from typing import Any

from prefect import flow
from prefect.client.schemas import State

from flows.drain import failed
from flows.naming import Ending, at, ended, name_run
from flows.running import running
from schemas.errors import StewardError
from tasks import clock
from tasks.pages.rounds import NONE_DUE
from tasks.prefect import run_tasks


@flow(name="page round", flow_run_name="page round")
async def page_round() -> State[Any]:
    """Looks at the page of every account in use: each regularly, and soon again where the notice was missing.

    A page that can't be reached never passes. What one round does not come to stays due for the next.
    """
    now = clock.now()
    try:
        async with running() as runtime:
            await name_run("page round", at(now, runtime.policy.zone))
            report = await run_tasks.look_at_due_pages(now)
    except StewardError as error:
        return await failed(error, "page round")
    return await ended(Ending.NOTHING_DUE if report == NONE_DUE else Ending.MOVED, report)
