"""Shared passwords are changed often enough, and soon after somebody who knew one lost access."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select, union_all
from sqlmodel import col

from policy.controls._control import OneFor, asked_at_once
from policy.controls._rule import Rule
from policy.parts import Count, Ladder, Lasts
from policy.selects import AccountFilter, day_of, last_of, none_since, plus_days, rotates, start_of
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.evidence import Rotation
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import ItemKind

if TYPE_CHECKING:
    from policy.model import Policy


class RotateSecret(Rule):
    """A shared password is changed each `every_days`, and `after_loss_days` after a knower lost access.

    `reminders_days_before`: people are asked so many days ahead, the first of them, and reminded at the
    others; 0 is the due day. Which accounts share a password: see `rotates` in the file's `custody`.

    Finds every live account whose password is due. Asks its administrators to change it, and to confirm
    that they have the new one. Never asks what it is.
    """

    one_for: ClassVar[OneFor | None] = OneFor.FILE
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.ROTATE_CREDENTIALS, ItemKind.CONFIRM_ROTATION)

    use: Literal["rotate-secret"] = "rotate-secret"
    every_days: Lasts
    after_loss_days: Count
    reminders_days_before: Annotated[Ladder, Field(min_length=1)]

    def reminders(self) -> tuple[tuple[ItemKind, Ladder], ...]:
        """Those to what it asks for."""
        return ((ItemKind.ROTATE_CREDENTIALS, self.reminders_days_before),)

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """A year that begins with the reminder of its end."""
        del policy
        return asked_at_once("reminders_days_before", self.reminders_days_before[0], self.every_days)

    def scope(self, policy: "Policy") -> ColumnElement[bool]:
        """The accounts with a shared password."""
        return and_(rotates(policy), super().scope(policy))

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account with a shared password that is due to be changed.

        It was changed by its latest rotation, or when the account became live if that is later, and is good
        through the day `every_days` after it. It is due earlier, `after_loss_days` after the day of the last
        loss, when somebody who knows it lost access since; somebody who has left and still has access is
        counted from `today`. Whoever has `knows_secret_until` no longer knows it: it changed without them.
        """
        zone = policy.zone
        since = func.coalesce(col(Account.live_since), col(Account.state_since))
        changed_at = last_of(table_of(Rotation).c.rotated_at, since)
        too_old = start_of(today - timedelta(days=self.every_days), zone)
        overdue = and_(since < too_old, none_since(table_of(Rotation).c.rotated_at, too_old, among))
        lost = _lost(among)
        known_outside = and_(lost.c.lost_at.is_not(None), lost.c.lost_at > changed_at)
        left = lost.c.left_behind == 1
        return (
            select(
                col(Account.id).label("account_id"),
                literal(0).label("person_id"),
                case(
                    (overdue, plus_days(day_of(changed_at, zone, today), self.every_days)),
                    (known_outside, plus_days(day_of(lost.c.lost_at, zone, today), self.after_loss_days)),
                    else_=literal(today + timedelta(days=self.after_loss_days)),
                ).label("due_on"),
                case(
                    (overdue, literal("Its password was not changed for too long.")),
                    (known_outside, literal("Somebody who knows its password has lost access since.")),
                    else_=literal("Somebody who knows its password has left."),
                ).label("detail"),
            )
            .select_from(table_of(Account).outerjoin(lost, lost.c.account_id == col(Account.id)))
            .where(or_(overdue, known_outside, left))
        )


def _lost(among: AccountFilter) -> Subquery:
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
