"""Accounts that are stopped or suspended for a time: the list of what comes back, and when."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from schemas.accounts import Account
from schemas.findings import Finding, Suspension
from schemas.people import Person


@dataclass(frozen=True)
class StopShown:
    """A suspension that stands and has an end of its own. Moments are UTC.

    `called`: what people call the account.
    `stopped_as`: the office of an emergency stop. `confirm_by`: until when it waits for its confirmation.
    `findings`: what is to be mended at the account beside.
    """

    account: int
    handle: str
    called: str
    since: datetime
    stopped_as: str | None
    by: str | None
    by_id: int | None
    reason: str
    confirm_by: datetime | None
    confirmed_at: datetime | None
    through: date | None
    findings: int


async def list_stops(session: AsyncSession, policy: Policy) -> tuple[StopShown, ...]:
    """Each of them, the first to end first; those without a last day come last."""
    findings = (
        select(func.count())
        .select_from(Finding)
        .where(col(Finding.account_id) == col(Account.id), col(Finding.resolved_at).is_(None))
        .correlate(Account)
        .scalar_subquery()
    )
    rows = await session.exec(
        select(Suspension, Account, Person, findings)
        .join(Account, col(Account.id) == col(Suspension.account_id))
        .outerjoin(Person, col(Person.id) == col(Suspension.decided_by_id))
        .where(
            col(Suspension.ended_at).is_(None),
            or_(col(Suspension.stop_office).is_not(None), col(Suspension.through).is_not(None)),
        )
        .order_by(col(Account.id))
    )
    shown = [
        StopShown(
            account.id or 0,
            account.handle,
            policy.says_account(account.platform, account.handle),
            row.suspended_at,
            policy.label(row.stop_office) if row.stop_office else None,
            person.name if person is not None else None,
            row.decided_by_id,
            row.reason,
            row.confirm_by if row.confirmed_at is None else None,
            row.confirmed_at,
            row.through,
            int(count),
        )
        for row, account, person, count in rows
    ]
    return tuple(
        sorted(shown, key=lambda one: (one.confirm_by is None, one.through or date.max, one.account))
    )
