"""What offices, absences and designations have in common: their days, and what is noted of each."""

from datetime import date

from policy.notices.offices import OfficeChange, OfficeChanged
from schemas.errors import BadInput
from schemas.events import EventKind
from schemas.outcome import Emit, Outcome, RoleAt, Step, Subject, Tell
from schemas.people import Person
from schemas.words import SubjectKind
from tasks.acts.context import ActContext
from tasks.store import lookup


def check_days(starts_on: date, ends_on: date | None, today: date) -> None:
    """Raises BadInput for days that end before they start, or that have passed."""
    if ends_on is not None and ends_on < starts_on:
        raise BadInput(f"It would end on {ends_on}, before it starts on {starts_on}: give a later last day.")
    if ends_on is not None and ends_on < today:
        raise BadInput(f"Its last day, {ends_on}, has passed: give a last day from {today} on.")


async def stored(context: ActContext, known_as: str, *, must_be_active: bool = True) -> tuple[Person, int]:
    """A person and their number. Raises Unknown."""
    person = await lookup.person(context.session, known_as, must_be_active=must_be_active)
    if person.id is None:
        raise BadInput("This person is not stored yet: import the roster first.")
    return person, person.id


async def wake(context: ActContext, person_id: int, steps: tuple[Step, ...] = ()) -> Subject:
    """Carry out the steps, and wake what may move now that somebody may act; the subject of the receipt."""
    subject = Subject(SubjectKind.PERSON, person_id)
    await context.apply(Outcome((*steps, Emit(EventKind.PEOPLE_CHANGED, subject))))
    return subject


def tell_offices(
    context: ActContext,
    person_id: int,
    cause: str,
    change: OfficeChange,
    *,
    office: str = "",
    school_id: int | None = None,
    first: date | None = None,
    last: date | None = None,
    told_already: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """The letters of the same hour to who gives offices and who keeps the policy: who may act has changed.

    Whoever acts is told too, since somebody else may have typed it. `told_already`: offices that read of it
    in another letter. None before anybody is stored.
    """
    if not context.person_id:
        return ()
    duties, subject = context.policy.duties, Subject(SubjectKind.PERSON, person_id)
    facts = OfficeChanged(
        by_id=context.person_id, change=change, office=office, school_id=school_id, first=first, last=last
    )
    offices = dict.fromkeys((*duties.gives_offices, duties.keeps_policy))
    readers: tuple[int | RoleAt, ...] = (
        context.person_id,
        *(RoleAt(one) for one in offices if one not in told_already),
    )
    told = (Tell(facts, one, f"{subject}/{cause}/changed", subject, (person_id,)) for one in readers)
    return (*told, Emit(EventKind.NOTICES_WAITING, subject))


def days(first: date, last: date | None) -> str:
    """The days, as half a sentence."""
    return f"from {first} through {last}" if last else f"from {first} on"
