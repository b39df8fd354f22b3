"""How people stand to an account: whether they are here, and hold the office that it needs."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.controls.administrators import Administrators
from policy.model import Policy
from schemas.facts import Candidate
from schemas.people import Designation, Person, Role
from schemas.words import PersonKind


async def candidates(
    session: AsyncSession,
    people: Iterable[int],
    *,
    level: str,
    school_id: int | None,
    account_id: int | None,
    policy: Policy,
    today: date,
) -> Mapping[int, Candidate]:
    """The people by id, each with whether they hold on `today` the office that this level needs."""
    ids = sorted(set(people))
    connection = await session.connection()
    rows = (
        await connection.execute(
            select(col(Person.id), col(Person.active), col(Person.kind)).where(col(Person.id).in_(ids))
        )
    ).all()
    in_office: set[int] = set()
    for needed in policy.applying(Administrators, level=level):
        if needed.office is not None:
            at = school_id if policy.office(needed.office).at == "school" else None
            in_office |= await _holding(session, ids, needed.office, at, today)
        if needed.or_designated:
            in_office |= await _designated(session, ids, account_id, today)
    return {row.id: Candidate(row.id, row.active, PersonKind(row.kind), row.id in in_office) for row in rows}


async def _holding(
    session: AsyncSession, people: list[int], role: str, school_id: int | None, today: date
) -> set[int]:
    at = col(Role.school_id).is_(None) if school_id is None else col(Role.school_id) == school_id
    rows = await (await session.connection()).execute(
        select(col(Role.person_id)).where(
            col(Role.person_id).in_(people),
            col(Role.kind) == role,
            at,
            col(Role.starts_on) <= today,
            or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
        )
    )
    return set(rows.scalars())


async def _designated(
    session: AsyncSession, people: list[int], account_id: int | None, today: date
) -> set[int]:
    rows = await (await session.connection()).execute(
        select(col(Designation.person_id)).where(
            col(Designation.person_id).in_(people),
            or_(col(Designation.account_id).is_(None), col(Designation.account_id) == account_id),
            col(Designation.starts_on) <= today,
            or_(col(Designation.ends_on).is_(None), col(Designation.ends_on) >= today),
        )
    )
    return set(rows.scalars())
