"""Who stands under whom: supervisors as the roster or a person names them."""

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.people import Person


async def people_under(session: AsyncSession, person_id: int) -> frozenset[int]:
    """Everybody whose supervisor is this person, or stands under them; one statement a level.

    Of people who supervise each other each stands under the other; nobody stands under themselves.
    """
    connection = await session.connection()
    found: set[int] = set()
    edge = {person_id}
    while edge:
        rows = await connection.execute(select(col(Person.id)).where(col(Person.supervisor_id).in_(edge)))
        edge = {one for one in rows.scalars() if one is not None} - found - {person_id}
        found |= edge
    return frozenset(found)
