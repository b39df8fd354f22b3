"""What the code still asks of the policy in the old way, until it asks for controls."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from policy.controls.administrators import Administrators
from policy.controls.application_form import ApplicationForm
from policy.controls.approval import Approval
from policy.controls.attested import Attested
from policy.controls.custody import Custody
from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.list_review import ListReview
from policy.controls.look import Look
from policy.controls.personal import Personal
from policy.controls.rotate_secret import RotateSecret
from policy.controls.sanction import Suspending
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import Required, TrainingBeforeAccess
from policy.model.lists import Course, Notice, Text
from schemas.words import ChannelKind, Level

if TYPE_CHECKING:
    from policy.model.whole import Policy


@dataclass(frozen=True)
class OfficeAt:
    """An office as accounts see it."""

    role: str
    scope: Literal["division", "school"]


@dataclass(frozen=True)
class DeciderAt(OfficeAt):
    """Who decides, and who does otherwise."""

    otherwise: OfficeAt


@dataclass(frozen=True)
class AdministratorsNeeded:
    """How many administrators an account must have, and who they must be."""

    role: str | None
    scope: Literal["division", "school"]
    holding_role: int
    or_designated: bool
    others: int

    @property
    def at_least(self) -> int:
        """How many people there must be in all."""
        return self.holding_role + self.others


@dataclass(frozen=True)
class GuidelineAt:
    """A guideline with its version."""

    guideline: str
    version: str
    address: str
    fits: tuple[ChannelKind, ...]


class ByLevel:
    """One answer a level."""

    def __init__(self, policy: "Policy", make: Any) -> None:
        self._policy, self._make = policy, make

    def at(self, level: str) -> Any:
        """The answer for a level. Raises ValueError for a personal account: it needs none."""
        if level == Level.PERSONAL:
            raise ValueError("a personal account needs none (14)")
        return self._make(self._policy, level)

    @property
    def school(self) -> Any:
        """The answer for school accounts."""
        return self.at(Level.SCHOOL)

    @property
    def division(self) -> Any:
        """The answer for division accounts."""
        return self.at(Level.DIVISION)

    @property
    def classroom(self) -> Any:
        """The answer for classroom accounts."""
        return self.at(Level.CLASSROOM)


def office_seen(policy: "Policy", office: str) -> OfficeAt:
    """An office as accounts see it."""
    at = policy.office(office).at
    return OfficeAt(office, at)


def _decider(policy: "Policy", level: str) -> DeciderAt:
    one = policy.applying(Approval, level=level)[0]
    first = office_seen(policy, one.decided_by)
    return DeciderAt(first.role, first.scope, office_seen(policy, one.otherwise))


def _needed(policy: "Policy", level: str) -> AdministratorsNeeded:
    one = policy.applying(Administrators, level=level)[0]
    office = None if one.office is None else office_seen(policy, one.office)
    return AdministratorsNeeded(
        None if office is None else office.role,
        "division" if office is None else office.scope,
        one.holders_at_least,
        one.or_designated,
        one.others_at_least,
    )


def _custodian(policy: "Policy", level: str) -> OfficeAt:
    return office_seen(policy, policy.applying(Custody, level=level)[0].office)


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
    findings_in_a_mail_at_most: int


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
class RequestsAt:
    """When a request is complete."""

    tools_considered_at_least: int
    reason_characters_at_least: int
    purpose_characters_at_least: int
    abandon_sent_back_days: int
    abandon_unprepared_days: int


@dataclass(frozen=True)
class PersonalAt:
    """The answer to a request for a personal account."""

    version: str
    answer: str
    advice: tuple[Any, ...]


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
    def deciders(self) -> ByLevel:
        """Who decides, by level."""
        return ByLevel(self._me, _decider)

    @property
    def administrators(self) -> ByLevel:
        """The administrators needed, by level."""
        return ByLevel(self._me, _needed)

    @property
    def custodians(self) -> ByLevel:
        """Whose way in a level needs."""
        return ByLevel(self._me, _custodian)

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
    def requests(self) -> RequestsAt:
        """When a request is complete."""
        form, approval = self._me.of(ApplicationForm)[0], self._me.of(Approval)[0]
        return RequestsAt(
            form.tools_considered_at_least,
            form.reason_characters_at_least,
            form.purpose_characters_at_least,
            form.abandon_sent_back_days,
            approval.abandon_unprepared_days,
        )

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
            self._me.mail.findings_in_a_mail_at_most,
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

    @property
    def personal(self) -> PersonalAt:
        """The answer to a request for a personal account."""
        text = self._me.text(self._me.of(Personal)[0].text)
        return PersonalAt(text.version, text.text or "", text.points)

    def seen(self, office: str) -> OfficeAt:
        """An office as accounts see it."""
        return office_seen(self._me, office)

    def default_deputies(self, role: str) -> tuple[OfficeAt, ...]:
        """The offices that deputize for an absent holder of a role who names nobody."""
        return tuple(office_seen(self._me, office) for office in self._me.office(role).deputies)

    def response_time(self, platform: str) -> timedelta:
        """How long an answer may take, in working hours."""
        return timedelta(hours=self._me.platform(platform).answer_within_working_hours or 0)


def _guideline(text: Text) -> GuidelineAt:
    return GuidelineAt(text.id, text.version, text.address or "", text.fits)
