"""Daily check-ins: somebody looked at the comments and posts of one, several or all of their accounts."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.controls.look import Look
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.evidence import CheckIn
from schemas.forms import ActForm, Day, OnCommand
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ANYBODY
from tasks.store import lookup
from tasks.store.upsert import insert_once

#: A suspended account shows what it showed before, so it is looked at: that may be what brings it back.
_IN_USE = (AccountState.LIVE, AccountState.SUSPENDED)


class CheckInForm(ActForm):
    """You looked at the comments, posts and messages of these accounts, or of all of yours."""

    accounts: Annotated[tuple[int, ...], OnCommand(positional=True)] = Field(
        default=(), title="Account numbers", description="The numbers of the accounts."
    )
    everything: Annotated[bool, OnCommand("--all")] = Field(
        default=False, title="All of mine", description="Every account in use that you have access to."
    )
    on: Day | None = Field(
        default=None, title="Day", description="The day you looked, as 2026-09-30; today if left out."
    )


@act(CheckInForm, who=ANYBODY, does="checks accounts in", control=(Look,))
async def check_in(context: ActContext, form: CheckInForm) -> Receipt:
    """Record that a person looked at these accounts, or at all of theirs where none is named.

    All or none are recorded. An account that somebody has checked in already for that day keeps who was
    first. `on` is a day of the division's zone, today where it is left out.

    Raises:
        BadInput: neither accounts nor all; a day to come, or too long ago.
        NotAllowed: the person has no access to one of them.
        NotNow: one is not in use; or none is named and the person has none.
        Unknown: no such person or account.
    """
    session, policy, now = context.session, context.policy, context.now
    today = context.today
    day = form.on or today
    if bool(form.accounts) == form.everything:
        raise BadInput("Say which accounts you looked at, by number, or that you looked at all of yours.")
    if not policy.monitoring.may_be_said_for(day, today):
        late = policy.monitoring.said_late_days_at_most
        raise BadInput(f"{day} can't be checked in today: give today, or one of the {late} days before.")
    chosen = await _chosen(session, context.person_id, sorted(set(form.accounts)))
    new = []
    for number in chosen:
        row = {"account_id": number, "day": day, "person_id": context.person_id}
        row |= {"said_at": now, "recorded_via": context.actor.via}
        if await insert_once(session, table_of(CheckIn), row, unique=["account_id", "day"]):
            new.append(number)
    if new:
        await context.note(
            Subject(SubjectKind.PERSON, context.person_id),
            control=context.policy.name_of(Look),
            cause="checked in",
            body={"day": day.isoformat(), "accounts": new},
        )
    said = f"{len(chosen)} account{'' if len(chosen) == 1 else 's'} checked in for {day}"
    before = len(chosen) - len(new)
    return Receipt(
        Subject(SubjectKind.PERSON, context.person_id),
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
