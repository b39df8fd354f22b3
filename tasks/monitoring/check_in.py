"""Daily check-ins (9): somebody looked at the comments and posts of one, several or all of their accounts."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.controls.look import Look
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.evidence import CheckIn
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.audit import Actor
from tasks.store.upsert import insert_once

#: A suspended account shows what it showed before, so it is looked at: that may be what brings it back.
_IN_USE = (AccountState.LIVE, AccountState.SUSPENDED)


async def check_in(
    store: Store,
    policy: Policy,
    accounts: Sequence[int],
    *,
    by: str,
    on: date | None = None,
    via: Via,
    now: datetime,
) -> Receipt:
    """Record that a person looked at these accounts, or at all of theirs where none is named (9).

    All or none are recorded. An account that somebody has checked in already for that day keeps who was
    first. `on` is a day of the division's zone, today where it is left out.

    Raises:
        BadInput: a day to come, or too long ago.
        NotAllowed: the person has no access to one of them.
        NotNow: one is not in use; or none is named and the person has none.
        Unknown: no such person or account.
    """
    today = Calendar(policy).today(now)
    day = on or today
    if not policy.monitoring.may_be_said_for(day, today):
        late = policy.monitoring.said_late_days_at_most
        raise BadInput(f"{day} can't be checked in today: give today, or one of the {late} days before.")
    async with store.write() as session:
        person_id = await lookup.person_id(session, by)
        chosen = await _chosen(session, person_id, sorted(set(accounts)))
        new = []
        for number in chosen:
            row = {"account_id": number, "day": day, "person_id": person_id}
            row |= {"said_at": now, "recorded_via": via}
            if await insert_once(session, table_of(CheckIn), row, unique=["account_id", "day"]):
                new.append(number)
        if new:
            await audit.append(
                session,
                Subject(SubjectKind.PERSON, person_id),
                actor=Actor(person_id, via),
                control=policy.name_of(Look),
                cause="checked in",
                now=now,
                body={"day": day.isoformat(), "accounts": new},
            )
    said = f"{len(chosen)} account{'' if len(chosen) == 1 else 's'} checked in for {day}"
    before = len(chosen) - len(new)
    return Receipt(
        Subject(SubjectKind.PERSON, person_id),
        "checked in",
        f"{said}: {', '.join(chosen.values())}." + (f" {before} had been already." if before else ""),
    )


async def _chosen(session: AsyncSession, person_id: int, accounts: list[int]) -> dict[int, str]:
    """The handles of the accounts to check in, by number; each of them in use and within reach."""
    connection = await session.connection()
    rows = await connection.execute(
        select(col(Account.id), col(Account.handle), col(Account.state))
        .join(Access, col(Access.account_id) == col(Account.id))
        .where(col(Access.person_id) == person_id, col(Access.state) == AccessState.GRANTED)
        .order_by(col(Account.id))
    )
    mine = {row.id: row for row in rows}
    if not accounts:
        in_use = {one: row.handle for one, row in mine.items() if row.state in _IN_USE}
        if not in_use:
            raise NotNow("You have no access to an account in use: there is nothing to check in.")
        return in_use
    for number in accounts:
        account = await lookup.by_id(session, Account, number)
        if number not in mine:
            raise NotAllowed(
                f"You have no access to account {number}: one of its administrators checks it in."
            )
        if account.state not in _IN_USE:
            raise NotNow(f"Account {number} is '{account.state}': only accounts in use are checked in.")
    return {number: mine[number].handle for number in accounts}
