"""The public: whoever administers an account today is asked to answer what waits there."""

from datetime import datetime

from sqlmodel import col

from policy.enquiries import decide_enquiry
from schemas.public import Enquiry
from tasks.cases import Case, Only, in_parts
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.public.copies import STAGE as COPIES
from tasks.public.enquiry_facts import enquiry_facts, may_move
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:  # noqa: ARG001
    """The questions whose people changed since they were asked."""
    wanted = may_move()
    if only is not None:
        wanted = wanted.where(col(Enquiry.account_id) == only.account)
    cases: list[Case] = []
    async with runtime.store.read() as session:
        rows = (await session.run(wanted)).scalars()
        waiting = [one for one in rows if one is not None]
        for some in in_parts(waiting):
            facts = await enquiry_facts(session, some)
            moving = (one.id for one in facts if decide_enquiry(one, runtime.policy))
            cases += [Case(f"enquiry {one}", (one,)) for one in moving]
    return tuple(cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask those of today."""
    said = []
    calendar = runtime.policy.calendar
    async with runtime.store.write() as session:
        for facts in await enquiry_facts(session, case.ids):
            outcome = decide_enquiry(facts, runtime.policy)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


LIFECYCLE = Lifecycle("public", woken_by=(), stages=(Stage("enquiry", due, move), COPIES), turn=Turn.PUBLIC)
