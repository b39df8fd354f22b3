"""Asking for what was found and leads to no suspension: which accounts are due, and asking."""

from datetime import datetime

from sqlalchemy import and_, or_, select, true
from sqlmodel import col

from policy.calendar import Calendar
from policy.finding_items import asked_at_emergency_channels, asked_for, decide_asking
from policy.seen import is_seen
from schemas.accounts import Account
from schemas.findings import Finding
from schemas.states import AccountState
from tasks.cases import Case, Only, in_parts
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.suspension.candidates import is_asked_for
from tasks.suspension.facts import suspension_facts


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts with a finding that nobody is asked to mend, or that is mended and still asked for."""
    policy, calendar = runtime.policy, Calendar(runtime.policy)
    found = (
        select(col(Account.id), col(Account.handle))
        .join(Finding, col(Finding.account_id) == col(Account.id))
        .where(
            or_(
                col(Finding.control).in_(asked_for(policy)),
                and_(
                    col(Finding.control).in_(asked_at_emergency_channels(policy)),
                    or_(col(Account.platform).in_(policy.never_suspended()), ~is_seen(policy)),
                ),
            ),
            true() if only is None else col(Account.id) == only.account,
            or_(
                (col(Account.state) == AccountState.LIVE)
                & col(Finding.resolved_at).is_(None)
                & ~is_asked_for(),
                col(Finding.resolved_at).is_not(None) & is_asked_for(),
            ),
        )
        .distinct()
        .order_by(col(Account.id))
    )
    cases: list[int] = []
    async with runtime.store.read() as session:
        handles = {row.id: row.handle for row in await (await session.connection()).execute(found)}
        for some in in_parts(handles):
            for facts in await suspension_facts(session, some, policy, calendar.today(now)):
                cases += [facts.account_id] if decide_asking(facts, policy, calendar, now) else []
    return tuple(Case(handles[one], (one,)) for one in cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask as the facts of this moment say."""
    policy, calendar = runtime.policy, Calendar(runtime.policy)
    said = []
    async with runtime.store.write() as session:
        for facts in await suspension_facts(session, case.ids, policy, calendar.today(now)):
            outcome = decide_asking(facts, policy, calendar, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)
