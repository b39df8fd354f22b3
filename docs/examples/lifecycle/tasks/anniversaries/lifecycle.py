"""Anniversaries: which accounts have one today, and telling their administrators."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from policy.anniversary import AnniversaryFacts, decide_anniversary
from policy.calendar import Calendar
from policy.notices.anniversaries import AccountAnniversary
from schemas.accounts import Access, Account
from schemas.machinery import Notice
from schemas.states import AccessState, AccountState
from tasks.cases import Case, Only
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.session import Session


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts whose administrators are to be told today."""
    calendar = Calendar(runtime.policy)
    async with runtime.store.read() as session:
        found = await _facts(session, None if only is None else {only.account})
    return tuple(
        Case(one.handle, (one.account_id,)) for one in found if decide_anniversary(one, calendar, now)
    )


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Tell the administrators of each account of the case; what happened, a line an account."""
    calendar, said = Calendar(runtime.policy), []
    async with runtime.store.write() as session:
        for one in await _facts(session, case.ids):
            outcome = decide_anniversary(one, calendar, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


async def _facts(session: Session, accounts: Collection[int | None] | None) -> list[AnniversaryFacts]:
    """The facts of these live accounts, or of all."""
    mine = col(Notice.kind) == AccountAnniversary.kind
    told = select(func.max(col(Notice.created_at))).where(mine, col(Notice.subject_id) == col(Account.id))
    wanted = (
        select(col(Account.id), col(Account.handle), col(Account.live_since), col(Access.person_id))
        .add_columns(told.scalar_subquery().label("told_at"))
        .join(Access, col(Access.account_id) == col(Account.id))
        .where(col(Account.state) == AccountState.LIVE, col(Access.state) == AccessState.GRANTED)
        .order_by(col(Account.id), col(Access.person_id))
    )
    if accounts is not None:
        wanted = wanted.where(col(Account.id).in_(accounts))
    people: dict[int, list[int]] = {}
    rows = {}
    for row in await session.run(wanted):
        people.setdefault(row.id, []).append(row.person_id)
        rows[row.id] = row
    return [
        AnniversaryFacts(number, row.handle, row.live_since, tuple(people[number]), row.told_at)
        for number, row in rows.items()
    ]


LIFECYCLE = Lifecycle(
    "anniversaries",
    woken_by=(),  # nothing but the day
    stages=(Stage("anniversary", due, move),),
    turn=Turn.RENEWALS,
)
