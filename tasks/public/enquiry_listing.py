"""Questions of the public as lists, and how soon they are answered, by school."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import col

from schemas.accounts import Account
from schemas.columns import table_of
from schemas.people import School
from schemas.public import Enquiry
from schemas.words import EnquiryEnd
from tasks.store import lookup
from tasks.store.page import Page, first
from tasks.store.session import Session


@dataclass(frozen=True)
class Asked:
    """One question. `school_name`: empty for an account of all schools."""

    enquiry: int
    account: int
    handle: str
    platform: str
    school_name: str
    asks: str
    address: str
    asked_at: datetime
    due_at: datetime
    late: bool
    ended_at: datetime | None
    ended_as: EnquiryEnd | None
    ended_by: int | None


@dataclass(frozen=True)
class AnswersAt:
    """How one school answers: of the questions asked since a day, in time, late, and what waits."""

    school_name: str
    asked: int
    in_time: int
    late: int
    closed: int
    waiting: int
    overdue: int


async def enquiries(
    session: Session,
    now: datetime,
    at_most: int | None,
    *,
    school: str | None = None,
    account: str | None = None,
    ended: bool = False,
) -> Page[Asked]:
    """The questions that wait, the earliest due first; with `ended` those that ended too."""
    wanted = (
        select(table_of(Enquiry), col(Account.handle), col(School.name))
        .join(Account, col(Account.id) == col(Enquiry.account_id))
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .order_by(col(Enquiry.due_at), col(Enquiry.id))
    )
    if not ended:
        wanted = wanted.where(col(Enquiry.ended_at).is_(None))
    if school is not None:
        wanted = wanted.where(col(Account.school_id) == (await lookup.school(session, school)).id)
    if account is not None:
        wanted = wanted.where(col(Account.id) == (await lookup.account(session, account)).id)
    rows, in_all = await first(session, wanted, at_most)
    found = tuple(
        Asked(
            enquiry=row.id,
            account=row.account_id,
            handle=row.handle,
            platform=row.platform,
            school_name=row.name or "",
            asks=row.asks,
            address=row.address,
            asked_at=row.asked_at,
            due_at=row.due_at,
            late=(row.ended_at or now) > row.due_at,
            ended_at=row.ended_at,
            ended_as=row.ended_as,
            ended_by=row.ended_by_id,
        )
        for row in rows
    )
    return Page(found, in_all)


async def answers_by_school(session: Session, today: date, since: datetime) -> tuple[AnswersAt, ...]:
    """How each school answers what was asked `since` then; one statement."""
    waits, closed = col(Enquiry.ended_at).is_(None), col(Enquiry.ended_as) == EnquiryEnd.CLOSED
    in_time = col(Enquiry.ended_at) <= col(Enquiry.due_at)

    def counted(condition: ColumnElement[bool]) -> Any:
        return func.sum(case((condition, 1), else_=0))

    wanted = (
        select(
            func.coalesce(func.max(col(School.name)), "").label("school_name"),
            func.count(col(Enquiry.id)).label("asked"),
            counted(~waits & ~closed & in_time).label("in_time"),
            counted(~waits & ~closed & ~in_time).label("late"),
            counted(closed).label("closed"),
            counted(waits).label("waiting"),
            counted(waits & (col(Enquiry.due_on) < today)).label("overdue"),
        )
        .join(Account, col(Account.id) == col(Enquiry.account_id))
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .where(col(Enquiry.asked_at) >= since)
        .group_by(col(Account.school_id))
        .order_by(func.max(col(School.name)))
    )
    rows = await session.rows(wanted)
    return tuple(AnswersAt(row.school_name, *(int(one) for one in row[1:])) for row in rows)
