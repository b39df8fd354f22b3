"""Pages that nobody approved, as a list."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import col

from schemas.columns import table_of
from schemas.inventory import UnapprovedPage
from schemas.people import School
from schemas.words import PageEnd
from tasks.store.page import Page, first
from tasks.store.session import Session


@dataclass(frozen=True)
class ReportedPage:
    """One page. `school` is None where it seems to be the whole division's; `due_on`: its last day."""

    page: int
    address: str
    school: int | None
    school_name: str | None
    says: str
    reported_at: datetime
    due_on: date
    late: bool
    ended_at: datetime | None
    ended_as: PageEnd | None
    request: int | None
    reason: str


async def unapproved_pages(
    session: Session, today: date, at_most: int | None, *, ended: bool = False
) -> Page[ReportedPage]:
    """What waits, the earliest due first; with `ended` all of them."""
    wanted = (
        select(table_of(UnapprovedPage), col(School.name))
        .outerjoin(School, col(School.id) == col(UnapprovedPage.school_id))
        .order_by(col(UnapprovedPage.due_on), col(UnapprovedPage.id))
    )
    if not ended:
        wanted = wanted.where(col(UnapprovedPage.ended_at).is_(None))
    rows, in_all = await first(session, wanted, at_most)
    found = tuple(
        ReportedPage(
            page=row.id,
            address=row.address,
            school=row.school_id,
            school_name=row.name,
            says=row.says,
            reported_at=row.reported_at,
            due_on=row.due_on,
            late=row.ended_at is None and row.due_on < today,
            ended_at=row.ended_at,
            ended_as=row.ended_as,
            request=row.request_id,
            reason=row.reason,
        )
        for row in rows
    )
    return Page(found, in_all)
