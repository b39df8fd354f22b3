"""Where no password is shared, somebody looks at the platform's own list of administrators."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, select
from sqlmodel import col

from policy.controls._control import OneFor, asked_at_once
from policy.controls._rule import Rule
from policy.parts import Ladder, Lasts
from policy.selects import AccountFilter, day_of, last_of, none_since, plus_days, rotates, start_of
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.evidence import ListReview as Review
from schemas.words import ItemKind

if TYPE_CHECKING:
    from policy.model import Policy


class ListReview(Rule):
    """The list of who administers an account on its platform is looked at each `every_days`.

    `reminders_days_before`: people are asked so many days ahead, the first of them, and reminded at the
    others; 0 is the due day. It speaks of the accounts whose way in has no password that `rotates`.

    Finds every live account whose list was not looked at for longer. Asks its administrators to look. Never
    takes anybody off the platform's list itself.
    """

    one_for: ClassVar[OneFor | None] = OneFor.FILE
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.REVIEW_ADMINISTRATORS,)

    use: Literal["list-review"] = "list-review"
    every_days: Lasts
    reminders_days_before: Annotated[Ladder, Field(min_length=1)]

    def reminders(self) -> tuple[tuple[ItemKind, Ladder], ...]:
        """Those to what it asks for."""
        return ((ItemKind.REVIEW_ADMINISTRATORS, self.reminders_days_before),)

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """A year that begins with the reminder of its end."""
        del policy
        return asked_at_once("reminders_days_before", self.reminders_days_before[0], self.every_days)

    def scope(self, policy: "Policy") -> ColumnElement[bool]:
        """The accounts without a shared password."""
        return and_(not_(rotates(policy)), super().scope(policy))

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account whose list of administrators is due to be looked at.

        It was looked at by its latest review, or when the account became live if that is later, and is good
        through the day `every_days` after it.
        """
        since = func.coalesce(col(Account.live_since), col(Account.state_since))
        reviewed_at = last_of(table_of(Review).c.reviewed_at, since)
        too_old = start_of(today - timedelta(days=self.every_days), policy.zone)
        return select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            plus_days(day_of(reviewed_at, policy.zone, today), self.every_days).label("due_on"),
            literal("Nobody has looked for too long at who administers it.").label("detail"),
        ).where(since < too_old, none_since(table_of(Review).c.reviewed_at, too_old, among))
