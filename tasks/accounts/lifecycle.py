"""Approved accounts: which may move towards going live, and moving one."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlmodel import col

from policy.account_creation import decide_account
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Account
from schemas.states import AccountState
from tasks.accounts.closing import end_suspension
from tasks.accounts.facts import account_facts, accounts_facts
from tasks.cases import Case, Only, in_parts
from tasks.lifecycles import Stage
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The approved and prepared accounts that would move now, and those whose announced last day is over."""
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    async with runtime.store.read() as session:
        rows = await session.rows(
            select(col(Account.id), col(Account.handle))
            .where(
                or_(
                    col(Account.state).in_([AccountState.APPROVED, AccountState.PREPARING]),
                    and_(col(Account.closes_on) < today, col(Account.state).not_in(ENDED_ACCOUNTS)),
                ),
                *(() if only is None else (col(Account.id) == only.account,)),
            )
            .order_by(col(Account.id))
        )
        handles = {row.id: row.handle for row in rows}
        moving = [
            facts.id
            for some in in_parts(handles)
            for facts in await accounts_facts(session, some, policy, today)
            if decide_account(facts, policy, now)
        ]
        return tuple(Case(handles[one], (one,)) for one in moving)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Bring each account of the case as far as it goes: to be created, live, back to its gates, or closed.

    No event follows a step of our own, so the next one is looked for at once.
    """
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    said = []
    async with runtime.store.write() as session:
        for account_id in case.ids:
            for _ in AccountState:  # a bound: no account passes through more states than there are
                facts = await account_facts(session, account_id, policy, today)
                outcome = decide_account(facts, policy, now)
                if not outcome:
                    break
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                if facts.closes_on is not None:
                    await end_suspension(session, account_id, now)
                said.append(outcome.says)
    return tuple(said)


#: Of account creation, after the decision; what comes before it is the requests' own.
STAGE = Stage("account creation", due, move)
