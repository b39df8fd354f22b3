"""Somebody looks at an account on every day that counts."""

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import model_validator
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, select
from sqlmodel import col

from policy.controls._control import OneFor, Sanction
from policy.controls._rule import Rule
from policy.parts import Count, CountOrNone
from policy.selects import AccountFilter, start_of
from schemas.accounts import Account
from schemas.evidence import CheckIn
from schemas.language import half
from schemas.words import ItemKind, Mode

if TYPE_CHECKING:
    from policy.calendar import Calendar
    from policy.model import Policy

ONE_DAY = timedelta(days=1)
#: Days that count between a Friday and a Monday, where every day does.
WEEKEND = 2


class Cadence(StrEnum):
    """The days on which an account must be looked at."""

    SCHOOL_DAYS = "school days"
    ALL_DAYS = "all days"


def not_looked_at(since: date, policy: "Policy") -> ColumnElement[bool]:
    """Whether an account was live before a day, and nobody has said since then that they looked."""
    live_since = func.coalesce(col(Account.live_since), col(Account.state_since))
    looked = exists().where(col(CheckIn.account_id) == col(Account.id), col(CheckIn.day) >= since)
    return and_(live_since < start_of(since, policy.zone), ~looked)


class Look(Rule):
    """Somebody says of every account that they looked at its posts and comments.

    `on`: the days that count; none before `begins_on`. `missed_days_allowed`: so many may be missed in a row
    before it is a finding. `asked_after_missed_days`: so many in a row, and a look is asked for, the same
    day; None asks nobody before there is a finding. `said_late_days_at_most`: a look is said for its own day,
    or so many days later. `word_each_day`: whether whoever is to look reads of it in the digest of each such
    day with school; `word_each_week`: on the first one of a week. `then`: what is suspended where nobody
    looks again.

    Finds every live account that was missed on more days in a row. Asks its administrators; where all of
    them are away, their deputies, else who runs the school. Never keeps what was seen there.
    """

    one_for: ClassVar[OneFor | None] = OneFor.LEVEL
    may_observe: ClassVar[bool] = True
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.LOOK_AGAIN,)

    use: Literal["look"] = "look"
    on: Cadence
    begins_on: date
    missed_days_allowed: CountOrNone
    asked_after_missed_days: Count | None = None
    said_late_days_at_most: CountOrNone
    word_each_day: bool = False
    word_each_week: bool = False
    then: Sanction | None = None

    @model_validator(mode="after")
    def _one_word(self) -> Self:
        if self.word_each_day and self.word_each_week:
            raise ValueError(
                "choose word_each_day or word_each_week: whoever reads it each day needs no other"
            )
        return self

    def asks(self) -> tuple[ItemKind, ...]:
        """None, where nobody is asked before there is a finding."""
        return () if self.asked_after_missed_days is None else self.asks_for

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """A suspension that would be announced before everybody has heard who can still prevent it."""
        asked, climbs = self.asked_after_missed_days, policy.terms(ItemKind.LOOK_AGAIN).climbs
        if asked is None or self.then is None or not climbs:
            return ()
        heard = asked + climbs[-1].overdue_school_days + WEEKEND * (self.on is Cadence.ALL_DAYS)
        if heard <= self.missed_days_allowed:
            return ()
        who = policy.office(climbs[-1].to).label
        said = half(
            f"the {who} would hear of it after {heard} missed days, when the suspension is announced already"
        )
        return (("missed_days_allowed", said),)

    def set_to(self, mode: Mode, from_on: date) -> Self:
        """Enforced from a day on, no day before it counts: nobody was asked to look on those."""
        begins_on = max(self.begins_on, from_on) if mode is Mode.ENFORCE else self.begins_on
        return self.model_copy(update={"mode": mode, "begins_on": begins_on})

    def counts(self, day: date, calendar: "Calendar") -> bool:
        """Whether accounts must be looked at on this day: a school day, or any day."""
        if day < self.begins_on:
            return False
        return self.on is Cadence.ALL_DAYS or calendar.is_school_day(day)

    def looked_at_since(self, calendar: "Calendar", today: date, missed: int | None = None) -> date | None:
        """The first of the days before `today` on one of which each account must have been looked at.

        They are as many as may not be `missed`: one more than is allowed in a row, if it is left out. Today
        is not over and does not count. None: not so many days have gone by yet that count.
        """
        wanted, day = missed or self.missed_days_allowed + 1, today
        while wanted:
            day -= ONE_DAY
            if day < self.begins_on:
                return None
            wanted -= self.counts(day, calendar)
        return day

    def may_be_said_for(self, day: date, today: date) -> bool:
        """Whether somebody may still say `today` that they looked on `day`: not ahead, nor long after."""
        return 0 <= (today - day).days <= self.said_late_days_at_most

    def found(self, policy: "Policy", today: date, among: AccountFilter) -> Select[*tuple[Any, ...]]:
        """Every live account that nobody has checked in on more of these days in a row than may be missed.

        Days count from the day after it became live, and from `begins_on`. Due on the first of those days.
        One look into the index of check-ins an account, however many years of them there are.
        """
        del among
        since = self.looked_at_since(policy.calendar, today)
        found: Select[*tuple[Any, ...]] = select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            literal(since or today).label("due_on"),
            literal("Nobody has checked in for more days in a row than may be missed.").label("detail"),
        )
        if since is None:
            return found.where(false())
        return found.where(not_looked_at(since, policy))
