"""The privacy course over time: who holds access is asked to renew it before it lapses. Pure."""

from datetime import date, timedelta

from policy.calendar import Calendar
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import training
from policy.model import Policy
from policy.notices.access import AccessAtRisk
from schemas.facts import AccessFacts
from schemas.outcome import NOTHING, Ask, Outcome, Subject, Tell
from schemas.words import ItemKind, SubjectKind


def course_key(person_id: int) -> str:
    """How the keys of all items begin that ask a person for the course."""
    return f"{Subject(SubjectKind.PERSON, person_id)}/course/"


def asked_to_renew_from(lapses_after: date, policy: Policy, calendar: Calendar) -> date:
    """The school day on which a person is asked to renew a course that counts through `lapses_after`.

    Reckoned from the school day that they are told. Never within the holidays: whose course lapses in the
    summer is asked in time before it begins.
    """
    day = calendar.school_day_by(lapses_after) - timedelta(
        days=policy.the(TrainingBeforeAccess).asked_days_before_lapse
    )
    return day if calendar.is_school_day(day) else calendar.add_school_days(day, -1)


def renew(access: AccessFacts, policy: Policy, calendar: Calendar, today: date) -> Outcome:
    """The course is current and lapses soon: asked once a person, however many accounts they administer."""
    if access.completed_on is None or not policy.training_required(access.level, access.training_required):
        return NOTHING
    lapses_after = policy.course.counts_through(access.completed_on)
    if lapses_after is None:
        return NOTHING
    key = f"{course_key(access.person_id)}renew/{lapses_after}"
    if key in access.asked or today < asked_to_renew_from(lapses_after, policy, calendar):
        return NOTHING
    kind, person = ItemKind.COMPLETE_COURSE, Subject(SubjectKind.PERSON, access.person_id)
    control = training(access.level, policy)
    about = Subject(SubjectKind.ACCESS, access.id)
    days = policy.terms(kind).due_school_days
    due = calendar.last_day_by(lapses_after, today, school_days=days)
    told = AccessAtRisk(control=control, ask=kind, due_on=due, because="lapses")
    return Outcome(
        (
            Ask(key, kind, access.person_id, person, control, due),
            Tell(told, access.person_id, key, about),
        ),
        "asked to renew the course",
    )
