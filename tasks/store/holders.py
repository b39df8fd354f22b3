"""Who holds a role today, and who stands in for whom."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.outcome import RoleAt
from schemas.people import Absence, Person, Role, School


@dataclass(frozen=True)
class Holder:
    """A person who may act for a role today; `deputy_for` is the absent holder they stand in for.

    `through`: everybody whom they stand in for, where a deputy's own deputy is asked.
    """

    person_id: int
    deputy_for: int | None = None
    absent: bool = False
    through: frozenset[int] = field(default=frozenset(), compare=False)


async def holders(session: AsyncSession, role: RoleAt, today: date) -> tuple[Holder, ...]:
    """Everybody who may act for `role` on `today` (a day of the division's zone), in a stable order.

    An absent holder is among them, marked: the office is still theirs. Their deputies follow; one who is
    away as well is marked too, and followed by a deputy of their own.
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
    deputies = await deputies_of(session, people, today)
    away = await _away(session, people, today)
    own = [Holder(person, absent=person in away and bool(deputies.get(person))) for person in people]
    others = [one for person in people for one in deputies.get(person, ())]
    return (*own, *(one for one in others if one.person_id not in people))


async def may_hold(session: AsyncSession, person: int, today: date) -> frozenset[RoleAt]:
    """The offices that a person holds on `today`, and those of whomever they may stand in for.

    `holders` says whether they do: somebody else may come first.
    """
    connection = await session.connection()
    known, asked = {person}, {person}
    while asked:
        away = select(col(Absence.person_id)).where(
            col(Absence.deputy_id).in_(asked), col(Absence.starts_on) <= today, col(Absence.ends_on) >= today
        )
        asked = set((await connection.execute(away)).scalars()) - known
        known |= asked
    held = select(col(Role.kind), col(Role.school_id)).where(
        col(Role.person_id).in_(known),
        col(Role.starts_on) <= today,
        or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
    )
    return frozenset(RoleAt(row.kind, row.school_id) for row in await connection.execute(held))


async def offices_held(session: AsyncSession, today: date) -> frozenset[str]:
    """The ids of the offices that somebody who is here holds on `today`, at the division or at any school."""
    found = await (await session.connection()).execute(
        select(col(Role.kind))
        .join(Person, col(Person.id) == col(Role.person_id))
        .where(
            col(Role.starts_on) <= today,
            or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
            col(Person.active),
        )
        .distinct()
    )
    return frozenset(found.scalars())


async def deputies_of(
    session: AsyncSession, people: Collection[int], today: date
) -> Mapping[int, tuple[Holder, ...]]:
    """By absent person: who stands in on `today`; for a deputy who is away too, that one's deputy, and so on.

    A deputy who has left stands in for nobody.
    """
    found: dict[int, tuple[Holder, ...]] = {}
    asked = {person: (person, frozenset({person})) for person in people}
    while asked:
        rows = (
            await (await session.connection()).execute(
                select(col(Absence.person_id), col(Absence.deputy_id))
                .join(Person, col(Person.id) == col(Absence.deputy_id))
                .where(
                    col(Absence.person_id).in_(asked),
                    col(Absence.starts_on) <= today,
                    col(Absence.ends_on) >= today,
                    col(Person.active),
                )
                .order_by(col(Absence.id))
            )
        ).all()
        away = await _away(session, [row.deputy_id for row in rows], today)
        further: dict[int, tuple[int, frozenset[int]]] = {}
        for row in rows:
            person, through = asked[row.person_id]
            if row.deputy_id in through:
                continue  # they stand in for each other
            one = Holder(row.deputy_id, person, absent=row.deputy_id in away, through=through)
            found[person] = (*found.get(person, ()), one)
            if one.absent:
                further[row.deputy_id] = (person, through | {row.deputy_id})
        asked = further
    return found


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


async def at_division_office(session: AsyncSession, people: Collection[int]) -> frozenset[int]:
    """Those of these people who work at the division office."""
    if not people:
        return frozenset()
    rows = await (await session.connection()).execute(
        select(col(Person.id))
        .join(School, col(School.id) == col(Person.school_id))
        .where(col(Person.id).in_(people), col(School.is_division))
    )
    return frozenset(one for one in rows.scalars() if one is not None)
