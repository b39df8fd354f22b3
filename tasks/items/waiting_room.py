"""The waiting room: every open action item. For operators: no names."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from policy.model import Policy
from policy.selects import runs_on
from schemas.machinery import ActionItem
from schemas.people import Person, Role, School
from schemas.words import ItemState, SubjectKind
from tasks.items.subjects import its_handle, its_platform, joined_to_subjects
from tasks.store import Store


@dataclass(frozen=True)
class Waiting:
    """One wait for a person. `who` is the office, or what the person is, and the school."""

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


def _about(kind: SubjectKind, number: int) -> str:
    """What an item without an account is about; one about a person is about the one who is waited for."""
    return "themselves" if kind is SubjectKind.PERSON else f"{kind} {number}"


def _office_held(today: date) -> ColumnElement[Any]:
    """An office that the person of an item holds on this day; None for most people."""
    return (
        select(func.min(col(Role.kind)))
        .where(
            col(Role.person_id) == col(ActionItem.person_id),
            runs_on(Role, today),
        )
        .correlate(ActionItem)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class Room:
    """Those that wait the longest, and how many there are in all."""

    waiting: tuple[Waiting, ...]
    in_all: int


async def look(store: Store, policy: Policy, now: datetime, at_most: int) -> Room:
    """The open action items, the longest overdue first. Days are of the division's zone."""
    calendar = policy.calendar
    today = calendar.today(now)
    is_open = col(ActionItem.state) == ItemState.OPEN
    async with store.read() as session:
        in_all = await session.run(select(func.count(col(ActionItem.id))).where(is_open))
        held = _office_held(today)
        rows = await session.rows(
            joined_to_subjects(
                select(
                    col(ActionItem.id),
                    col(ActionItem.kind),
                    col(ActionItem.control),
                    col(ActionItem.role),
                    held.label("held"),
                    col(Person.kind).label("person_kind"),
                    col(ActionItem.climbed_to),
                    col(ActionItem.subject_kind),
                    col(ActionItem.subject_id),
                    col(ActionItem.opened_at),
                    col(ActionItem.due_on),
                    col(ActionItem.reminders),
                    col(School.name).label("school"),
                    its_handle().label("handle"),
                    its_platform().label("platform"),
                )
            )
            .outerjoin(
                School,
                col(School.id) == func.coalesce(col(ActionItem.role_school_id), col(Person.school_id)),
            )
            .where(is_open)
            .order_by(col(ActionItem.due_on), col(ActionItem.id))
            .limit(at_most)
        )
    found = []
    for row in rows:
        who = str(row.role or row.held or row.person_kind)
        if row.school:
            who += f", {row.school}"
        found.append(
            Waiting(
                item=row.id,
                what=str(row.kind),
                control=row.control,
                who=who,
                about=policy.says_account(row.platform, row.handle)
                if row.handle
                else _about(row.subject_kind, row.subject_id),
                since=calendar.today(row.opened_at),
                due_on=row.due_on,
                days_late=max((today - row.due_on).days, 0),
                reminders=row.reminders,
                climbed_to=str(row.climbed_to or ""),
            )
        )
    return Room(tuple(found), int(in_all.scalar_one()))
