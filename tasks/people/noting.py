"""What offices, absences and designations have in common: their days, and what is noted of each."""

from datetime import date

from schemas.errors import BadInput
from schemas.events import EventKind
from schemas.outcome import Emit, Outcome, Step, Subject
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
    await context.apply(Outcome((*steps, Emit(EventKind.ROSTER_IMPORTED, subject))))
    return subject


def days(first: date, last: date | None) -> str:
    """The days, as half a sentence."""
    return f"from {first} through {last}" if last else f"from {first} on"
