"""What is wrong or misleading is acknowledged and put right."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import Select, func, literal, select
from sqlmodel import col

from policy.controls._control import OneFor
from policy.controls._rule import Rule
from policy.parts import Count, Id
from policy.selects import AccountFilter
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.public import Correction
from schemas.words import ItemKind

if TYPE_CHECKING:
    from policy.model import Policy


class Corrections(Rule):
    """Misleading information about the division is acknowledged and corrected, each within school days.

    `decided_by`: the office that acknowledges it and puts it right. `acknowledge_within_school_days` after it
    was reported, `correct_within_school_days` after it was acknowledged.

    Finds every live account where something reported waits beyond its day. Asks that office for each step,
    and tells whoever reported it. Never says what is true.
    """

    one_for: ClassVar[OneFor | None] = OneFor.FILE
    may_observe: ClassVar[bool] = True
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.CORRECT,)

    use: Literal["corrections"] = "corrections"
    decided_by: Id
    acknowledge_within_school_days: Count
    correct_within_school_days: Count

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("decided_by", "division office", self.decided_by),)

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every account where a report waits whose day is over; due on the earliest of those days."""
        del policy
        waiting = (
            select(col(Correction.account_id), func.min(col(Correction.due_on)).label("due_on"))
            .where(
                col(Correction.ended_at).is_(None),
                col(Correction.due_on) < today,
                among(col(Correction.account_id)),
            )
            .group_by(col(Correction.account_id))
            .subquery()
        )
        return select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            waiting.c.due_on,
            literal("Something misleading that was reported there is not put right yet.").label("detail"),
        ).select_from(table_of(Account).join(waiting, waiting.c.account_id == col(Account.id)))
