"""How people are asked, reminded and written to, and what comes in from the roster."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from policy.parts import Count, Grace, Id, Ladder, Part, Words
from schemas.words import ItemKind

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Climb(Part):
    """To which office an action item climbs when it is `overdue_school_days` late.

    `before_consequence_school_days`: so long before its last day instead, where a suspension follows it.
    """

    overdue_school_days: Count
    before_consequence_school_days: Count | None = None
    to: Id


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
        if ladder and ladder[0] >= self.due_school_days:
            raise ValueError("the first reminder would go out before the item is there")
        early = [one.before_consequence_school_days or 0 for one in self.climbs]
        if early != sorted(early, reverse=True):
            raise ValueError("before a consequence, too, each climb must come later than the one before")
        late = [climb.overdue_school_days for climb in self.climbs]
        if late != sorted(set(late)):
            raise ValueError("each climb must come later than the one before")
        return self


class Mail(Part):
    """How often and how long a notice is tried (`working_hours` say when).

    A mail lists `findings_in_a_mail_at_most` of them, the longest due. After `letters_a_day_at_most` letters
    of their own to one person on one day, what else comes for them is in their digest, urgent or not.
    """

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
    findings_in_a_mail_at_most: Count
    letters_a_day_at_most: Count = 20

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
    """The brakes on a roster: one that would take more people or offices is refused unless told otherwise.

    An office is emptied where somebody holds it at a school and nobody would; it must be over both figures.
    Who is only missing from a roster stays for `missing_school_days`, and so does an office that it leaves
    out: those concerned are told the day. At 0 they end at once.
    """

    deactivated_share_at_most: Share
    emptied_offices_at_most: Count
    emptied_offices_share_at_most: Share
    missing_school_days: Count = 5


class Retention(Part):
    """Who left so many days ago is forgotten; who keeps the policy hears of it so many days before."""

    forgotten_days_after_leaving: Count
    announced_days_before: Count

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.announced_days_before >= self.forgotten_days_after_leaving:
            raise ValueError("announced_days_before must be less than forgotten_days_after_leaving")
        return self


class Advice(Part):
    """How often advice reaches one person: several advices are one letter.

    `days_between_letters`: a term, by default. `letters_a_night_at_most`: the rest wait for the next night.
    """

    days_between_letters: Count = 90
    letters_a_night_at_most: Count = 200


class Night(Part):
    """The brake of a night: what its causes would begin, added up, for more than this waits.

    It must be over both figures: the number, and the share. "Losses" counts people who would lose access or
    an office, or be told that they will, and accounts that would be suspended, or announced for it; the share
    is of all people with access and all live accounts. "Letters" counts people who are asked to renew a
    course or are sent a text; the share is of the people. Who keeps the policy is asked once a cause.
    A policy that was adopted before there was a brake has these figures. One from before losses were added up
    has its figures for accesses.
    """

    letters_at_most: Count = 25
    letters_share_at_most: Share = 0.15
    losses_at_most: Count = 10
    losses_share_at_most: Share = 0.05

    @model_validator(mode="before")
    @classmethod
    def _added_up(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not any(key.startswith("acc") for key in given):
            return given
        renamed = {key.replace("accesses_", "losses_"): value for key, value in given.items()}
        return {key: value for key, value in renamed.items() if not key.startswith("accounts_")}


#: The terms of items that policies which were adopted before there were these do not have.
ANSWER_TERMS = ItemTerms(kind=ItemKind.ANSWER_BRAKE, due_school_days=2, remind_again_school_days=5)
MAILBOX_TERMS = ItemTerms(kind=ItemKind.MEND_MAILBOX, due_school_days=5, remind_again_school_days=5)


def terms_of_before(kind: ItemKind) -> ItemTerms:
    """The terms of items that were opened under an earlier policy, and that this one has none for."""
    return ItemTerms(kind=kind, due_school_days=5, remind_again_school_days=5)


class Changes(Part):
    """An access or an account that ends by a decision ends so many school days after it, and never before.

    Who can name a successor is asked `successor_asked_days_before` the last administrator leaves.
    """

    notice_school_days: Grace
    successor_asked_days_before: Count


class Secrets(Part):
    """What somebody reads whose free text holds what looks like a password, and the names of the vaults.

    A vault reference begins with one of these names, or is an address (op://, bw://).
    """

    advice: Words
    vaults: tuple[Words, ...] = ("vault",)
