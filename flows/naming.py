"""What an operator sees of a run in a list: its name says what it is about and how it ended, its tags too.

Prefect's own state names stay: the pages of deployments filter by them.
"""

from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from prefect import get_client, runtime
from prefect.client.schemas import State
from prefect.states import Completed, Failed


class Ending(StrEnum):
    """How a run ended, as a tag: runs are found by it. Each run has one of them."""

    MOVED = "moved"
    RECORDED = "recorded"  # what somebody handed in is kept
    NOTHING_DUE = "nothing-due"  # nothing moved, nothing was found or mended, no letter was due
    REFUSED = "refused"  # what was asked for could not be done; the message says what to mend
    FAILED = "needs-a-look"


#: A run, and what it was named: the ending comes after it.
_named: ContextVar[tuple[str, str]] = ContextVar("steward_run_name", default=("", ""))


async def name_run(*parts: str) -> None:
    """Name this run after these parts. Outside a run of Prefect there is nothing to name."""
    name = " · ".join(part for part in parts if part)
    if run := runtime.flow_run.id:
        _named.set((run, name))
        async with get_client() as client:
            await client.update_flow_run(run, name=name)


async def ended(ending: Ending, message: str, *, called: str = "") -> State[None]:
    """The last state of this run, which gets the ending as a tag and at the end of its name.

    `called`: its name, where `name_run` did not give it. A refusal is a run that completed.
    """
    if run := runtime.flow_run.id:
        tags = {*runtime.flow_run.tags, str(ending)}
        of, named = _named.get()
        own = named if of == run else called or runtime.flow_run.flow_name
        name = f"{own} · {ending.replace('-', ' ')}"
        async with get_client() as client:
            await client.update_flow_run(run, name=name, tags=sorted(tags))
    state = Failed if ending is Ending.FAILED else Completed
    return state(message=message)


def at(now: datetime, zone: ZoneInfo) -> str:
    """A moment as part of a name, in the division's zone."""
    return f"{now.astimezone(zone):%Y-%m-%d %H:%M}"
