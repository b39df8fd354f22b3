"""Who owes what: the open action items as a list, with the names of those who are asked."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.people import Person, School
from schemas.words import ItemState
from tasks.items.subjects import its_handle, its_school, joined_to_subjects
from tasks.store import lookup
from tasks.store.holders import holders, may_hold, to_be_told
from tasks.store.mailboxes import refuses_mail


@dataclass(frozen=True)
class Owed:
    """One open action item. Asked of a person, or of an office; `names` are those who answer for it today.

    `school` is the office's; `subject` is the number of what it is about.
    """

    item: int
    kind: str
    person: int | None
    office: str | None
    school: int | None
    school_name: str | None
    names: tuple[str, ...]
    has_left: bool
    mail_refused: bool
    subject_kind: str
    subject: int
    handle: str | None
    control: str
    clause: str
    due_on: date
    days_late: int
    reminders: int
    climbed_to: str | None


async def list_owed(
    session: AsyncSession,
    policy: Policy,
    today: date,
    *,
    person: str | None = None,
    school: str | None = None,
) -> tuple[Owed, ...]:
    """Every open item, the longest overdue first; of one person (also in an office), of one school.

    Both are given as people know them. Raises Unknown.
    """
    asked = (
        joined_to_subjects(
            select(
                col(ActionItem.id),
                col(ActionItem.kind),
                col(ActionItem.control),
                col(ActionItem.person_id),
                col(Person.given_name),
                col(Person.family_name),
                col(Person.active),
                col(ActionItem.role),
                col(ActionItem.role_school_id),
                col(School.name).label("school"),
                col(ActionItem.subject_kind),
                col(ActionItem.subject_id),
                its_handle().label("handle"),
                col(ActionItem.due_on),
                col(ActionItem.reminders),
                col(ActionItem.climbed_to),
                refuses_mail(col(ActionItem.person_id)).label("refuses"),
            )
        )
        .outerjoin(School, col(School.id) == col(ActionItem.role_school_id))
        .where(col(ActionItem.state) == ItemState.OPEN)
        .order_by(col(ActionItem.due_on), col(ActionItem.id))
    )
    if person is not None:
        who = await lookup.person_id(session, person, must_be_active=False)
        asked = asked.where(or_(col(ActionItem.person_id) == who, *await _in_office(session, who, today)))
    if school is not None:
        asked = asked.where(its_school() == (await lookup.school(session, school)).id)
    rows = (await (await session.connection()).execute(asked)).all()
    offices = {RoleAt(row.role, row.role_school_id) for row in rows if row.role is not None}
    held = {office: await _names(session, office, today) for office in offices}
    return tuple(
        Owed(
            item=row.id,
            kind=str(row.kind),
            person=row.person_id,
            office=None if row.role is None else str(row.role),
            school=row.role_school_id,
            school_name=row.school,
            names=(
                (f"{row.given_name} {row.family_name}",)
                if row.role is None
                else held[RoleAt(row.role, row.role_school_id)]
            ),
            has_left=row.role is None and not row.active,
            mail_refused=bool(row.refuses),
            subject_kind=str(row.subject_kind),
            subject=row.subject_id,
            handle=row.handle,
            control=row.control,
            clause=policy.number_of(row.control),
            due_on=row.due_on,
            days_late=max((today - row.due_on).days, 0),
            reminders=row.reminders,
            climbed_to=None if row.climbed_to is None else str(row.climbed_to),
        )
        for row in rows
    )


async def _in_office(session: AsyncSession, person: int, today: date) -> list[ColumnElement[bool]]:
    """The items of every office that a person holds today, or deputizes for."""
    offices = (
        await (await session.connection()).execute(
            select(col(ActionItem.role), col(ActionItem.role_school_id))
            .where(col(ActionItem.state) == ItemState.OPEN, col(ActionItem.role).is_not(None))
            .distinct()
        )
    ).all()
    found, possible = [], await may_hold(session, person, today)
    for role, school in offices:
        if not role or RoleAt(role, school) not in possible:
            continue
        if person in {one.person_id for one in await holders(session, RoleAt(role, school), today)}:
            at = col(ActionItem.role_school_id)
            found.append(and_(col(ActionItem.role) == role, at.is_(None) if school is None else at == school))
    return found


async def _names(session: AsyncSession, office: RoleAt, today: date) -> tuple[str, ...]:
    """Who answers for an office today."""
    people = await to_be_told(session, office, today)
    rows = await (await session.connection()).execute(
        select(col(Person.given_name), col(Person.family_name))
        .where(col(Person.id).in_(people))
        .order_by(col(Person.id))
    )
    return tuple(f"{row.given_name} {row.family_name}" for row in rows)
