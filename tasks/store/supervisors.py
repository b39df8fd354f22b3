"""Who stands under whom: supervisors as the roster or a person names them."""

from sqlalchemy import select
from sqlmodel import col

from schemas.people import Person
from tasks.store.session import Session


async def people_under(session: Session, person_id: int) -> frozenset[int]:
    """Everybody whose supervisor is this person, or stands under them; one statement a level.

    Of people who supervise each other each stands under the other; nobody stands under themselves.
    """
    found: set[int] = set()
    edge = {person_id}
    while edge:
        rows = await session.run(select(col(Person.id)).where(col(Person.supervisor_id).in_(edge)))
        edge = {one for one in rows.scalars() if one is not None} - found - {person_id}
        found |= edge
    return frozenset(found)
