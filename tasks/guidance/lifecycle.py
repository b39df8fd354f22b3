"""Guidance: who is sent advice today, and the letters; so many a night, the others the next."""

from datetime import datetime

from policy.guidance import decide_advice
from schemas.outcome import Subject
from schemas.words import SubjectKind
from tasks.cases import Case, Only
from tasks.guidance.facts import advised_facts, candidates, letters_on
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD, append

#: People who are advised in one transaction: few, so that decisions of people do not wait for it.
IN_A_CASE = 25


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The people who are sent advice today, some together; none for one account alone."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    today = calendar.today(now)
    if only is not None or not calendar.is_school_day(today):
        return ()
    async with runtime.store.read() as session:
        left = policy.advice.letters_a_night_at_most - await letters_on(session, today)
        if left <= 0:
            return ()
        found: set[int] = set()
        for one in candidates(policy, today, left):
            found.update((await session.run(one)).scalars())
    people = sorted(found)[:left]
    parts = [people[start : start + IN_A_CASE] for start in range(0, len(people), IN_A_CASE)]
    return tuple(Case(f"advice: {len(some)}", tuple(some)) for some in parts)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Send each of them the advice that is due; one audit entry for all of it."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    said = []
    async with runtime.store.write() as session:
        for facts in await advised_facts(session, case.ids):
            outcome = decide_advice(facts, policy, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
        if said:
            about, body = Subject(SubjectKind.RULE, 0), {"people": len(said)}
            await append(session, about, actor=STEWARD, control="", cause="advice sent", now=now, body=body)
    return tuple(said)


LIFECYCLE = Lifecycle("guidance", woken_by=(), stages=(Stage("advice", due, move),), turn=Turn.GUIDANCE)
