"""Asking for what was found and leads to no suspension, and for somebody where nobody reaches an account."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlmodel import col

from policy.controls import Mode
from policy.finding_items import asked_for, asked_where_exempt, decide_asking
from policy.model import Policy
from policy.reinstatement import decide_stranded
from policy.seen import is_seen
from schemas.accounts import Access, Account
from schemas.facts import SuspensionFacts
from schemas.findings import Finding
from schemas.outcome import Outcome
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, SubjectKind
from tasks.cases import Case, Only, in_parts
from tasks.lifecycles import Stage
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.asked import asked_about
from tasks.store.audit import STEWARD
from tasks.suspension.candidates import is_asked_for, is_exempt
from tasks.suspension.facts import suspension_facts


def _asked_in_vain(policy: Policy, today: date) -> ColumnElement[bool]:
    """Of an account whose exemption is over, or of a control that only observes."""
    observed = [one.name for one in policy.controls if one.mode is Mode.OBSERVE]
    return or_(col(Finding.control).in_(observed), col(Account.never_suspended_until) < today)


def _found(policy: Policy, today: date) -> ColumnElement[bool]:
    """A finding that nobody is asked to mend, or that is mended and still asked for."""
    of = or_(
        col(Finding.control).in_(asked_for(policy)),
        and_(
            col(Finding.control).in_(asked_where_exempt(policy)),
            or_(is_exempt(policy, today), ~is_seen(policy)),
        ),
        and_(is_asked_for(), _asked_in_vain(policy, today)),
    )
    stands = or_(
        (col(Account.state) == AccountState.LIVE)
        & col(Finding.resolved_at).is_(None)
        & or_(~is_asked_for(), _asked_in_vain(policy, today)),
        col(Finding.resolved_at).is_not(None) & is_asked_for(),
    )
    found = select(col(Finding.account_id)).join(Account, col(Account.id) == col(Finding.account_id))
    return col(Account.id).in_(found.where(of, stands))


def _stranded(policy: Policy, today: date) -> ColumnElement[bool]:
    """Live with nobody who is here, or somebody was asked to take hold of it."""
    del policy, today
    somebody = exists().where(
        col(Access.account_id) == col(Account.id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )
    asked = asked_about(ItemKind.TAKE_HOLD, SubjectKind.ACCOUNT)
    return or_(and_(col(Account.state) == AccountState.LIVE, ~somebody), col(Account.id).in_(asked))


def _stage(
    word: str,
    which: Callable[[Policy, date], ColumnElement[bool]],
    decide: Callable[[SuspensionFacts, Policy, datetime], Outcome],
) -> Stage:
    """Deciding about those accounts, each by the facts of its moment."""

    async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
        policy, calendar = runtime.policy, runtime.policy.calendar
        today = calendar.today(now)
        found = (
            select(col(Account.id), col(Account.handle))
            .where(which(policy, today), true() if only is None else col(Account.id) == only.account)
            .order_by(col(Account.id))
        )
        cases: list[int] = []
        async with runtime.store.read() as session:
            handles = {row.id: row.handle for row in await session.run(found)}
            for some in in_parts(handles):
                for facts in await suspension_facts(session, some, policy, today):
                    cases += [facts.account_id] if decide(facts, policy, now) else []
        return tuple(Case(handles[one], (one,)) for one in cases)

    async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
        policy, calendar = runtime.policy, runtime.policy.calendar
        said = []
        async with runtime.store.write() as session:
            for facts in await suspension_facts(session, case.ids, policy, calendar.today(now)):
                outcome = decide(facts, policy, now)
                if outcome:
                    await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                    said.append(outcome.says)
        return tuple(said)

    return Stage(word, due, move)


FINDINGS = _stage("finding", _found, decide_asking)
STRANDED = _stage("account with nobody", _stranded, decide_stranded)
