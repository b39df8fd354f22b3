"""Who deputizes for somebody who names nobody: the policy's default for the office that they hold."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import office_at
from policy.model import Policy
from schemas.errors import BadInput
from schemas.people import Absence, Person, Role
from tasks.store import lookup
from tasks.store.holders import holders


async def default_deputy(
    session: AsyncSession,
    policy: Policy,
    person_id: int,
    starts_on: date,
    ends_on: date,
    *,
    but_not: frozenset[int] = frozenset(),
) -> Person:
    """The first person of the policy's default offices who is here on all of these days.

    `but_not`: who would gain by it. Raises BadInput where the person holds no office with a default, or
    nobody of it is here.
    """
    connection = await session.connection()
    roles = (
        await connection.execute(
            select(col(Role.kind), col(Role.school_id))
            .where(
                col(Role.person_id) == person_id,
                col(Role.starts_on) <= ends_on,
                or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= starts_on),
            )
            .order_by(col(Role.id))
        )
    ).all()
    for row in roles:
        for deputy in policy.office(row.kind).deputies:
            people = [
                one.person_id
                for one in await holders(session, office_at(policy.office(deputy), row.school_id), starts_on)
            ]
            away = await connection.execute(
                select(col(Absence.person_id)).where(
                    col(Absence.person_id).in_(people),
                    col(Absence.starts_on) <= ends_on,
                    col(Absence.ends_on) >= starts_on,
                )
            )
            absent = {person_id, *but_not, *away.scalars()}
            here = [one for one in people if one not in absent]
            if here:
                return await lookup.by_id(session, Person, here[0])
    raise BadInput("The policy names nobody who could deputize: name somebody with --deputy.")
