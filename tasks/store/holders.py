"""Who holds a role today, and who stands in for whom."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.outcome import RoleAt
from schemas.people import Absence, Person, Role


@dataclass(frozen=True)
class Holder:
    """A person who may act for a role today; `deputy_for` is the absent holder they stand in for."""

    person_id: int
    deputy_for: int | None = None
    absent: bool = False


async def holders(session: AsyncSession, role: RoleAt, today: date) -> tuple[Holder, ...]:
    """Everybody who may act for `role` on `today` (a day of the division's zone), in a stable order.

    An absent holder is among them, marked: the office is still theirs. Their deputies follow; one who is
    away as well is marked too, and nobody deputizes for a deputy.
    """
    connection = await session.connection()
    at_school = (
        col(Role.school_id).is_(None) if role.school_id is None else col(Role.school_id) == role.school_id
    )
    held = (
        await connection.execute(
            select(col(Role.person_id))
            .join(Person, col(Person.id) == col(Role.person_id))
            .where(
                col(Role.kind) == role.role,
                at_school,
                col(Role.starts_on) <= today,
                or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
                col(Person.active),
            )
            .distinct()
            .order_by(col(Role.person_id))
        )
    ).scalars()
    people = list(held)
    away = (
        await connection.execute(
            select(col(Absence.person_id), col(Absence.deputy_id))
            .join(Person, col(Person.id) == col(Absence.deputy_id))
            .where(
                col(Absence.person_id).in_(people),
                col(Absence.starts_on) <= today,
                col(Absence.ends_on) >= today,
                col(Person.active),
            )
            .order_by(col(Absence.id))
        )
    ).all()
    absent = {row.person_id for row in away} | await _away(session, [row.deputy_id for row in away], today)
    own = [Holder(person, absent=person in absent) for person in people]
    deputies = [Holder(row.deputy_id, row.person_id, absent=row.deputy_id in absent) for row in away]
    return (*own, *(deputy for deputy in deputies if deputy.person_id not in people))


async def _away(session: AsyncSession, people: list[int], today: date) -> set[int]:
    """Those of these people who are away on `today`."""
    rows = await (await session.connection()).execute(
        select(col(Absence.person_id)).where(
            col(Absence.person_id).in_(people),
            col(Absence.starts_on) <= today,
            col(Absence.ends_on) >= today,
        )
    )
    return set(rows.scalars())


async def to_be_told(
    session: AsyncSession, to: int | RoleAt, today: date, but_not: tuple[int, ...] = ()
) -> tuple[int, ...]:
    """The people a notice to `to` goes to: those present; the absent ones only if nobody else is there."""
    if isinstance(to, int):
        return () if to in but_not else (to,)
    everybody = [one for one in await holders(session, to, today) if one.person_id not in but_not]
    present = [holder.person_id for holder in everybody if not holder.absent]
    return tuple(dict.fromkeys(present or [holder.person_id for holder in everybody]))
