"""The school calendar of the policy file runs out: said in time to whoever can bring in the next one."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from policy.authority import policy_office
from policy.notices.operators import CalendarEnds
from schemas.machinery import Notice
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.words import SubjectKind
from tasks.cases import Case, Only
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

#: Once it has run out, it is said again so often: what is late waits until somebody adds days.
DAYS_APART = 7


def _cause(runtime: Runtime, now: datetime) -> tuple[str, date] | None:
    """The step that has come: one cause for each number of days before the end, one a week after it.

    None before the first.
    """
    calendar = runtime.policy.calendar
    ends, today = calendar.known_through, calendar.today(now)
    if ends is None:
        return None
    if weeks := max(0, (today - ends).days) // DAYS_APART:
        return (f"calendar/{ends}/over/{weeks}", ends)
    days = runtime.policy.working_hours.days_off_end_said_days_before
    come = [before for before in days if today >= ends - timedelta(days=before)]
    return (f"calendar/{ends}/{min(come)}", ends) if come else None


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """One case where a step has come that was not said yet; none for one account alone."""
    step = _cause(runtime, now)
    if only is not None or step is None:
        return ()
    async with runtime.store.read() as session:
        said = await session.run(
            select(col(Notice.id))
            .where(col(Notice.kind) == CalendarEnds.kind, col(Notice.key).startswith(f"{step[0]}/"))
            .limit(1)
        )
        return () if said.first() is not None else (Case("school calendar", (0,)),)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Tell who keeps the policy and who operates Steward."""
    del case
    step = _cause(runtime, now)
    if step is None:
        return ()
    cause, ends = step
    policy = runtime.policy
    offices = (policy_office(policy), RoleAt(policy.duties.runs_steward))
    tells = tuple(Tell(CalendarEnds(on=ends), of, cause, Subject(SubjectKind.RULE, 0)) for of in offices)
    async with runtime.store.write() as session:
        await apply(session, Outcome(tells), actor=STEWARD, calendar=policy.calendar, now=now)
    return ("told that the school calendar ends",)
