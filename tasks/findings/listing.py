"""Findings as lists: what every figure of the sweep report counts."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlmodel import col

from schemas.accounts import Account
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.people import School
from tasks.store.given import among
from tasks.store.page import Page, first
from tasks.store.session import Session


@dataclass(frozen=True)
class Listed:
    """A finding as a line of a list. People are numbers here."""

    finding: int
    control: str
    account: int
    handle: str
    school: int | None
    school_name: str | None
    person: int | None
    due_on: date
    detail: str
    opened_at: datetime
    resolved_at: datetime | None
    platform: str


@dataclass(frozen=True)
class Asked:
    """Which findings: open ones, or those that are new or were mended since a moment; of what, of whom.

    `or_no_school`: with a school, those about the division's own accounts too.
    """

    controls: tuple[str, ...] | None = None
    account: int | None = None
    school_id: int | None = None
    or_no_school: bool = False
    new_since: datetime | None = None
    mended_since: datetime | None = None


async def list_findings(session: Session, asked: Asked, at_most: int | None) -> Page[Listed]:
    """The findings asked for, the longest due first; open ones where no moment is given."""
    if asked.school_id is not None:
        chosen = select(col(Finding.id)).join(Account, col(Account.id) == col(Finding.account_id))
        its = col(Account.school_id) == asked.school_id
        chosen = chosen.where(or_(its, col(Account.school_id).is_(None)) if asked.or_no_school else its)
    else:
        chosen = select(col(Finding.id))
    wanted = []
    if asked.new_since is not None:
        wanted.append(col(Finding.opened_at) >= asked.new_since)
    if asked.mended_since is not None:
        wanted.append(col(Finding.resolved_at) >= asked.mended_since)
    order = (col(Finding.due_on), col(Finding.id))
    chosen = chosen.where(or_(*wanted) if wanted else col(Finding.resolved_at).is_(None)).order_by(*order)
    if asked.controls is not None:
        chosen = chosen.where(col(Finding.control).in_(asked.controls))
    if asked.account is not None:
        chosen = chosen.where(col(Finding.account_id) == asked.account)
    # which they are, and how many there are, needs no account: that is read of those that are listed
    numbers, in_all = await first(session, chosen, at_most)
    rows = await session.run(
        select(
            col(Finding.id).label("finding"),
            col(Finding.control),
            col(Finding.account_id).label("account"),
            col(Account.handle),
            col(Account.school_id).label("school"),
            col(School.name).label("school_name"),
            func.nullif(col(Finding.person_id), 0).label("person"),
            col(Finding.due_on),
            col(Finding.detail),
            col(Finding.opened_at),
            col(Finding.resolved_at),
            col(Account.platform),
        )
        .select_from(
            table_of(Finding)
            .join(table_of(Account), col(Account.id) == col(Finding.account_id))
            .outerjoin(table_of(School), col(School.id) == col(Account.school_id))
        )
        .where(among(col(Finding.id), [row.id for row in numbers]))
        .order_by(*order)
    )
    return Page(tuple(Listed(**row) for row in rows.mappings()), in_all)
