"""Asking for what was found and leads to no suspension: which accounts are due, and asking."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlmodel import col

from policy.calendar import Calendar
from policy.controls import Mode
from policy.finding_items import asked_for, asked_where_exempt, decide_asking
from policy.model import Policy
from policy.seen import is_seen
from schemas.accounts import Account
from schemas.findings import Finding
from schemas.states import AccountState
from tasks.cases import Case, Only, in_parts
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.suspension.candidates import is_asked_for, is_exempt
from tasks.suspension.facts import suspension_facts


def _asked_in_vain(policy: Policy, today: date) -> ColumnElement[bool]:
    """Of an account whose exemption is over, or of a control that only observes."""
    observed = [one.name for one in policy.controls if one.mode is Mode.OBSERVE]
    return or_(col(Finding.control).in_(observed), col(Account.never_suspended_until) < today)


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts with a finding that nobody is asked to mend, or that is mended and still asked for."""
    policy, calendar = runtime.policy, Calendar(runtime.policy)
    today = calendar.today(now)
    found = (
        select(col(Account.id), col(Account.handle))
        .join(Finding, col(Finding.account_id) == col(Account.id))
        .where(
            or_(
                col(Finding.control).in_(asked_for(policy)),
                and_(
                    col(Finding.control).in_(asked_where_exempt(policy)),
                    or_(is_exempt(policy, today), ~is_seen(policy)),
                ),
                and_(is_asked_for(), _asked_in_vain(policy, today)),
            ),
            true() if only is None else col(Account.id) == only.account,
            or_(
                (col(Account.state) == AccountState.LIVE)
                & col(Finding.resolved_at).is_(None)
                & or_(~is_asked_for(), _asked_in_vain(policy, today)),
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
            for facts in await suspension_facts(session, some, policy, today):
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
