"""The waiting room: every open action item. For operators: no names."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from schemas.machinery import ActionItem
from schemas.people import School
from schemas.words import ItemState
from tasks.items.subjects import its_handle, joined_to_subjects
from tasks.store import Store


@dataclass(frozen=True)
class Waiting:
    """One wait for a person. `who` is a role at a school, or a person's number."""

    item: int
    what: str
    control: str
    who: str
    about: str
    since: date
    due_on: date
    days_late: int
    reminders: int
    climbed_to: str


@dataclass(frozen=True)
class Room:
    """Those that wait the longest, and how many there are in all."""

    waiting: tuple[Waiting, ...]
    in_all: int


async def look(store: Store, today: date, at_most: int) -> Room:
    """The open action items on `today` (a day of the division's zone), the longest overdue first."""
    is_open = col(ActionItem.state) == ItemState.OPEN
    async with store.read() as session:
        connection = await session.connection()
        in_all = await connection.execute(select(func.count(col(ActionItem.id))).where(is_open))
        rows = (
            await connection.execute(
                joined_to_subjects(
                    select(
                        col(ActionItem.id),
                        col(ActionItem.kind),
                        col(ActionItem.control),
                        col(ActionItem.person_id),
                        col(ActionItem.role),
                        col(ActionItem.climbed_to),
                        col(ActionItem.subject_kind),
                        col(ActionItem.subject_id),
                        col(ActionItem.opened_at),
                        col(ActionItem.due_on),
                        col(ActionItem.reminders),
                        col(School.name).label("school"),
                        its_handle().label("handle"),
                    )
                )
                .outerjoin(School, col(School.id) == col(ActionItem.role_school_id))
                .where(is_open)
                .order_by(col(ActionItem.due_on), col(ActionItem.id))
                .limit(at_most)
            )
        ).all()
    found = []
    for row in rows:
        who = f"person {row.person_id}" if row.person_id else str(row.role)
        if row.school:
            who += f" of {row.school}"
        found.append(
            Waiting(
                item=row.id,
                what=str(row.kind),
                control=row.control,
                who=who,
                about=row.handle or f"{row.subject_kind} {row.subject_id}",
                since=row.opened_at.date(),
                due_on=row.due_on,
                days_late=max((today - row.due_on).days, 0),
                reminders=row.reminders,
                climbed_to=str(row.climbed_to or ""),
            )
        )
    return Room(tuple(found), int(in_all.scalar_one()))
