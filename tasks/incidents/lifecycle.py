"""Reports: asked of whoever decides today, and moved on once the days to answer or to appeal are over."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from policy.incidents import decide_incident
from schemas.incidents import Incident
from schemas.states import OWNER, IncidentState, Owner
from tasks.cases import Case, Only
from tasks.incidents.facts import incident_facts
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

_OPEN = [one for one in IncidentState if OWNER[one] is not Owner.NOBODY]


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The open reports with a step to take now; with `only`, those of one account."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    wanted = select(col(Incident.id)).where(col(Incident.state).in_(_OPEN)).order_by(col(Incident.id))
    if only is not None:
        wanted = wanted.where(col(Incident.account_id) == only.account)
    cases = []
    async with runtime.store.read() as session:
        for number in list((await session.run(wanted)).scalars()):
            _, facts = await incident_facts(session, number or 0, policy, calendar.today(now))
            if decide_incident(facts, policy, now):
                cases.append(Case(f"report {facts.id}", (facts.id,)))
    return tuple(cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Move each report of the case, as the facts of this moment ask."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    said = []
    async with runtime.store.write() as session:
        for number in case.ids:
            row, facts = await incident_facts(session, number, policy, calendar.today(now))
            if row.state is IncidentState.HEARD:  # it is asked of who decides next
                _, facts = await incident_facts(
                    session, number, policy, calendar.today(now), of=IncidentState.TO_DECIDE
                )
            if outcome := decide_incident(facts, policy, now):
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


LIFECYCLE = Lifecycle("incidents", woken_by=(), stages=(Stage("report", due, move),), turn=Turn.INCIDENTS)
