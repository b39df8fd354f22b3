"""Live accounts that nobody who is here can reach: which there are, and asking for somebody, every night."""

from datetime import datetime

from sqlalchemy import and_, exists, or_, select, true
from sqlmodel import col

from policy.calendar import Calendar
from policy.reinstatement import decide_stranded
from schemas.accounts import Access, Account
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.cases import Case, Only, in_parts
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.suspension.facts import suspension_facts


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The live accounts with nobody, and those for which somebody was asked and is there."""
    policy, calendar = runtime.policy, Calendar(runtime.policy)
    somebody = exists().where(
        col(Access.account_id) == col(Account.id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )
    asked = exists().where(
        col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
        col(ActionItem.subject_id) == col(Account.id),
        col(ActionItem.kind) == ItemKind.TAKE_HOLD,
        col(ActionItem.state) == ItemState.OPEN,
    )
    found = (
        select(col(Account.id), col(Account.handle))
        .where(
            or_(and_(col(Account.state) == AccountState.LIVE, ~somebody), asked),
            true() if only is None else col(Account.id) == only.account,
        )
        .order_by(col(Account.id))
    )
    cases: list[int] = []
    async with runtime.store.read() as session:
        handles = {row.id: row.handle for row in await (await session.connection()).execute(found)}
        for some in in_parts(handles):
            for facts in await suspension_facts(session, some, policy, calendar.today(now)):
                cases += [facts.account_id] if decide_stranded(facts, policy, calendar, now) else []
    return tuple(Case(handles[one], (one,)) for one in cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask as the facts of this moment say."""
    policy, calendar = runtime.policy, Calendar(runtime.policy)
    said = []
    async with runtime.store.write() as session:
        for facts in await suspension_facts(session, case.ids, policy, calendar.today(now)):
            outcome = decide_stranded(facts, policy, calendar, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)
