"""An account is closed after a last day that everybody concerned is told, kept after all, or opened again."""

from datetime import date, datetime

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col, select

from policy.access_ends import begin_again, last_day
from policy.account_creation import close_account as closed_now
from policy.authority import approving
from policy.controls.approval import Approval
from policy.moves import place_key
from policy.notices.changes import AccountChanged, AccountCloses
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotNow
from schemas.events import EventKind
from schemas.findings import Suspension
from schemas.outcome import Emit, Move, Settle, Step
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, Changed, ItemKind
from tasks.accounts.administrators import subject_of_access
from tasks.accounts.changing import (
    ChangeForm,
    ChangeReason,
    accesses,
    carry_out,
    concerned,
    open_account,
    record,
    subject_of,
    tell,
)
from tasks.accounts.facts import account_facts
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import APPROVER, ITS_SCHOOL, climbed
from tasks.store import lookup
from tasks.store.same import keys_for
from tasks.store.session import Session


class ClosingForm(ChangeForm):
    """Close an account. Everybody concerned is told its last day first, and it can be kept until then."""

    reason: ChangeReason
    at_once: bool = Field(
        default=False, title="At once", description="An emergency: it is closed now, and not in some days."
    )


class KeepingOpenForm(ChangeForm):
    """Keep an account that was to be closed."""

    reason: ChangeReason


class OpeningForm(ChangeForm):
    """Open a closed account again. The accesses that closing took begin again, after their gates."""

    reason: ChangeReason


async def end_suspension(session: Session, account_id: int, now: datetime) -> None:
    """A closed account is suspended no longer."""
    suspension = table_of(Suspension)
    await session.run(
        update(suspension)
        .where(suspension.c.account_id == account_id, suspension.c.ended_at.is_(None))
        .values(ended_at=now, ended_because="The account was closed.")
    )


async def _set_last_day(context: ActContext, account: Account, day: object) -> None:
    await context.session.run(update(Account).where(col(Account.id) == account.id).values(closes_on=day))


@act(
    ClosingForm,
    who=APPROVER | ITS_SCHOOL | climbed(ItemKind.SETTLE_MOVE),
    does="closes an account",
    control=(Approval,),
)
async def close_account(context: ActContext, form: ClosingForm) -> Receipt:
    """Close an account after a last day that is announced; at once in an emergency.

    Raises AlreadyDone where it is announced already, NotNow where it has ended, Unknown.
    """
    account = await open_account(context, form.account)
    if account.closes_on is not None and not form.at_once:
        raise AlreadyDone(f"Account {account.id} is closed after {account.closes_on} already.")
    if form.at_once:
        change = await record(context, account, Changed.LAST_DAY, account.closes_on, form.reason)
        facts = await account_facts(context.session, form.account, context.policy, context.today)
        await carry_out(
            context,
            account,
            closed_now(facts, context.policy, by_id=context.person_id, change_id=change).steps,
        )
        await end_suspension(context.session, form.account, context.now)
        return Receipt(
            subject_of(account),
            "closed",
            f"Account {account.id} is closed. `steward account open {account.id}` undoes it.",
        )
    day = await announce_closing(context, account, form.reason)
    return Receipt(
        subject_of(account),
        "announced",
        f"Account {account.id} is closed after {day}, and its people are told. Until then "
        f"`steward account keep {account.id}` undoes it.",
    )


async def announce_closing(context: ActContext, account: Account, reason: str) -> date:
    """Tell everybody concerned the account's last day, after which it is closed; that day."""
    change = await record(context, account, Changed.LAST_DAY, account.closes_on, reason)
    day = last_day(context.policy, context.today)
    await _set_last_day(context, account, day)
    notice = AccountCloses(closes_on=day, by_id=context.person_id, change_id=change)
    told = tell(context, account, notice, await concerned(context, account), f"change:{change}")
    await carry_out(context, account, (Settle((place_key(subject_of(account)),)), *told))
    return day


@act(KeepingOpenForm, who=APPROVER | ITS_SCHOOL, does="keeps an account open", control=(Approval,))
async def keep_account(context: ActContext, form: KeepingOpenForm) -> Receipt:
    """Take an announced closing back. Raises NotNow where none is announced, Unknown."""
    account = await open_account(context, form.account)
    if account.closes_on is None:
        raise NotNow(f"Account {account.id} is not to be closed: nothing to take back.")
    change = await record(context, account, Changed.LAST_DAY, account.closes_on, form.reason)
    await _set_last_day(context, account, None)
    notice = AccountChanged(what="not closed", by_id=context.person_id, change_id=change)
    told = tell(context, account, notice, await concerned(context, account), f"change:{change}")
    await carry_out(context, account, told)
    return Receipt(subject_of(account), "kept", f"Account {account.id} stays; its people are told.")


async def _refuse_taken(context: ActContext, account: Account) -> None:
    """Raises NotNow where an account in use has its handle meanwhile."""
    asked = select(Account.id).where(
        col(Account.platform) == account.platform,
        col(Account.handle_key) == account.handle_key,
        col(Account.state).not_in(ENDED_ACCOUNTS),
    )
    if (other := (await context.session.exec(asked)).first()) is not None:
        raise NotNow(f"Account {other} has its handle meanwhile: `steward account show {other}` shows it.")


@act(OpeningForm, who=APPROVER, does="opens an account again", control=(Approval,))
async def open_again(context: ActContext, form: OpeningForm) -> Receipt:
    """Open a closed account: its people wait for their gates, and its page is looked at before it is live.

    It does not bring back accesses that had ended before it was closed.
    Raises NotNow where it is not closed or its handle is taken, BadInput where its page or permanent id is,
    Unknown.
    """
    account = await lookup.by_id(context.session, Account, form.account)
    if account.state is not AccountState.CLOSED:
        raise NotNow(f"Account {account.id} is '{account.state}', not closed.")
    await _refuse_taken(context, account)
    await keys_for(context.session, context.policy, account)
    control, about = approving(context.policy, account.level), subject_of(account)
    anew = {"reported_at": context.now if account.reported_at is not None else None}
    steps: list[Step] = [
        Move(about, account.state, account.version, AccountState.APPROVED, control, "opened again", anew)
    ]
    steps += [
        begin_again(subject_of_access(one), one.version, control, "account opened again")
        for one in await accesses(context, form.account)
        if one.state is AccessState.REVOKED and one.ends_for is AccessEnd.ACCOUNT_CLOSED
    ]
    change = await record(context, account, Changed.LAST_DAY, None, form.reason)
    await carry_out(context, account, [*steps, Emit(EventKind.ACCOUNT_REPORTED, about)])
    notice = AccountChanged(what="opened again", by_id=context.person_id, change_id=change)
    told = tell(context, account, notice, await concerned(context, account), f"change:{change}")
    await carry_out(context, account, told)
    return Receipt(
        about,
        "opened",
        f"Account {account.id} is open again; it is live when its people and its page are ready.",
    )
