"""What the code still asks of the policy in the old way, until it asks for controls."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policy.controls.attested import Attested
from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.list_review import ListReview
from policy.controls.look import Look
from policy.controls.rotate_secret import RotateSecret
from policy.controls.sanction import Suspending
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import Required, TrainingBeforeAccess
from policy.model.lists import Course, Notice, Text
from schemas.words import ChannelKind

if TYPE_CHECKING:
    from policy.model.whole import Policy


@dataclass(frozen=True)
class GuidelineAt:
    """A guideline with its version."""

    guideline: str
    version: str
    address: str
    fits: tuple[ChannelKind, ...]


@dataclass(frozen=True)
class CourseAt:
    """The course and its gate."""

    course: Course
    always: TrainingBeforeAccess
    classroom: TrainingBeforeAccess

    def __getattr__(self, name: str) -> Any:
        return getattr(self.course, name)

    @property
    def found_grace_school_days(self) -> int:
        """As the control says."""
        return self.always.found_grace_school_days

    @property
    def asked_days_before_lapse(self) -> int:
        """As the control says."""
        return self.always.asked_days_before_lapse

    @property
    def required_for_classroom(self) -> bool:
        """Whether a classroom account asks for it where nobody had a word of their own."""
        return self.classroom.required is not Required.WHEN_ASKED


@dataclass(frozen=True)
class StandingAt:
    """How long people have."""

    acknowledge_within_days: int
    accept_within_days: int
    attest_within_days: int
    look_within_days: int


@dataclass(frozen=True)
class RotationAt:
    """When passwords change and lists are reviewed."""

    every_days: int
    after_loss_days: int
    review_every_days: int
    reminders_days_before: tuple[int, ...]


@dataclass(frozen=True)
class SuspensionAt:
    """The brakes."""

    announced_a_night_at_most: int
    suspended_a_night_at_most: int
    close_after_days: int


@dataclass(frozen=True)
class PrivacyAt:
    """How often settings are attested."""

    attest_every_days: int


class Thin:
    """The old ways to ask."""

    @property
    def _me(self) -> "Policy":
        return self  # type: ignore[return-value]

    @property
    def course(self) -> Any:
        """The course and its gate."""
        always, classroom = self._me.of(TrainingBeforeAccess)
        return CourseAt(self._me.course_by_id(always.course), always, classroom)

    def training_required(self, level: str, required: bool | None = None) -> bool:
        """Whether an account of this level asks its people for the course."""
        return any(one.is_required(required) for one in self._me.applying(TrainingBeforeAccess, level=level))

    @property
    def guidelines(self) -> tuple[GuidelineAt, ...]:
        """The guidelines."""
        one = next(one for one in self._me.of(TextAcknowledged) if one.each == "person")
        return tuple(_guideline(self._me.text(text)) for text in one.texts)

    def guidelines_for(self, channel: ChannelKind) -> tuple[GuidelineAt, ...]:
        """The guidelines that fit a channel."""
        return tuple(text for text in self.guidelines if channel in text.fits)

    @property
    def acceptance(self) -> Text:
        """What a person accepts before access."""
        one = next(one for one in self._me.of(TextAcknowledged) if one.each == "account")
        return self._me.text(one.texts[0])

    @property
    def privacy(self) -> PrivacyAt:
        """How often settings are attested."""
        return PrivacyAt(self._me.of(Attested)[0].attest_every_days)

    @property
    def display(self) -> Display:
        """The control of the notice on pages."""
        return self._me.of(Display)[0]

    @property
    def notice(self) -> Notice:
        """The notice on pages."""
        return self._me.notice_by_id(self.display.notice)

    @property
    def identify_owner(self) -> IdentifyOwner:
        """The control of the profile."""
        return self._me.of(IdentifyOwner)[0]

    @property
    def standing(self) -> StandingAt:
        """How long people have."""
        person, account = self._me.of(TextAcknowledged)
        return StandingAt(
            person.within_days,
            account.within_days,
            self._me.of(Attested)[0].attest_within_days,
            self.display.look_within_days,
        )

    @property
    def rotation(self) -> RotationAt:
        """When passwords change and lists are reviewed."""
        change, review = self._me.of(RotateSecret)[0], self._me.of(ListReview)[0]
        return RotationAt(
            change.every_days, change.after_loss_days, review.every_days, change.reminders_days_before
        )

    @property
    def monitoring(self) -> Look:
        """The control of daily looks."""
        return self._me.of(Look)[0]

    @property
    def suspension(self) -> SuspensionAt:
        """The brakes."""
        one = self._me.of(Suspending)[0]
        return SuspensionAt(
            one.announced_a_night_at_most, one.suspended_a_night_at_most, one.close_after_days
        )


def _guideline(text: Text) -> GuidelineAt:
    return GuidelineAt(text.id, text.version, text.address or "", text.fits)
