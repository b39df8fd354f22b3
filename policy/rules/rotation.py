"""11: shared passwords are changed often enough, and when somebody who knew one no longer should.

Where none is shared, somebody looks at the list of administrators as often as the policy says.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from policy.model import Policy
from policy.rules.dates import day_of, plus_days, start_of
from policy.rules.form import Among, every_account, rule
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.evidence import ListReview, Rotation
from schemas.people import Person
from schemas.states import AccessState


def rotates(policy: Policy) -> ColumnElement[bool]:
    """The accounts whose custody has a secret that rotates."""
    return col(Account.custody).in_([terms.mode for terms in policy.custody if terms.rotates])


@rule(clause="11", scope=every_account)
def the_password_is_changed(policy: Policy, today: date, among: Among) -> Select[*tuple[Any, ...]]:
    """Every live account with a shared password that is due to be changed, or a list due to be reviewed.

    A list of administrators was reviewed by its latest review, a password was changed by its latest
    rotation, or when the account became live if that is later; each is good through the day
    `review_every_days` or `every_days` after it. A password is due earlier, `after_loss_days` after the day
    of the last loss, when somebody who knows it lost access since; somebody who has left and still has
    access is counted from `today`. Whoever has `knows_secret_until` no longer knows it: it was changed
    without them.
    """
    zone, every, after = policy.zone, policy.rotation.every_days, policy.rotation.after_loss_days
    review_every, shared = policy.rotation.review_every_days, rotates(policy)
    since = func.coalesce(col(Account.live_since), col(Account.state_since))
    changed_at = _last(table_of(Rotation).c.rotated_at, since)
    reviewed_at = _last(table_of(ListReview).c.reviewed_at, since)
    too_old = start_of(today - timedelta(days=every), zone)
    overdue = and_(shared, since < too_old, none_since(table_of(Rotation).c.rotated_at, too_old, among))
    too_old = start_of(today - timedelta(days=review_every), zone)
    unreviewed = and_(
        not_(shared), since < too_old, none_since(table_of(ListReview).c.reviewed_at, too_old, among)
    )
    lost = _lost(among)
    known_outside = and_(shared, lost.c.lost_at.is_not(None), lost.c.lost_at > changed_at)
    gone = and_(shared, lost.c.left_behind == 1)
    due = plus_days(day_of(changed_at, zone, today), every)
    review_due = plus_days(day_of(reviewed_at, zone, today), review_every)
    due_after_loss = plus_days(day_of(lost.c.lost_at, zone, today), after)
    return (
        select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            case(
                (unreviewed, review_due),
                (overdue, due),
                (known_outside, due_after_loss),
                else_=literal(today + timedelta(days=after)),
            ).label("due_on"),
            case(
                (unreviewed, literal("Nobody has looked for too long at who administers it.")),
                (overdue, literal("Its password was not changed for too long.")),
                (known_outside, literal("Somebody who knows its password has lost access since.")),
                else_=literal("Somebody who knows its password has left."),
            ).label("detail"),
        )
        .select_from(table_of(Account).outerjoin(lost, lost.c.account_id == col(Account.id)))
        .where(or_(unreviewed, overdue, known_outside, gone))
    )


def none_since(moments: Column[Any], moment: datetime, among: Among) -> ColumnElement[bool]:
    """Whether an account has none of these since a moment. The recent ones are read once for all."""
    account_id = moments.table.c.account_id
    return col(Account.id).not_in(select(account_id).where(moments >= moment, among(account_id)))


def _last(moments: Column[Any], since: ColumnElement[Any]) -> ColumnElement[Any]:
    """The last of an account's moments, or `since` if that is later. Costly: only for rows that are shown."""
    last = (
        select(func.max(moments))
        .where(moments.table.c.account_id == col(Account.id))
        .correlate(Account)
        .scalar_subquery()
    )
    return case((last > since, last), else_=since)


def _lost(among: Among) -> Subquery:
    """By account: when somebody who knows the secret last lost access; whether anybody left and has it yet.

    Two reads of a few rows each, and not one of every access.
    """
    access = table_of(Access)
    knows = and_(
        access.c.knows_secret_since.is_not(None),
        access.c.knows_secret_until.is_(None),
        among(access.c.account_id),
    )
    without = select(
        access.c.account_id, access.c.state_since.label("lost_at"), literal(0).label("left_behind")
    ).where(knows, access.c.state.in_((AccessState.SUSPENDED, AccessState.REVOKED)))
    behind = (
        select(access.c.account_id, literal(None, access.c.state_since.type), literal(1))
        .select_from(table_of(Person).join(access, access.c.person_id == col(Person.id)))
        .where(knows, access.c.state == AccessState.GRANTED, ~col(Person.active))
    )
    both = union_all(without, behind).subquery("one")
    return (
        select(
            both.c.account_id,
            func.max(both.c.lost_at).label("lost_at"),
            func.max(both.c.left_behind).label("left_behind"),
        )
        .group_by(both.c.account_id)
        .subquery("lost")
    )
