"""Which accounts have a step to take on the way to a suspension or back, and how many had one."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlmodel import col

from policy.controls import SanctionOf
from policy.model import Policy
from policy.seen import is_seen
from policy.selects import day_of
from schemas.accounts import Access, Account
from schemas.findings import Finding, Suspension
from schemas.machinery import ActionItem, AuditEntry
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState, SubjectKind, Via
from tasks.cases import Only
from tasks.store.given import Day
from tasks.store.session import Session


def by_steward() -> ColumnElement[bool]:
    """The suspensions that nobody decided: findings led to them."""
    return and_(col(Suspension.decided_by_id).is_(None), col(Suspension.recorded_via) == Via.STEWARD)


def is_asked_for(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether somebody is asked now to mend the finding."""
    return exists().where(
        col(ActionItem.subject_kind) == SubjectKind.FINDING,
        col(ActionItem.subject_id) == col(Finding.id),
        col(ActionItem.kind) == ItemKind.MEND_FINDING,
        col(ActionItem.state) == ItemState.OPEN,
        *more,
    )


def is_exempt(policy: Policy, today: Day) -> ColumnElement[bool]:
    """Whether no finding suspends the account today: a channel for emergencies, or somebody said so."""
    return or_(
        col(Account.platform).in_(policy.never_suspended()), col(Account.never_suspended_until) >= today
    )


def is_never_suspended(policy: Policy, today: date) -> ColumnElement[bool]:
    """Whether the finding is of an account that no finding suspends today."""
    return (
        exists()
        .where(col(Account.id) == col(Finding.account_id), is_exempt(policy, today))
        .correlate(Finding)
    )


def is_late(policy: Policy, today: date) -> ColumnElement[bool]:
    """Whether the day through which people had time is over, or was when it was found."""
    opened_on = day_of(col(Finding.opened_at), policy.zone, today)
    return or_(col(Finding.due_on) < today, col(Finding.due_on) <= opened_on)


def leads_to_suspension(policy: Policy, today: date) -> ColumnElement[bool]:
    """Findings whose control leads to one; those about a person only while that person has access.

    At an account that no finding suspends only what is about one person's access. Nothing that was not seen.
    """
    has_access = exists().where(
        col(Access.account_id) == col(Finding.account_id),
        col(Access.person_id) == col(Finding.person_id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )
    return or_(
        false(),
        and_(
            col(Finding.control).in_(policy.sanctioned(SanctionOf.ACCOUNT)),
            ~is_never_suspended(policy, today),
            is_seen(policy),
        ),
        and_(col(Finding.control).in_(policy.sanctioned(SanctionOf.ACCESS)), has_access),
    )


def _meant(account: SQLColumnExpression[Any], only: Only | None) -> ColumnElement[bool]:
    return true() if only is None else account == only.account


def _to_announce(policy: Policy, today: date, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .join(Account, col(Account.id) == col(Finding.account_id))
        .where(
            col(Finding.resolved_at).is_(None),
            col(Account.state) == AccountState.LIVE,
            leads_to_suspension(policy, today),
            is_late(policy, today),
            ~is_asked_for(),
        )
    )


def to_announce_by_control(policy: Policy, today: date) -> Select[*tuple[Any, ...]]:
    """The control, account and person of each finding that nobody is asked to mend."""
    return _to_announce(policy, today, col(Finding.control), col(Finding.account_id), col(Finding.person_id))


def past_by_control(today: date) -> Select[*tuple[Any, ...]]:
    """Live accounts with a finding past its day."""
    return to_carry_out(today, None)[0]


def to_announce(
    policy: Policy, today: date, at_most: int, only: Only | None, held: Collection[str] = ()
) -> Select[*tuple[Any, ...]]:
    """Live accounts with a late finding that nobody is asked to mend; those with the oldest first.

    Findings of the controls that are `held` don't count: the others must not wait for them.
    """
    return (
        _to_announce(policy, today, col(Finding.account_id))
        .where(_meant(col(Account.id), only), col(Finding.control).not_in(held))
        .group_by(col(Finding.account_id))
        .order_by(func.min(col(Finding.id)))
        .limit(at_most)
    )


def to_carry_out(today: date, only: Only | None) -> tuple[Select[*tuple[Any, ...]], ...]:
    """Live accounts with a finding past its day, or mended; and those that findings suspended."""
    live = (
        select(col(Finding.account_id))
        .join(Account, col(Account.id) == col(Finding.account_id))
        .where(col(Account.state) == AccountState.LIVE, _meant(col(Account.id), only))
        .order_by(col(Finding.id))
    )
    return (
        live.where(col(Finding.resolved_at).is_(None), is_asked_for(col(ActionItem.due_on) < today)),
        live.where(col(Finding.resolved_at).is_not(None), is_asked_for()),
        select(col(Suspension.account_id))
        .where(col(Suspension.ended_at).is_(None), by_steward(), _meant(col(Suspension.account_id), only))
        .order_by(col(Suspension.id)),
    )


async def announced_since(session: Session, policy: Policy, moment: datetime) -> int:
    """At how many accounts somebody was asked since then to mend a finding that leads to a suspension."""
    names = (*policy.sanctioned(SanctionOf.ACCOUNT), *policy.sanctioned(SanctionOf.ACCESS))
    found = await session.run(
        select(func.count(col(Finding.account_id).distinct()))
        .select_from(ActionItem)
        .join(Finding, col(Finding.id) == col(ActionItem.subject_id))
        .where(
            col(ActionItem.subject_kind) == SubjectKind.FINDING,
            col(ActionItem.kind) == ItemKind.MEND_FINDING,
            col(ActionItem.opened_at) >= moment,
            col(Finding.control).in_(names),
        )
    )
    return int(found.scalar_one())


async def suspended_since(session: Session, moment: datetime) -> int:
    """How many accounts findings suspended since then."""
    found = await session.run(
        select(func.count(col(Suspension.id))).where(by_steward(), col(Suspension.suspended_at) >= moment)
    )
    return int(found.scalar_one())


async def accesses_since(session: Session, moment: datetime) -> int:
    """How many accesses Steward suspended for findings since then."""
    found = await session.run(
        select(func.count(col(AuditEntry.seq))).where(
            col(AuditEntry.subject_kind) == SubjectKind.ACCESS,
            col(AuditEntry.from_state) == AccessState.GRANTED,
            col(AuditEntry.to_state) == AccessState.SUSPENDED,
            col(AuditEntry.cause).like("finding %"),
            col(AuditEntry.actor_id).is_(None),
            col(AuditEntry.at) >= moment,
        )
    )
    return int(found.scalar_one())
