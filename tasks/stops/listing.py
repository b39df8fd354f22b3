"""Accounts that are stopped or suspended for a time: the list of what comes back, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_
from sqlmodel import col, select

from policy.model import Policy
from schemas.accounts import Account
from schemas.findings import Finding, Suspension
from schemas.people import Person
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.stops.hands import Stopped, held_today, why_not
from tasks.store.audit import Actor
from tasks.store.session import Session


@dataclass(frozen=True)
class StopShown:
    """A suspension that stands and has an end of its own. Moments are UTC.

    `called`: what people call the account.
    `stopped_as`: the office of an emergency stop; `stopped`: whose hand it was in. `confirm_by`: until when
    it waits for its confirmation.
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
    stopped: Stopped | None = None


def _stopped(row: Suspension) -> Stopped | None:
    people = frozenset(one for one in (row.decided_by_id, row.deputy_for_id) if one is not None)
    return Stopped(row.stop_office, people) if row.stop_office else None


async def refused_to(
    session: Session, policy: Policy, person: int, now: datetime, shown: Sequence[StopShown]
) -> Mapping[int, str]:
    """Of the stops that wait for a second office: why this person may not confirm each, by account."""
    context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
    held, refused = await held_today(context), dict[int, str]()
    for one in shown:
        if one.confirm_by is None or one.stopped is None:
            continue
        if now >= one.confirm_by:
            refused[one.account] = "The time to confirm it is over, and it comes back by itself."
        elif (why := await why_not(context, held, one.stopped, person)) is not None:
            refused[one.account] = why
    return refused


async def list_stops(session: Session, policy: Policy) -> tuple[StopShown, ...]:
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
            _stopped(row),
        )
        for row, account, person, count in rows
    ]
    return tuple(
        sorted(shown, key=lambda one: (one.confirm_by is None, one.through or date.max, one.account))
    )
