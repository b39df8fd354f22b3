"""Who reads at a terminal, where what is shown depends on it."""

from schemas.words import Via
from tasks.acts.recorder import TypedBy, recorded_by
from tasks.store import lookup
from tasks.store.audit import Actor
from tasks.store.session import Session


async def reader(session: Session, known_as: str, typed_by: TypedBy) -> int:
    """The number of whoever reads. Raises Unknown; NotAllowed for a user of the machine who is not them."""
    person = await lookup.person_id(session, known_as)
    user, host = typed_by
    await recorded_by(session, Actor(person, Via.COMMAND, user, host=host), in_person=True)
    return person
