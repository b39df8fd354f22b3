"""How people are asked, reminded and written to; what comes in from the roster; who must look when."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from policy.model.base import (
    AdviceClause,
    Count,
    CountOrNone,
    Ladder,
    Part,
    Version,
    Words,
    doubled,
    is_descending,
)
from policy.model.division import Office
from schemas.words import ItemKind, Platform

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Climb(Office):
    """To whom an action item climbs when it is `overdue_school_days` late."""

    overdue_school_days: Count


class ItemTerms(Part):
    """How long a person has for one kind of action item, when they are reminded, to whom it climbs.

    All in school days, counted from the due day: reminders before it, 0 being the day itself; once it is
    late, a reminder every `remind_again_school_days`. Reminders that are given as `reminders_days_before` are
    counted in days instead; one that falls on a day without school goes out on the school day before it.
    """

    kind: ItemKind
    due_school_days: Count
    reminders_school_days_before: Ladder = ()
    reminders_days_before: Ladder = ()
    remind_again_school_days: Count
    climbs: tuple[Climb, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "ItemTerms":
        ladder = self.reminders_school_days_before
        if ladder and self.reminders_days_before:
            raise ValueError("give its reminders in days or in school days, not in both")
        if not is_descending(ladder) or not is_descending(self.reminders_days_before):
            raise ValueError("reminders go out nearer and nearer: list the days from many to few")
        if ladder and ladder[0] >= self.due_school_days:
            raise ValueError("the first reminder would go out before the item is there")
        late = [climb.overdue_school_days for climb in self.climbs]
        if late != sorted(set(late)):
            raise ValueError("each climb must come later than the one before")
        return self


class Mail(Part):
    """How often and how long a notice is tried (clause 4 says when: see `working_hours`)."""

    attempts: Count
    retry_first_seconds: Count
    retry_longest_seconds: Count
    retry_jitter_share: Share
    give_up_after_seconds: Annotated[int, Field(ge=60, le=30 * 86_400)]
    lease_seconds: Count
    messages_per_connection: Count
    connections_at_once: Count
    under_way_at_once: Count
    under_way_seconds: Count

    @model_validator(mode="after")
    def _in_order(self) -> "Mail":
        if self.retry_longest_seconds < self.retry_first_seconds:
            raise ValueError("the longest wait between tries must not be shorter than the first")
        if self.give_up_after_seconds < self.retry_longest_seconds:
            raise ValueError("a notice would be given up before its longest wait is over")
        if self.under_way_seconds * 4 > self.lease_seconds:
            raise ValueError("a group under way could outlast its lease: give it a quarter of that at most")
        return self


class Roster(Part):
    """A roster that would deactivate a larger share of the active people is refused unless told otherwise."""

    deactivated_share_at_most: Share


class Secrets(Part):
    """What somebody reads whose free text holds what looks like a password (5.5, 6.2, 11)."""

    advice: Words


class Rotation(Part):
    """Shared passwords are changed at least so often, and so soon after a knower lost access (11).

    Where no password is shared, the list of administrators is reviewed each `review_every_days` instead. For
    either, people are asked the first of `reminders_days_before` ahead, and reminded at the others.
    """

    every_days: Count
    after_loss_days: Count
    review_every_days: Count
    reminders_days_before: Annotated[Ladder, Field(min_length=1)]

    @field_validator("reminders_days_before")
    @classmethod
    def _descends(cls, value: Ladder) -> Ladder:
        if not is_descending(value):
            raise ValueError("reminders go out nearer and nearer: list the days from many to few")
        return value


class Standing(Part):
    """How long people have for what a standing rule finds missing that nobody had asked of them before.

    In days: to acknowledge a guideline after it was sent (5.3), to accept responsibility (5.6), to attest
    privacy settings (7), and until somebody has looked at a page (6.3, 8). A mail lists so many findings at
    most.
    """

    acknowledge_within_days: Count
    accept_within_days: Count
    attest_within_days: Count
    look_within_days: Count
    findings_in_a_mail_at_most: Count


class Cadence(StrEnum):
    """The days on which an account must be looked at (9)."""

    SCHOOL_DAYS = "school days"
    ALL_DAYS = "all days"


class Monitoring(Part):
    """Daily monitoring (9): on which days, and how many may be missed in a row before it is a finding.

    No day before `begins_on` counts. A look is said for its own day, or `said_late_days_at_most` later.
    """

    on: Cadence
    begins_on: date
    missed_days_allowed: CountOrNone
    said_late_days_at_most: CountOrNone


class ResponseTime(Part):
    """Within how many working hours a public question on a platform is answered (12)."""

    platform: Platform
    working_hours: Count


class AdviceText(Part):
    """What somebody with a personal account should keep in mind, one clause of 14."""

    clause: AdviceClause
    text: Words


class PersonalAccounts(Part):
    """The answer to a request for a personal account: none is needed, and this applies (14)."""

    version: Version
    answer: Words
    advice: tuple[AdviceText, ...]

    @field_validator("advice")
    @classmethod
    def _whole(cls, value: tuple[AdviceText, ...]) -> tuple[AdviceText, ...]:
        clauses = tuple(text.clause for text in value)
        if (twice := doubled(clauses)) is not None:
            raise ValueError(f"clause {twice} stands here twice")
        for number in range(1, 13):
            if f"14.{number}" not in clauses:
                raise ValueError(f"the advice of clause 14.{number} is missing")
        return value
