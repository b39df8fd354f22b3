"""People, schools, offices, absences and designations, as lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Result, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from policy.selects import runs_on
from schemas.accounts import Account
from schemas.inventory import ListConfirmation
from schemas.people import Absence, Designation, Person, Role, School
from schemas.states import AccountState
from tasks.store import lookup
from tasks.store.lookup import full_name
from tasks.store.page import Page, first_lines
from tasks.store.session import Session


@dataclass(frozen=True)
class ListedPerson:
    """A person as a line of a list. `active`: has not left the division.

    `leaves_on`: a roster did not have them, and they count as left after this day.
    """

    person: int
    name: str
    email: str
    kind: str
    position: str
    school: int | None
    school_name: str | None
    active: bool
    leaves_on: date | None


def _people() -> Select[*tuple[Any, ...]]:
    return select(
        col(Person.id).label("person"),
        full_name(Person),
        col(Person.email),
        col(Person.kind),
        col(Person.position),
        col(Person.school_id).label("school"),
        col(School.name).label("school_name"),
        col(Person.active),
        col(Person.leaves_on),
    ).outerjoin(School, col(School.id) == col(Person.school_id))


async def list_people(
    session: Session,
    *,
    part: str | None = None,
    school: str | None = None,
    who_left: bool = False,
    at_most: int | None = None,
) -> Page[ListedPerson]:
    """People by name: those with this part in their name or address; of a school (name or number).

    Those who have left are among them only where `who_left` asks for it. Raises Unknown.
    """
    asked = _people().order_by(col(Person.family_name), col(Person.given_name), col(Person.id))
    if part is not None:
        full = func.lower(col(Person.given_name) + " " + col(Person.family_name))
        wanted = " ".join(part.lower().split())
        asked = asked.where(
            or_(full.contains(wanted, autoescape=True), col(Person.email).contains(wanted, autoescape=True))
        )
    if school is not None:
        asked = asked.where(col(Person.school_id) == (await lookup.school(session, school)).id)
    if not who_left:
        asked = asked.where(col(Person.active))
    return await first_lines(session, asked, at_most, ListedPerson)


async def count_people(session: Session) -> int:
    """How many people are known, with those who have left."""
    return (await session.run(select(func.count(col(Person.id))))).scalar_one()


@dataclass(frozen=True)
class ListedSchool:
    """A school with how many people are there, how many accounts are live, when its list was confirmed."""

    school: int
    school_name: str
    is_division: bool
    active: bool
    people: int
    live_accounts: int
    list_confirmed_at: datetime | None


async def list_schools(session: Session) -> tuple[ListedSchool, ...]:
    """Every school by name, and the division's own office."""
    people = (
        select(func.count())
        .where(col(Person.school_id) == col(School.id), col(Person.active))
        .scalar_subquery()
    )
    accounts = (
        select(func.count())
        .where(col(Account.school_id) == col(School.id), col(Account.state) == AccountState.LIVE)
        .scalar_subquery()
    )
    confirmed = (
        select(func.max(col(ListConfirmation.confirmed_at)))
        .where(col(ListConfirmation.school_id) == col(School.id))
        .scalar_subquery()
    )
    rows: Result[*tuple[Any, ...]] = await session.run(
        select(
            col(School.id),
            col(School.name),
            col(School.is_division),
            col(School.active),
            people,
            accounts,
            confirmed,
        ).order_by(col(School.name), col(School.id))
    )
    return tuple(ListedSchool(*row) for row in rows)


@dataclass(frozen=True)
class ListedOffice:
    """Who holds an office, from and through which day. `person` is None where nobody holds it today."""

    office: str
    school: int | None
    school_name: str | None
    person: int | None
    name: str | None
    starts_on: date | None
    ends_on: date | None
    source: str | None


