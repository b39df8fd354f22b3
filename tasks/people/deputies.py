"""Who deputizes for somebody who names nobody: the policy's default for the office that they hold."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import col

from policy.authority import office_at
from policy.model import Policy
from schemas.errors import BadInput
from schemas.people import Absence, Person, Role
from tasks.store import lookup
from tasks.store.holders import holders, stood_in_for
from tasks.store.session import Session


async def default_deputy(
    session: Session,
    policy: Policy,
    person_id: int,
    starts_on: date,
    ends_on: date,
    *,
    but_not: frozenset[int] = frozenset(),
) -> Person:
    """The first person of the policy's default offices who is here on all of these days.

    An office of the division has its own deputies: nobody comes to it by way of another office, or of whom
    the person stands in for. `but_not`: who would gain by it. Raises BadInput where the person holds no
    office with a default, or nobody of it is here.
    """
    also = await stood_in_for(session, person_id, starts_on, ends_on)
    roles = await session.rows(
        select(col(Role.person_id), col(Role.kind), col(Role.school_id))
        .where(
            col(Role.person_id).in_({person_id, *also}),
            col(Role.starts_on) <= ends_on,
            or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= starts_on),
        )
        .order_by(col(Role.id))
    )
    of_division = dict.fromkeys(row.kind for row in roles if row.school_id is None)
    allowed = [await _deputies_of(session, policy, kind, starts_on) for kind in of_division]
    for row in (one for one in roles if one.person_id == person_id):
        for deputy in policy.office(row.kind).deputies:
            people = [
                one.person_id
                for one in await holders(session, office_at(policy.office(deputy), row.school_id), starts_on)
            ]
            away = await session.run(
                select(col(Absence.person_id)).where(
                    col(Absence.person_id).in_(people),
                    col(Absence.starts_on) <= ends_on,
                    col(Absence.ends_on) >= starts_on,
                )
            )
            absent = {person_id, *but_not, *away.scalars()}
            here = [one for one in people if one not in absent and all(one in each for each in allowed)]
            if here:
                return await lookup.by_id(session, Person, here[0])
    raise BadInput("The policy names nobody who could deputize: name somebody with --deputy.")


async def _deputies_of(session: Session, policy: Policy, kind: str, day: date) -> frozenset[int]:
    """Whoever may act on a day for an office by which the policy deputizes for this one of the division."""
    offices = [policy.office(one) for one in policy.office(kind).deputies]
    found = [await holders(session, office_at(one, None), day) for one in offices if one.at == "division"]
    return frozenset(one.person_id for people in found for one in people)
