"""Who holds a role today, and who stands in for whom."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    null,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from policy.model import Policy
from policy.selects import runs_on
from schemas.outcome import RoleAt
from schemas.people import Absence, Person, Role, School
from tasks.store.engine import KEPT, MAY_HOLD, STOOD_IN
from tasks.store.given import IDS, TODAY, among
from tasks.store.session import Session


@dataclass(frozen=True)
class Holder:
    """A person who may act for a role today; `deputy_for` is the absent holder they stand in for.

    `through`: everybody whom they stand in for, where a deputy's own deputy is asked.
    """

    person_id: int
    deputy_for: int | None = None
    absent: bool = False
    through: frozenset[int] = field(default=frozenset(), compare=False)


async def holders(session: Session, role: RoleAt, today: date) -> tuple[Holder, ...]:
    """Everybody who may act for `role` on `today` (a day of the division's zone), in a stable order.

    An absent holder is among them, marked: the office is still theirs. Their deputies follow; one who is
    away as well is marked too, and followed by a deputy of their own.
    """
    return (await holders_at(session, (role,), today))[role]


async def holders_at(
    session: Session, roles: Collection[RoleAt], today: date
) -> Mapping[RoleAt, tuple[Holder, ...]]:
    """The same for several roles at once. A session that sees one moment asks the store once for each."""
    kept: dict[tuple[RoleAt, date], tuple[Holder, ...]] = session.info.get(KEPT, {})
    if missing := {one for one in roles if (one, today) not in kept}:
        for role, found in (await _holders(session, missing, today)).items():
            kept[role, today] = found
    return {one: kept[one, today] for one in roles}


#: Who holds offices of these kinds at these schools, or at the division, today; and whether they are away.
_HOLDERS = (
    select(
        col(Role.kind),
        col(Role.school_id),
        col(Role.person_id),
        col(Absence.id).is_not(None).label("away"),
    )
    .join(Person, col(Person.id) == col(Role.person_id))
    .outerjoin(
        Absence,
        and_(
            col(Absence.person_id) == col(Role.person_id),
            runs_on(Absence, TODAY),
        ),
    )
    .where(
        among(col(Role.kind), "kinds"),
        or_(col(Role.school_id).is_(None), among(col(Role.school_id), "schools")),
        runs_on(Role, TODAY),
        col(Person.active),
    )
    .order_by(col(Role.person_id))
)


async def _holders(
    session: Session, roles: Collection[RoleAt], today: date
) -> Mapping[RoleAt, tuple[Holder, ...]]:
    kinds = sorted({one.role for one in roles})
    schools = sorted({one.school_id for one in roles if one.school_id is not None})
    rows = await session.run(_HOLDERS, {"today": today, "kinds": kinds, "schools": schools})
    held: dict[RoleAt, dict[int, bool]] = {one: {} for one in roles}
    for row in rows:
        if (at := RoleAt(row.kind, row.school_id)) in held:  # more kinds and schools than pairs are asked for
            held[at][row.person_id] = bool(row.away)
    away = {person for people in held.values() for person, is_away in people.items() if is_away}
    deputies = await deputies_of(session, away, today) if away else {}
    return {role: _in_order(people, deputies) for role, people in held.items()}


def _in_order(people: Mapping[int, bool], deputies: Mapping[int, tuple[Holder, ...]]) -> tuple[Holder, ...]:
    """Those who hold a role, by whether they are away, and then whoever stands in for them."""
    own = [
        Holder(person, absent=is_away and bool(deputies.get(person))) for person, is_away in people.items()
    ]
    others = [one for person in people for one in deputies.get(person, ())]
    return (*own, *(one for one in others if one.person_id not in people))


#: The offices that a person holds today, and after them whomever they deputize for.
_OWN_AND_AWAY: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(col(Role.kind), col(Role.school_id), cast(null(), Integer).label("away")).where(
        col(Role.person_id) == bindparam("person"),
        runs_on(Role, TODAY),
    ),
    select(cast(null(), String), cast(null(), Integer), col(Absence.person_id)).where(
        col(Absence.deputy_id) == bindparam("person"),
        runs_on(Absence, TODAY),
    ),
)


async def _for_nobody(session: Session, person: int, today: date) -> bool:
    """Whether a person stands in for nobody today, as most do; then their offices are known at once too.

    Only in a session that sees one moment, which keeps both.
    """
    asked = await session.run(_OWN_AND_AWAY, {"person": person, "today": today})
    rows = asked.all()
    if any(one.away is not None for one in rows):
        return False
    session.info[STOOD_IN][person, today, today] = frozenset()
    session.info[MAY_HOLD][person, today] = frozenset(RoleAt(one.kind, one.school_id) for one in rows)
    return True


#: Whoever these people deputize for, on a day from the first through the last.
_STOOD_IN_FOR = select(col(Absence.person_id)).where(
    among(col(Absence.deputy_id), "deputies"),
    col(Absence.starts_on) <= bindparam("until", type_=Date()),
    col(Absence.ends_on) >= bindparam("first", type_=Date()),
)


async def stood_in_for(
    session: Session, person: int, first: date, last: date | None = None
) -> frozenset[int]:
    """Whoever is away on `first`, or on a day from it through `last`, and this person may stand in for.

    Also through a deputy who is away too.
    """
    until = last or first
    kept: dict[tuple[int, date, date], frozenset[int]] = session.info.get(STOOD_IN, {})
    if (person, first, until) not in kept:
        if first == until and STOOD_IN in session.info and await _for_nobody(session, person, first):
            return kept[person, first, until]
        known, asked = {person}, {person}
        while asked:
            given = {"deputies": asked, "first": first, "until": until}
            asked = set((await session.run(_STOOD_IN_FOR, given)).scalars()) - known
            known |= asked
        kept[person, first, until] = frozenset(known - {person})
    return kept[person, first, until]


#: The offices that these people hold today.
_HELD_BY = select(col(Role.kind), col(Role.school_id)).where(
    among(col(Role.person_id), IDS),
    runs_on(Role, TODAY),
)


async def may_hold(session: Session, person: int, today: date) -> frozenset[RoleAt]:
    """The offices that a person holds on `today`, and those of whomever they may stand in for.

    `holders` says whether they do: somebody else may come first.
    """
    kept: dict[tuple[int, date], frozenset[RoleAt]] = session.info.get(MAY_HOLD, {})
    if (person, today) not in kept:
        known = {person, *await stood_in_for(session, person, today)}
        if (person, today) in kept:  # it was asked in one
            return kept[person, today]
        rows = await session.run(_HELD_BY, {IDS: known, "today": today})
        kept[person, today] = frozenset(RoleAt(row.kind, row.school_id) for row in rows)
    return kept[person, today]


async def offices_held(session: Session, today: date) -> frozenset[str]:
    """The ids of the offices that somebody who is here holds on `today`, at the division or at any school."""
    found = await session.run(
        select(col(Role.kind))
        .join(Person, col(Person.id) == col(Role.person_id))
        .where(
            runs_on(Role, today),
            col(Person.active),
        )
        .distinct()
    )
    return frozenset(found.scalars())


async def nobody_gives_offices(session: Session, policy: Policy, today: date) -> date | None:
    """The first day from `today` on on which nobody who is here holds an office that gives offices.

    None: there always is somebody, as far as ends are known. Who counts as left after a day is gone then.
    """
    rows = await session.run(
        select(col(Role.starts_on), col(Role.ends_on), col(Person.leaves_on))
        .join(Person, col(Person.id) == col(Role.person_id))
        .where(
            col(Role.kind).in_(policy.duties.gives_offices),
            col(Role.school_id).is_(None),
            or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
            col(Person.active),
        )
        .order_by(col(Role.starts_on), col(Role.id))
    )
    day = today
    for starts_on, ends_on, leaves_on in rows:
        if starts_on > day:
            break
        here = date.max if leaves_on is None else max(leaves_on, today)  # until a night says otherwise
        last = min(ends_on or date.max, here)
        if last == date.max:
            return None
        day = max(day, last + timedelta(days=1))
    return day


async def gives_offices(session: Session, policy: Policy, today: date) -> bool:
    """Whether somebody who is here holds an office that gives offices today."""
    return await nobody_gives_offices(session, policy, today) != today


async def deputies_of(
    session: Session, people: Collection[int], today: date
) -> Mapping[int, tuple[Holder, ...]]:
    """By absent person: who stands in on `today`; for a deputy who is away too, that one's deputy, and so on.

    A deputy who has left stands in for nobody.
    """
    found: dict[int, tuple[Holder, ...]] = {}
    asked = {person: (person, frozenset({person})) for person in people}
    while asked:
        rows = await session.rows(
            select(col(Absence.person_id), col(Absence.deputy_id))
            .join(Person, col(Person.id) == col(Absence.deputy_id))
            .where(
                among(col(Absence.person_id), asked),
                runs_on(Absence, today),
                col(Person.active),
            )
            .order_by(col(Absence.id))
        )
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


async def _away(session: Session, people: list[int], today: date) -> set[int]:
    """Those of these people who are away on `today`."""
    if not people:
        return set()
    rows = await session.run(
        select(col(Absence.person_id)).where(
            among(col(Absence.person_id), people),
            runs_on(Absence, today),
        )
    )
    return set(rows.scalars())


async def to_be_told(
    session: Session, to: int | RoleAt, today: date, but_not: tuple[int, ...] = ()
) -> tuple[int, ...]:
    """The people a notice to `to` goes to: those present; the absent ones only if nobody else is there."""
    if isinstance(to, int):
        return () if to in but_not else (to,)
    return told_of(await holders(session, to, today), but_not)


def told_of(held: Collection[Holder], but_not: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Whom of these a notice goes to: those present; the absent ones only if nobody else is there."""
    everybody = [one for one in held if one.person_id not in but_not]
    present = [holder.person_id for holder in everybody if not holder.absent]
    return tuple(dict.fromkeys(present or [holder.person_id for holder in everybody]))


async def at_division_office(session: Session, people: Collection[int]) -> frozenset[int]:
    """Those of these people who work at the division office."""
    if not people:
        return frozenset()
    rows = await session.run(
        select(col(Person.id))
        .join(School, col(School.id) == col(Person.school_id))
        .where(among(col(Person.id), people), col(School.is_division))
    )
    return frozenset(one for one in rows.scalars() if one is not None)
