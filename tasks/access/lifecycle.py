"""The training gate: which accesses may move, and moving those of one account."""

from datetime import datetime

from policy.training_gate import decide_access
from schemas.events import EventKind
from schemas.states import AccessState
from tasks.access.braking import AT_THE_END as HAPPENED
from tasks.access.braking import STAGE as BRAKE
from tasks.access.designations import STAGE as DESIGNATIONS
from tasks.access.facts import access_facts, over
from tasks.access.missing import AT_THE_END as MISSING_HAPPENED
from tasks.access.missing import BRAKE as MISSING_BRAKE
from tasks.access.missing import STAGE as MISSING
from tasks.access.successors import STAGE as SUCCESSORS
from tasks.access.tonight import look, moving, taken
from tasks.cases import Case, Only
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.brakes import waiting


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts with an access that would move now; the accesses of each together."""
    cases: list[Case] = []
    last = None  # the account of the last case
    async with runtime.store.read() as session:
        tonight = taken(runtime, now, only) or await look(session, runtime, now, only)
        moves = await moving(session, tonight, runtime.policy, now, await waiting(session))
    for one in tonight.decided:
        if one.id not in moves:
            continue
        if one.account_id == last:
            cases[-1] = Case(one.handle, (*cases[-1].ids, one.id))
        else:
            cases.append(Case(one.handle, (one.id,)))
            last = one.account_id
    return tuple(cases)


async def _moved_already(runtime: Runtime, case: Case, now: datetime) -> bool:
    """Whether another run has moved all of the case meanwhile. No writer waits for this look."""
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    async with runtime.store.read() as session:
        waits = await waiting(session)
        facts = await access_facts(session, case.ids, policy, today)
        return not any(decide_access(one, policy, now, waits) for one in facts) and not await over(
            session, case.ids, today
        )


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Move each access of the case as the facts of this moment ask; what happened, a line an access."""
    if len(case.ids) > 1 and await _moved_already(runtime, case, now):
        return ()
    policy = runtime.policy
    calendar = policy.calendar
    said = []
    async with runtime.store.write() as session:
        waits = await waiting(session)
        # one by one: each must see who else still has access; whoever waited for a successor goes last
        for access_id in (*case.ids, *await over(session, case.ids, calendar.today(now))):
            for _ in AccessState:  # a bound: one that begins again may be granted at once
                (facts,) = await access_facts(session, (access_id,), policy, calendar.today(now))
                outcome = decide_access(facts, policy, now, waits)
                if not outcome:
                    break
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


LIFECYCLE = Lifecycle(
    "training-gate",
    woken_by=(
        EventKind.DECISION_RECORDED,
        EventKind.ADMINISTRATORS_NAMED,
        EventKind.COMPLETION_RECORDED,
        EventKind.COMPLETION_VOIDED,
        EventKind.GATE_MET,
        EventKind.ACCOUNT_REINSTATED,  # what its people's gates say may have changed meanwhile
        EventKind.PEOPLE_CHANGED,
        EventKind.ROSTER_IMPORTED,
        EventKind.ACCOUNTS_IMPORTED,
        EventKind.BRAKE_RELEASED,
    ),
    stages=(
        *(MISSING_BRAKE, MISSING, DESIGNATIONS, BRAKE, Stage("training gate", due, move), SUCCESSORS),
        *(MISSING_HAPPENED, HAPPENED),
    ),
    turn=Turn.ACCESS,
)
