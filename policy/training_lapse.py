"""A course over time: who holds access is asked to renew it before it lapses. Pure."""

from datetime import date, timedelta

from policy.calendar import Calendar
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import Gate
from policy.model import Policy
from policy.notices.access import AccessAtRisk
from schemas.facts import AccessFacts
from schemas.outcome import NOTHING, Ask, Outcome, Subject, Tell
from schemas.words import SubjectKind

#: The cause of a suspension because a course is missing, after its letter and its last day.
NO_COMPLETION = "no current completion"


def course_key(person_id: int, course: str) -> str:
    """How the keys of all items begin that ask a person for a course."""
    return f"{Subject(SubjectKind.PERSON, person_id)}/course/{course}/"


def asked_to_renew_from(lapses_after: date, control: TrainingBeforeAccess, calendar: Calendar) -> date:
    """The school day on which a person is asked to renew a course that counts through `lapses_after`.

    Reckoned from the school day that they are told. Never within the holidays: whose course lapses in the
    summer is asked in time before it begins.
    """
    day = calendar.school_day_by(lapses_after) - timedelta(days=control.asked_days_before_lapse)
    return day if calendar.is_school_day(day) else calendar.add_school_days(day, -1)


def _renewal(gate: Gate, done: date | None, policy: Policy) -> tuple[date | None, date]:
    """Through which day a completion of `done` counts, and from which it is to be renewed; None: for ever."""
    control = policy.control(gate.control)
    lapses_after = None if done is None else policy.course_by_id(gate.what).counts_through(done)
    if lapses_after is None or not isinstance(control, TrainingBeforeAccess):
        return None, date.max
    return lapses_after, asked_to_renew_from(lapses_after, control, policy.calendar)


def renew(access: AccessFacts, gate: Gate, policy: Policy, today: date) -> Outcome:
    """A course is current and lapses soon: asked once a person, however many accounts they administer."""
    done = access.completions.get(gate.what)
    lapses_after, asked_from = policy.once(
        ("renewal", gate, done, policy.calendar), lambda: _renewal(gate, done, policy)
    )
    if lapses_after is None or today < asked_from:
        return NOTHING
    key = f"{course_key(access.person_id, gate.what)}renew/{lapses_after}"
    if key in access.asked:
        return NOTHING
    person, about = Subject(SubjectKind.PERSON, access.person_id), Subject(SubjectKind.ACCESS, access.id)
    due = policy.calendar.last_day_by(
        lapses_after, today, school_days=policy.terms(gate.kind).due_school_days
    )
    told = AccessAtRisk(control=gate.control, ask=gate.kind, course=gate.what, due_on=due, because="lapses")
    return Outcome(
        (
            Ask(key, gate.kind, access.person_id, person, gate.control, due),
            Tell(told, access.person_id, key, about),
        ),
        "asked to renew the course",
    )
