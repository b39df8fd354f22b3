"""What was reported as misleading, as a list."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import col

from schemas.accounts import Account
from schemas.columns import table_of
from schemas.public import Correction
from schemas.words import CorrectionEnd
from tasks.store.page import Page, first
from tasks.store.session import Session


@dataclass(frozen=True)
class Reported:
    """One report, with the dates of its steps. `due_on`: of the next one."""

    correction: int
    account: int | None
    handle: str | None
    says: str
    reported_at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None
    ended_as: CorrectionEnd | None
    outcome: str
    due_on: date
    late: bool


async def corrections(
    session: Session, today: date, at_most: int | None, *, ended: bool = False
) -> Page[Reported]:
    """What waits, the earliest due first; with `ended` all of it."""
    wanted = (
        select(table_of(Correction), col(Account.handle))
        .outerjoin(Account, col(Account.id) == col(Correction.account_id))
        .order_by(col(Correction.due_on), col(Correction.id))
    )
    if not ended:
        wanted = wanted.where(col(Correction.ended_at).is_(None))
    rows, in_all = await first(session, wanted, at_most)
    found = tuple(
        Reported(
            correction=row.id,
            account=row.account_id,
            handle=row.handle,
            says=row.says,
            reported_at=row.reported_at,
            acknowledged_at=row.acknowledged_at,
            ended_at=row.ended_at,
            ended_as=row.ended_as,
            outcome=row.outcome,
            due_on=row.due_on,
            late=row.ended_at is None and row.due_on < today,
        )
        for row in rows
    )
    return Page(found, in_all)
