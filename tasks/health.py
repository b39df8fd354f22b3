"""What keeps Steward from doing its work, as the store knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from policy.model import Policy
from schemas.events import WakeState
from schemas.machinery import Event, Notice, Wake
from schemas.notices import NoticeState
from tasks.runtime import Runtime
from tasks.store.holders import offices_held

#: Something that happened so long ago and that no run has taken up: nothing takes it.
WAKE_LATE = timedelta(hours=1)
#: So long before the calendar ends somebody must write the next year's days off.
CALENDAR_AHEAD = timedelta(days=120)


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at. `do`: what to do about it; empty where it is as it should be."""

    what: str
    says: str
    do: str = ""


def of_the_calendar(policy: Policy, today: date) -> Checked:
    """Whether the days off that the policy lists reach far enough."""
    ends = policy.calendar.known_through
    if ends is None:
        return Checked("calendar", "The policy lists no days off.", "Write them into the policy file.")
    do = (
        ""
        if ends - today > CALENDAR_AHEAD
        else "Write the next year's days off into the policy file, and adopt it."
    )
    return Checked("calendar", f"Days off are known through {ends}.", do)


def of_the_offices(policy: Policy, held: frozenset[str]) -> Checked:
    """Whether somebody holds each office of the whole organization that others wait for."""
    needed = dict.fromkeys(
        [policy.duties.keeps_policy, *policy.duties.gives_offices, *policy.duties.adopts_policy]
    )
    empty = [policy.label(one) for one in needed if one not in held]
    if not empty:
        return Checked("offices", "Somebody holds each office that others wait for.")
    return Checked(
        "offices", f"Nobody holds: {', '.join(empty)}.", "Give it to somebody: `steward role grant`."
    )


async def of_the_store(runtime: Runtime, now: datetime) -> Sequence[Checked]:
    """The calendar's end, offices that nobody holds, what no run takes, letters that are parked.

    Raises StoreUnavailable.
    """
    today = runtime.policy.calendar.today(now)
    late = (
        select(func.count(col(Wake.id)))
        .join(Event, col(Event.id) == col(Wake.event_id))
        .where(col(Wake.state) != WakeState.DONE, col(Event.occurred_at) < now - WAKE_LATE)
    )
    parked = select(func.count(col(Notice.id))).where(col(Notice.state) == NoticeState.PARKED)
    async with runtime.store.read() as session:
        held = await offices_held(session, today)
        wakes = (await session.run(late)).scalar_one()
        letters = (await session.run(parked)).scalar_one()
    return (
        of_the_calendar(runtime.policy, today),
        of_the_offices(runtime.policy, held),
        _of_the_wakes(wakes),
        _of_the_letters(letters),
    )


def _of_the_wakes(late: int) -> Checked:
    if not late:
        return Checked("wake-ups", "Nothing waits for a run.")
    says = f"{late} things that happened over an hour ago wait for a run."
    return Checked("wake-ups", says, "Look whether the worker runs, and into its log.")


def _of_the_letters(parked: int) -> Checked:
    if not parked:
        return Checked("letters", "No letter is parked.")
    says = f"{parked} letters are parked: they were refused too often."
    return Checked("letters", says, "Read why (`steward mail list`), mend it, then `steward mail release`.")
