"""Leave: asked of whoever decides today, reminded of before its last day, and ended after it."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlmodel import col

from policy.controls.leave import OnLeave
from policy.leave import decide_leave
from policy.model import Policy
from schemas.events import EventKind
from schemas.leave import Leave
from schemas.people import Person
from schemas.states import LeaveState
from tasks.cases import Case, Only
from tasks.leave.facts import leave_facts
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


def _days_before(policy: Policy) -> int:
    """The longest time before its last day at which anything is due for a leave."""
    return max((one.reminded_days_before for one in policy.of(OnLeave)), default=0)


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The leaves with a step to take now; none for one account alone.

    Those that are asked for, granted ones near their end, and those of people who have left: few rows, from
    an index.
    """
    policy, calendar = runtime.policy, runtime.policy.calendar
    today = calendar.today(now)
    if only is not None:
        return ()
    left = exists().where(col(Person.id) == col(Leave.person_id), col(Person.active).is_(False))
    near = col(Leave.ends_on) <= today + timedelta(days=_days_before(policy))
    wanted = (
        select(col(Leave.id))
        .where(
            or_(
                col(Leave.state) == LeaveState.ASKED,
                and_(col(Leave.state) == LeaveState.GRANTED, or_(near, left)),
            )
        )
        .order_by(col(Leave.id))
    )
    cases = []
    async with runtime.store.read() as session:
        numbers = list((await session.run(wanted)).scalars())
        for number in numbers:
            _, facts = await leave_facts(session, number or 0, policy, today)
            if decide_leave(facts, policy, now):
                cases.append(Case(f"leave {facts.id}", (facts.id,)))
    return tuple(cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask, remind, or end each leave of the case, as the facts of this moment ask."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    today = calendar.today(now)
    said = []
    async with runtime.store.write() as session:
        for number in case.ids:
            _, facts = await leave_facts(session, number, policy, today)
            if outcome := decide_leave(facts, policy, now):
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


LIFECYCLE = Lifecycle(
    "leave",
    woken_by=(EventKind.PEOPLE_CHANGED, EventKind.ROSTER_IMPORTED),
    stages=(Stage("leave", due, move),),
    turn=Turn.LEAVE,
)
