"""The inventory: each school is asked, in the months of the policy, whether its list of accounts is right."""

from datetime import datetime

from policy.inventory import decide_school_list
from tasks.cases import Case, Only, in_parts
from tasks.inventory.lists import school_lists, schools
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The schools that are to be asked now, or no longer; none for one account alone."""
    if only is not None:
        return ()
    cases = list[Case]()
    async with runtime.store.read() as session:
        for some in in_parts(await schools(session)):
            for facts in await school_lists(session, some, listed=False):
                if decide_school_list(facts, runtime.policy, now):
                    cases.append(Case(f"school {facts.school_id}", (facts.school_id,)))
    return tuple(cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask the school's administration, as the facts of this moment say."""
    calendar, said = runtime.policy.calendar, list[str]()
    async with runtime.store.write() as session:
        for facts in await school_lists(session, case.ids):
            outcome = decide_school_list(facts, runtime.policy, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


LIFECYCLE = Lifecycle("inventory", woken_by=(), stages=(Stage("school list", due, move),), turn=Turn.RENEWALS)
