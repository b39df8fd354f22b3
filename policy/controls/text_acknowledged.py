"""Whoever has access has acknowledged texts in their present version."""

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    exists,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlmodel import col

from policy.controls._control import Sanction
from policy.controls._rule import Rule
from policy.parts import Grace, Id
from policy.selects import AccountFilter, day_of, plus_days
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import ItemKind

if TYPE_CHECKING:
    from policy.model import Policy, Text


class TextAcknowledged(Rule):
    """Nobody gets access before they have acknowledged each of these texts that fits the account.

    `texts`: their ids. `each`: acknowledged once a "person", for all accounts, or once an "account".
    `within_days`: access without it is overdue so many days after the text was sent, or, for texts of an
    account, after access was granted or found. `then`: what is suspended where that is not mended.

    Finds every access without it. Sends each text, and a new version of it, to whoever needs it, and asks
    the person for it. Never asks twice for the same version.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (
        ItemKind.ACKNOWLEDGE_GUIDELINES,
        ItemKind.ACCEPT_RESPONSIBILITY,
    )

    use: Literal["text-acknowledged"] = "text-acknowledged"
    texts: tuple[Id, ...] = Field(min_length=1)
    each: Literal["person", "account"]
    within_days: Grace
    then: Sanction | None = None

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return tuple(("texts", "text", text) for text in self.texts)

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every access granted on a live account whose person has not acknowledged a text that fits it.

        In its present version. Due the control's days after the day on which it was sent: people are given
        time after a new version and after an inventory, too. Where it was not sent yet, a text of all
        accounts counts from `today`, and one of an account from the day access was granted or found.
        """
        once_a_person = self.each == "person"
        unsent = literal(today) if once_a_person else day_of(col(Access.state_since), policy.zone, today)
        lacking, was_sent, due = [], [], []
        joined = table_of(Account).join(table_of(Access), col(Access.account_id) == col(Account.id))
        texts = [policy.text(text) for text in self.texts]
        for number, text in enumerate(texts):
            receipt = table_of(GuidelineReceipt if once_a_person else Acceptance).alias(f"receipt_{number}")
            joined = joined.outerjoin(receipt, self._is_of(receipt, text, col(Access.person_id)))
            fits = col(Account.channel).in_(text.fits) if text.fits else true()
            lacks = and_(
                fits, (receipt.c.acknowledged_at if once_a_person else receipt.c.accepted_at).is_(None)
            )
            sent = and_(lacks, receipt.c.sent_at.is_not(None))
            lacking.append(lacks)
            was_sent.append(sent)
            due.append((sent, plus_days(day_of(receipt.c.sent_at, policy.zone, today), self.within_days)))
        named = " and ".join(f"“{text.id}”, version {text.version}" for text in texts)
        return (
            select(
                col(Account.id).label("account_id"),
                col(Access.person_id).label("person_id"),
                case(*due, else_=plus_days(unsent, self.within_days)).label("due_on"),
                case(
                    (or_(*was_sent), literal(f"Has access and has not acknowledged what was sent: {named}.")),
                    else_=literal(f"Has access and was not sent yet: {named}."),
                ).label("detail"),
            )
            .select_from(joined)
            .where(
                col(Access.state) == AccessState.GRANTED,
                # of each person once, however many accesses they have; of a few accounts, of theirs alone
                col(Access.person_id).in_(_without_some(texts))
                if once_a_person and among.everybody
                else true(),
                or_(*lacking),
            )
        )

    def _is_of(self, receipt: Any, text: "Text", person: Any) -> ColumnElement[bool]:
        """Whether a receipt is this person's, of this text in its present version."""
        if self.each == "person":
            return and_(
                receipt.c.person_id == person,
                receipt.c.guideline == text.id,
                receipt.c.guideline_version == text.version,
            )
        return and_(
            receipt.c.person_id == person,
            receipt.c.account_id == col(Account.id),
            receipt.c.text == text.id,
            receipt.c.text_version == text.version,
        )


def _without_some(texts: "list[Text]") -> CompoundSelect[int | None]:
    """Everybody who has not acknowledged every one of these texts: few are left to look up.

    A select for each text, and no OR of them, which PostgreSQL takes for nearly everybody.
    """
    receipt = table_of(GuidelineReceipt)
    return union(
        *(
            select(col(Person.id)).where(
                ~exists().where(
                    receipt.c.person_id == col(Person.id),
                    receipt.c.guideline == text.id,
                    receipt.c.guideline_version == text.version,
                    receipt.c.acknowledged_at.is_not(None),
                )
            )
            for text in texts
        )
    )
