"""What the public asks is answered in the time that people expect on that platform."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import Select, func, literal, select
from sqlmodel import col

from policy.controls._control import OneFor
from policy.controls._rule import Rule
from policy.parts import Count
from policy.selects import AccountFilter
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.public import Enquiry
from schemas.words import ItemKind

if TYPE_CHECKING:
    from policy.calendar import Calendar
    from policy.model import Policy


class AnswerWithin(Rule):
    """A question of the public that is logged is answered within the working hours of its platform.

    The hours are the platform's `answer_within_working_hours`; `otherwise_working_hours` where it has none.
    Only hours of `working_hours` on working days count.

    Finds every live account with a question whose day went by without an answer. Asks whoever administers
    the account, at once. Never keeps who asked, nor reads messages itself.
    """

    one_for: ClassVar[OneFor | None] = OneFor.LEVEL
    may_observe: ClassVar[bool] = True
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.ANSWER_PUBLIC,)

    use: Literal["answer-within"] = "answer-within"
    otherwise_working_hours: Count

    def expected_by(
        self, asked_at: datetime, platform: str, policy: "Policy", calendar: "Calendar"
    ) -> datetime:
        """When somebody who asks on that platform at this instant expects an answer. In UTC."""
        known = next((one for one in policy.platforms if one.name == platform), None)
        hours = known.answer_within_working_hours if known else None
        return calendar.after_working_hours(asked_at, hours or self.otherwise_working_hours)

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every account where a question waits whose day is over; due on the earliest of those days."""
        del policy
        waiting = (
            select(col(Enquiry.account_id), func.min(col(Enquiry.due_on)).label("due_on"))
            .where(
                col(Enquiry.ended_at).is_(None), col(Enquiry.due_on) < today, among(col(Enquiry.account_id))
            )
            .group_by(col(Enquiry.account_id))
            .subquery()
        )
        return select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            waiting.c.due_on,
            literal("A question of the public waits for longer than people expect there.").label("detail"),
        ).select_from(table_of(Account).join(waiting, waiting.c.account_id == col(Account.id)))
