"""Daily check-ins: somebody looked at the comments and posts of one, several or all of their accounts."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field
from sqlmodel import col
from sqlmodel import select as of_model

from policy.controls.look import Look
from policy.looks import asking, missed_since
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.evidence import CheckIn
from schemas.forms import ActForm, Day, OnCommand
from schemas.outcome import Outcome, Settle, Subject
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ANYBODY
from tasks.monitoring.covering import looks_instead, may_look
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
        default=False,
        title="All of mine",
        description="Every account in use that you have access to, or look at for somebody who is away.",
    )
    on: Day | None = Field(
        default=None, title="Day", description="The day you looked, as 2026-09-30; today if left out."
    )


@act(CheckInForm, who=ANYBODY, does="checks accounts in", control=(Look,))
async def check_in(context: ActContext, form: CheckInForm) -> Receipt:
    """Record that a person looked at these accounts, or at all of theirs where none is named.

    All or none are recorded. An account that somebody has checked in already for that day keeps who was
    first. `on` is a day of the division's zone, today where it is left out. Where looks had been missed and
    this ends that, nobody is asked for one any more.

    Raises:
        BadInput: neither accounts nor all; a day to come, or too long ago.
        NotAllowed: the person neither has access to one of them nor looks at it for somebody.
        NotNow: one is not in use; or none is named and the person has none.
        Unknown: no such person or account.
    """
    session, policy, now = context.session, context.policy, context.now
    today = context.today
    day = form.on or today
    if bool(form.accounts) == form.everything:
        raise BadInput(
            "Name at least one account that you looked at, or say that you looked at all of yours."
        )
    if policy.first(Look) is None:
        raise NotNow("The policy asks nobody to look at accounts each day: there is nothing to check in.")
    chosen = await _chosen(context, sorted(set(form.accounts)))
    for level in {row.level for row in chosen.values()}:
        _refuse_day(policy, level, day, today)
    new = []
    for number in chosen:
        row = {"account_id": number, "day": day, "person_id": context.person_id}
        row |= {"said_at": now, "recorded_via": context.actor.via}
        if await insert_once(session, table_of(CheckIn), row, unique=["account_id", "day"]):
            new.append(number)
    if new:
        await _settle(context, [chosen[one] for one in new], day)
        await context.note(
            Subject(SubjectKind.PERSON, context.person_id),
            control=policy.name_of(Look, level=chosen[new[0]].level),
            cause="checked in",
            body={"day": day.isoformat(), "accounts": new},
        )
    called = ", ".join(policy.says_account(one.platform, one.handle) for one in chosen.values())
    said = f"{len(chosen)} account{'' if len(chosen) == 1 else 's'} checked in for {day}"
    before = len(chosen) - len(new)
    return Receipt(
        Subject(SubjectKind.PERSON, context.person_id),
        "checked in",
        f"{said}: {called}." + (f" {before} had been already." if before else ""),
    )


def _refuse_day(policy: Policy, level: str, day: date, today: date) -> None:
    """Raises NotNow where accounts of a level are not looked at, BadInput for a day not to be said today."""
    look = policy.first(Look, level=level)
    if look is None:
        raise NotNow(f"The policy asks nobody to look at accounts of the level {level}: leave those out.")
    if not look.may_be_said_for(day, today):
        late = look.said_late_days_at_most
        raise BadInput(f"{day} can't be checked in today: give today, or one of the {late} days before.")


async def _settle(context: ActContext, looked_at: Sequence[Account], day: date) -> None:
    """Nobody is asked any more for a look at these, where this one ends the days that were missed."""
    policy, steps = context.policy, []
    for account in looked_at:
        look = asking(policy, account.level)
        since = missed_since(look, context.calendar, context.today) if look else None
        if since is None or day >= since:
            about = Subject(SubjectKind.ACCOUNT, account.id or 0)
            steps.append(Settle(about=about, kinds=(ItemKind.LOOK_AGAIN,)))
    await context.apply(Outcome(tuple(steps)))


async def _chosen(context: ActContext, accounts: list[int]) -> dict[int, Account]:
    """The accounts to check in, by number; each of them in use and within reach."""
    session, policy = context.session, context.policy
    rows = await session.exec(
        of_model(Account)
        .join(Access, col(Access.account_id) == col(Account.id))
        .where(col(Access.person_id) == context.person_id, col(Access.state) == AccessState.GRANTED)
        .order_by(col(Account.id))
    )
    mine = {row.id or 0: row for row in rows}
    if not accounts:
        instead = await looks_instead(session, policy, context.person_id, context.today)
        in_use = {one: row for one, row in mine.items() if row.state in _IN_USE}
        in_use |= {one: await lookup.by_id(session, Account, one) for one in instead}
        asked = {one: row for one, row in in_use.items() if policy.first(Look, level=row.level)}
        if not asked:
            raise NotNow("You have no access to an account in use: there is nothing to check in.")
        return dict(sorted(asked.items()))
    found = {}
    for number in accounts:
        account = await lookup.by_id(session, Account, number)
        if number not in mine and not await may_look(context, account):
            raise NotAllowed(
                f"You have no access to account {number}: one of its administrators checks it in."
            )
        if account.state not in _IN_USE:
            raise NotNow(f"Account {number} is '{account.state}': only accounts in use are checked in.")
        found[number] = account
    return found
