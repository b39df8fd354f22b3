"""The facts of accesses, many at once: four statements, however many there are."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.controls.custody import custody_is_shown
from policy.gates import gates
from policy.model import Policy
from policy.training_gate import ENDED_ACCOUNTS, OPEN_ACCOUNTS
from policy.training_lapse import asked_to_renew_from
from schemas.accounts import Access, Account
from schemas.facts import AccessFacts
from schemas.gates import Acceptance, Completion, GuidelineReceipt
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, CustodyMode, ItemKind, ItemState, SubjectKind


def _has_current_course(policy: Policy, today: date) -> ColumnElement[bool]:
    return exists().where(
        col(Completion.person_id) == col(Access.person_id),
        col(Completion.course) == policy.course.id,
        col(Completion.voided_at).is_(None),
        col(Completion.completed_on) >= policy.course.counts_from(today),
    )


def _is_asked() -> ColumnElement[bool]:
    """Whether the person is asked to renew the course already."""
    return exists().where(
        col(ActionItem.subject_kind) == SubjectKind.PERSON,
        col(ActionItem.subject_id) == col(Access.person_id),
        col(ActionItem.kind) == ItemKind.COMPLETE_COURSE,
        col(ActionItem.state) == ItemState.OPEN,
        col(ActionItem.key).contains("/course/renew/"),
    )


def may_move(policy: Policy, calendar: Calendar, today: date) -> Select[int | None, int, str]:
    """The accesses that may have something to do: (access, account, handle). Few, however many there are.

    Waiting ones; granted ones whose person has no current completion, or one to be renewed; those suspended
    for a gate; those of people who have left, of suspended accounts too, or who are back; those whose last
    day is over. Whether there *is* something to do, `decide_access` says.
    """
    current = _has_current_course(policy, today)
    renewed = calendar.asked_through(today, lambda lapses: asked_to_renew_from(lapses, policy, calendar))
    lasts = _has_current_course(policy, renewed + timedelta(days=1))
    return (
        select(col(Access.id), col(Access.account_id), col(Account.handle))
        .join(Account, col(Account.id) == col(Access.account_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            or_(
                and_(
                    col(Access.ends_on) < today,
                    col(Access.state) != AccessState.REVOKED,
                    col(Account.state).not_in(ENDED_ACCOUNTS),
                ),
                and_(
                    col(Access.ends_for) == AccessEnd.LEFT,
                    col(Access.state) == AccessState.REVOKED,
                    col(Person.active),
                    col(Account.state).not_in(ENDED_ACCOUNTS),
                ),
                and_(
                    not_(col(Person.active)),
                    col(Access.state) != AccessState.REVOKED,
                    col(Account.state).not_in(ENDED_ACCOUNTS),
                ),
                and_(
                    col(Account.state).in_(OPEN_ACCOUNTS),
                    or_(
                        col(Access.state) == AccessState.WAITING,
                        and_(col(Access.state) == AccessState.GRANTED, not_(current)),
                        and_(col(Access.state) == AccessState.GRANTED, not_(lasts), not_(_is_asked())),
                        and_(
                            col(Access.state) == AccessState.SUSPENDED,
                            col(Access.suspended_for).in_(gates(policy)),
                        ),
                    ),
                ),
            ),
        )
        .order_by(col(Access.account_id), col(Access.id))
    )


async def over(session: AsyncSession, access_ids: Sequence[int], today: date) -> tuple[int, ...]:
    """The other accesses to the same accounts whose announced last day is over and that have not ended."""
    these = select(col(Access.account_id)).where(col(Access.id).in_(access_ids))
    asked = select(col(Access.id)).where(
        col(Access.account_id).in_(these),
        col(Access.id).not_in(access_ids),
        col(Access.ends_on) < today,
        col(Access.state) != AccessState.REVOKED,
    )
    rows = await (await session.connection()).execute(asked.order_by(col(Access.id)))
    return tuple(row for row in rows.scalars() if row is not None)


def _nobody_else(policy: Policy) -> ColumnElement[bool]:
    """Whether an account is live and only this person, of those who are here, can reach it."""
    other, somebody = aliased(Access), aliased(Person)
    others = exists().where(
        col(other.account_id) == col(Access.account_id),
        col(other.id) != col(Access.id),
        col(other.state) == AccessState.GRANTED,
        col(somebody.id) == col(other.person_id),
        col(somebody.active),
    )
    return and_(col(Account.state) == AccountState.LIVE, not_(others), not_(custody_is_shown(policy)))


async def access_facts(
    session: AsyncSession, access_ids: Sequence[int], policy: Policy
) -> tuple[AccessFacts, ...]:
    """The facts of these accesses, in the order of their numbers."""
    connection = await session.connection()
    latest = (
        select(func.max(col(Completion.completed_on)))
        .where(
            col(Completion.person_id) == col(Access.person_id),
            col(Completion.course) == policy.course.id,
            col(Completion.voided_at).is_(None),
        )
        .scalar_subquery()
    )
    accepted = exists().where(
        col(Acceptance.person_id) == col(Access.person_id),
        col(Acceptance.account_id) == col(Access.account_id),
    )
    grace = (
        select(func.max(col(ActionItem.due_on)))
        .where(
            col(ActionItem.subject_kind) == SubjectKind.PERSON,
            col(ActionItem.subject_id) == col(Access.person_id),
            col(ActionItem.kind) == ItemKind.COMPLETE_COURSE,
            col(ActionItem.state) == ItemState.OPEN,
            or_(
                col(ActionItem.key).contains("/course/found/"),
                col(ActionItem.key).contains("/course/renew/"),
            ),
        )
        .scalar_subquery()
    )
    rows: Sequence[Any] = (
        await connection.execute(
            select(
                col(Access.id),
                col(Access.state),
                col(Access.version),
                col(Access.suspended_for),
                col(Access.ends_on),
                col(Access.ends_for),
                col(Access.person_id),
                col(Person.active),
                col(Access.account_id),
                col(Account.state).label("account_state"),
                col(Account.level),
                col(Account.channel),
                col(Account.training_required),
                col(Account.custody),
                col(Access.knows_secret_since),
                col(Access.knows_secret_until),
                latest.label("completed_on"),
                accepted.label("accepted"),
                grace.label("grace_until"),
                _nobody_else(policy).label("nobody_else"),
            )
            .join(Account, col(Account.id) == col(Access.account_id))
            .join(Person, col(Person.id) == col(Access.person_id))
            .where(col(Access.id).in_(access_ids))
            .order_by(col(Access.id))
        )
    ).all()
    people = {row.person_id for row in rows}
    acknowledged = await _acknowledged(session, people)
    asked = await _asked(session, people, set(access_ids), {row.account_id for row in rows})
    return tuple(
        AccessFacts(
            id=row.id,
            state=AccessState(row.state),
            version=row.version,
            suspended_for=row.suspended_for,
            ends_on=row.ends_on,
            ends_for=row.ends_for,
            person_id=row.person_id,
            person_active=row.active,
            account_id=row.account_id,
            account_state=AccountState(row.account_state),
            level=row.level,
            channel=row.channel,
            training_required=row.training_required,
            completed_on=row.completed_on,
            acknowledged=frozenset(acknowledged.get(row.person_id, ())),
            accepted=bool(row.accepted),
            grace_until=row.grace_until,
            custody=CustodyMode(row.custody),
            knows_secret=row.knows_secret_since is not None and row.knows_secret_until is None,
            nobody_else=bool(row.nobody_else),
            account_asked=frozenset(asked.get((SubjectKind.ACCOUNT, row.account_id), ())),
            asked=frozenset(asked.get((SubjectKind.PERSON, row.person_id), ()))
            | frozenset(asked.get((SubjectKind.ACCESS, row.id), ())),
        )
        for row in rows
    )


async def _acknowledged(session: AsyncSession, people: set[int]) -> dict[int, set[tuple[str, str]]]:
    rows = await (await session.connection()).execute(
        select(
            col(GuidelineReceipt.person_id),
            col(GuidelineReceipt.guideline),
            col(GuidelineReceipt.guideline_version),
        ).where(
            col(GuidelineReceipt.person_id).in_(people), col(GuidelineReceipt.acknowledged_at).is_not(None)
        )
    )
    found: dict[int, set[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row.person_id, set()).add((row.guideline, row.guideline_version))
    return found


async def _asked(
    session: AsyncSession, people: set[int], accesses: set[int], accounts: set[int]
) -> dict[tuple[SubjectKind, int], set[str]]:
    rows = await (await session.connection()).execute(
        select(col(ActionItem.key), col(ActionItem.subject_kind), col(ActionItem.subject_id)).where(
            col(ActionItem.state) == ItemState.OPEN,
            or_(
                and_(
                    col(ActionItem.subject_kind) == SubjectKind.PERSON, col(ActionItem.subject_id).in_(people)
                ),
                and_(
                    col(ActionItem.subject_kind) == SubjectKind.ACCESS,
                    col(ActionItem.subject_id).in_(accesses),
                ),
                and_(
                    col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
                    col(ActionItem.subject_id).in_(accounts),
                ),
            ),
        )
    )
    found: dict[tuple[SubjectKind, int], set[str]] = {}
    for row in rows:
        found.setdefault((SubjectKind(row.subject_kind), row.subject_id), set()).add(row.key)
    return found
