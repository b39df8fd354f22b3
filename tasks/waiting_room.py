"""The waiting room: every open action item; and how each school stands. For operators: no names."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from schemas.accounts import Account
from schemas.machinery import ActionItem
from schemas.people import School
from schemas.standing import Finding
from schemas.states import AccountState
from schemas.words import ItemState
from tasks.gather.items import its_handle, joined_to_subjects
from tasks.store import Store


@dataclass(frozen=True)
class Waiting:
    """One wait for a person. `who` is a role at a school, or a person's number."""

    item: int
    what: str
    clause: str
    who: str
    about: str
    since: date
    due_on: date
    days_late: int
    reminders: int
    climbed_to: str


@dataclass(frozen=True)
class SchoolStanding:
    """How one school stands tonight."""

    school: str
    live: int
    findings: int


async def look(store: Store, today: date) -> tuple[Waiting, ...]:
    """Every open action item on `today` (a day of the division's zone), the longest overdue first."""
    async with store.read() as session:
        rows = (
            await (await session.connection()).execute(
                joined_to_subjects(
                    select(
                        col(ActionItem.id),
                        col(ActionItem.kind),
                        col(ActionItem.clause),
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
                .where(col(ActionItem.state) == ItemState.OPEN)
                .order_by(col(ActionItem.due_on), col(ActionItem.id))
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
                clause=row.clause,
                who=who,
                about=row.handle or f"{row.subject_kind} {row.subject_id}",
                since=row.opened_at.date(),
                due_on=row.due_on,
                days_late=max((today - row.due_on).days, 0),
                reminders=row.reminders,
                climbed_to=str(row.climbed_to or ""),
            )
        )
    return tuple(found)


async def by_school(store: Store) -> tuple[SchoolStanding, ...]:
    """Each school with live accounts: how many, and how many open findings; the most findings first."""
    open_findings = (
        select(col(Finding.account_id), func.count().label("open"))
        .where(col(Finding.resolved_at).is_(None))
        .group_by(col(Finding.account_id))
        .subquery()
    )
    findings = func.coalesce(func.sum(open_findings.c.open), 0)
    async with store.read() as session:
        rows = (
            await (await session.connection()).execute(
                select(
                    func.coalesce(col(School.name), "division-wide").label("school"),
                    func.count().label("live"),
                    findings.label("findings"),
                )
                .select_from(Account)
                .outerjoin(School, col(School.id) == col(Account.school_id))
                .outerjoin(open_findings, open_findings.c.account_id == col(Account.id))
                .where(col(Account.state) == AccountState.LIVE)
                .group_by(col(School.name))
                .order_by(findings.desc(), col(School.name))
            )
        ).all()
    return tuple(SchoolStanding(row.school, row.live, int(row.findings)) for row in rows)
