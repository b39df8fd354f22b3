"""No finding suspends an account until a day: the office that suspends says so, and takes it back."""

from datetime import date

from pydantic import Field
from sqlalchemy import select, update
from sqlmodel import col

from policy.controls.sanction import Suspending
from policy.notices.changes import AccountChanged
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotNow
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.outcome import Settle, Subject
from schemas.receipt import Receipt
from schemas.words import Changed, ItemKind, SubjectKind
from tasks.accounts.changing import (
    ChangeForm,
    ChangeReason,
    carry_out,
    concerned,
    open_account,
    record,
    subject_of,
    tell,
)
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import SANCTION_OFFICE


class ExemptionForm(ChangeForm):
    """Say that no finding suspends an account until a day: it must stay up, as in an emergency.

    What is found there is asked for all the same.
    """

    until: date = Field(title="Until", description="The last day on which no finding suspends it.")
    reason: ChangeReason


class ExemptionEndForm(ChangeForm):
    """Findings may suspend an account again. Each suspension is announced first, with a day of its own."""

    reason: ChangeReason


@act(ExemptionForm, who=SANCTION_OFFICE, does="exempts an account", control=(Suspending,), in_person=True)
async def exempt_account(context: ActContext, form: ExemptionForm) -> Receipt:
    """Exempt an account from suspension through a day. A day that was set before is replaced.

    Raises BadInput for a day that is past, NotNow for an account that has ended, Unknown.
    """
    if form.until < context.today:
        raise BadInput(f"{form.until} is past: give a day to come, or today.")
    account = await open_account(context, form.account)
    await _change(context, account, form.until, form.reason)
    return Receipt(
        subject_of(account),
        "exempt",
        f"No finding suspends account {account.id} through {form.until}; its people are told. "
        f"`steward account unexempt {account.id}` takes it back. "
        f"`steward account suspend {account.id}` suspends it all the same.",
    )


@act(
    ExemptionEndForm,
    who=SANCTION_OFFICE,
    does="ends the exemption of an account",
    control=(Suspending,),
    in_person=True,
)
async def end_exemption(context: ActContext, form: ExemptionEndForm) -> Receipt:
    """End an exemption today. Raises NotNow where there is none, or the account has ended, Unknown."""
    account = await open_account(context, form.account)
    if account.never_suspended_until is None or account.never_suspended_until < context.today:
        raise NotNow(f"Account {account.id} is not exempt: nothing to end.")
    await _change(context, account, None, form.reason)
    return Receipt(
        subject_of(account),
        "exempt no more",
        f"Findings may suspend account {account.id} again, each after a letter with a day of its own. "
        "Its people are told.",
    )


async def _change(context: ActContext, account: Account, until: date | None, reason: str) -> None:
    """Set the day, drop what was asked on other terms, so that it is asked anew, and tell everybody."""
    change = await record(context, account, Changed.EXEMPTION, account.never_suspended_until, reason)
    await context.session.run(
        update(Account).where(col(Account.id) == account.id).values(never_suspended_until=until)
    )
    notice = AccountChanged(
        what="exempt no more" if until is None else "exempt",
        by_id=context.person_id,
        change_id=change,
        until=until,
    )
    told = tell(context, account, notice, await concerned(context, account), f"change:{change}")
    dropped = [
        Settle(about=Subject(SubjectKind.FINDING, one), kinds=(ItemKind.MEND_FINDING,), done=False)
        for one in await _asked_for(context, account)
    ]
    await carry_out(context, account, (*dropped, *told))


async def _asked_for(context: ActContext, account: Account) -> list[int]:
    """The findings of the account whose mending is asked for now."""
    item, finding = table_of(ActionItem).c, table_of(Finding).c
    rows = await context.session.run(
        select(finding.id)
        .join(ActionItem, (item.subject_kind == SubjectKind.FINDING) & (item.subject_id == finding.id))
        .where(finding.account_id == account.id)
        .distinct()
    )
    return [int(one) for one in rows.scalars()]