async def list_offices(
    session: Session,
    offices: Mapping[str, bool],
    today: date,
    *,
    school: str | None = None,
    person: str | None = None,
) -> tuple[ListedOffice, ...]:
    """Who holds which office on `today` or later, and the offices that nobody holds on `today`.

    `offices`: their ids, and whether each is held at every school. Those that ended are not shown; nor are
    vacant ones where only one person's are asked for. Raises Unknown.
    """
    where = await lookup.school(session, school) if school is not None else None
    who = await lookup.person_id(session, person, must_be_active=False) if person is not None else None
    asked: Select[*tuple[Any, ...]] = (
        select(
            *(col(Role.kind).label("office"), col(Role.school_id).label("school")),
            *(col(School.name).label("school_name"), col(Person.id).label("person"), full_name(Person)),
            *(col(Role.starts_on), col(Role.ends_on), col(Role.source)),
        )
        .select_from(Role)
        .join(Person, col(Person.id) == col(Role.person_id))
        .outerjoin(School, col(School.id) == col(Role.school_id))
        .where(col(Person.active), or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today))
        .order_by(col(School.name), col(Role.kind), col(Role.starts_on), col(Role.id))
    )
    if where is not None:
        asked = asked.where(col(Role.school_id) == where.id)
    if who is not None:
        asked = asked.where(col(Role.person_id) == who)
    rows = await session.run(asked)
    held = [ListedOffice(**row) for row in rows.mappings()]
    vacant = [] if who is not None else await _vacant(session, offices, today, where)
    return (*vacant, *held)


async def _vacant(
    session: Session, offices: Mapping[str, bool], today: date, where: School | None
) -> list[ListedOffice]:
    found = []
    for office, at_schools in offices.items():
        if at_schools:
            asked = (
                select(col(School.id), col(School.name))
                .where(
                    col(School.active),
                    col(School.is_division).is_(False),
                    ~_is_held(office, col(Role.school_id) == col(School.id), today),
                )
                .order_by(col(School.name))
            )
            if where is not None:
                asked = asked.where(col(School.id) == where.id)
            for number, name in await session.run(asked):
                found.append(ListedOffice(office, number, name, None, None, None, None, None))
        elif where is None:
            held = await session.run(select(_is_held(office, col(Role.school_id).is_(None), today)))
            if not held.scalar_one():
                found.append(ListedOffice(office, None, None, None, None, None, None, None))
    return found


def _is_held(office: str, at: ColumnElement[bool], today: date) -> ColumnElement[bool]:
    """Whether somebody who has not left holds the office on a day."""
    holder = aliased(Person)
    return exists().where(
        and_(
            col(Role.kind) == office,
            at,
            runs_on(Role, today),
            col(holder.id) == col(Role.person_id),
            col(holder.active),
        )
    )


@dataclass(frozen=True)
class ListedAbsence:
    """Somebody is away from and through these days, and who decides meanwhile."""

    person: int
    name: str
    starts_on: date
    ends_on: date
    deputy: int | None
    deputy_name: str


async def list_absences(session: Session, today: date) -> tuple[ListedAbsence, ...]:
    """Absences that have not ended on `today`, the soonest first."""
    deputy = aliased(Person)
    rows: Result[*tuple[Any, ...]] = await session.run(
        select(
            *(col(Absence.person_id).label("person"), full_name(Person)),
            *(col(Absence.starts_on), col(Absence.ends_on), col(Absence.deputy_id).label("deputy")),
            func.coalesce(full_name(deputy), "").label("deputy_name"),
        )
        .select_from(Absence)
        .join(Person, col(Person.id) == col(Absence.person_id))
        .outerjoin(deputy, col(deputy.id) == col(Absence.deputy_id))
        .where(col(Absence.ends_on) >= today)
        .order_by(col(Absence.starts_on), col(Absence.id))
    )
    return tuple(ListedAbsence(**row) for row in rows.mappings())


@dataclass(frozen=True)
class ListedDesignation:
    """Somebody who may administer the division's channels; `account` is None where it is all of them."""

    person: int
    name: str
    account: int | None
    platform: str | None
    handle: str | None
    starts_on: date
    ends_on: date | None
    designated_by: int
    designated_by_name: str


async def list_designations(session: Session, today: date) -> tuple[ListedDesignation, ...]:
    """Designations that have not ended on `today`, the soonest first."""
    by = aliased(Person)
    rows: Result[*tuple[Any, ...]] = await session.run(
        select(
            *(col(Designation.person_id).label("person"), full_name(Person)),
            *(col(Designation.account_id).label("account"), col(Account.platform), col(Account.handle)),
            *(col(Designation.starts_on), col(Designation.ends_on)),
            *(col(Designation.designated_by_id).label("designated_by"), full_name(by, "designated_by_name")),
        )
        .select_from(Designation)
        .join(Person, col(Person.id) == col(Designation.person_id))
        .join(by, col(by.id) == col(Designation.designated_by_id))
        .outerjoin(Account, col(Account.id) == col(Designation.account_id))
        .where(or_(col(Designation.ends_on).is_(None), col(Designation.ends_on) >= today))
        .order_by(col(Designation.starts_on), col(Designation.id))
    )
    return tuple(ListedDesignation(**row) for row in rows.mappings())
