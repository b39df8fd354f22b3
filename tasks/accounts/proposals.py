"""Deciding on somebody who was named to administer an account by who does not approve it."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col, select

from policy.access_ends import end_now
from policy.authority import approving
from policy.controls.approval import Approval
from policy.notices.changes import AccountChanged
from policy.proposals import proposal_key
from schemas.accounts import Access, Account
from schemas.errors import NotAllowed, NotNow
from schemas.forms import OnCommand, PersonRef
from schemas.outcome import Settle, Step
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import AccessEnd, Changed, ItemKind, ProposalVerdict
from tasks.accounts.administrators import subject_of_access
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
from tasks.acts.context import ActContext, Right
from tasks.acts.who import APPROVER, Who, holds
from tasks.store import lookup
from tasks.store.climbed import climbed_to


class ProposalForm(ChangeForm):
    """Decide whether somebody who was named administers an account. Approved, the steps before it begin."""

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who", description="E-mail address, number or name."
    )
    verdict: Annotated[ProposalVerdict, OnCommand(positional=True)] = Field(title="Decision")
    reason: ChangeReason


async def _proposal(context: ActContext, form: Any) -> Access | None:
    """The access that waits for the decision."""
    person = await lookup.person(context.session, form.person, must_be_active=False)
    found = await context.session.exec(
        select(Access).where(
            col(Access.account_id) == form.account,
            col(Access.person_id) == person.id,
            col(Access.state) == AccessState.WAITING,
            col(Access.proposed_by_id).is_not(None),
        )
    )
    return found.first()


async def _reached(context: ActContext, form: Any) -> Right | None:
    account = await lookup.by_id(context.session, Account, form.account)
    access = await _proposal(context, form)
    if access is None:
        return None
    kind, about = ItemKind.DECIDE_REQUEST, subject_of_access(access)
    offices = await climbed_to(context.session, context.policy, kind, about, account.school_id)
    return await holds(context, *offices)


@act(
    ProposalForm,
    who=APPROVER | Who("an office that is asked because it is late", _reached),
    does="decides on an administrator",
    control=(Approval,),
    in_person=True,
)
async def decide_administrator(context: ActContext, form: ProposalForm) -> Receipt:
    """Approve somebody who was named, who then passes the gates; or decline, and who named them reads why.

    Raises:
        NotAllowed: who decides was named, named them, or stands in for one of these.
        NotNow: nobody of that name waits for a decision there, or the account has ended.
        Unknown: no such account or person.
    """
    account = await open_account(context, form.account)
    person = await lookup.person(context.session, form.person, must_be_active=False)
    access = await _proposal(context, form)
    if access is None:
        raise NotNow(f"{person.name} does not wait for a decision on account {account.id}.")
    if {access.person_id, access.proposed_by_id} & context.right.stands_for(context.person_id):
        raise NotAllowed("Somebody else decides: neither who was named, nor who named them.")
    approved = form.verdict is ProposalVerdict.APPROVE
    told = [one for one in await concerned(context, account) if approved or one != access.person_id]
    proposer, subject = access.proposed_by_id, subject_of_access(access)
    change = await record(context, account, Changed.ADMINISTRATOR, access.person_id, form.reason)
    steps: list[Step] = [Settle((proposal_key(subject),))]
    if approved:
        await context.session.run(
            update(Access).where(col(Access.id) == access.id).values(proposed_by_id=None)
        )
    else:
        control = approving(context.policy, account.level)
        why = AccessEnd.TAKEN_OFF
        steps += end_now(subject, access.state, access.version, access.person_id, why, control)
    notice = AccountChanged(
        what="named" if approved else "declined",
        by_id=context.person_id,
        change_id=change,
        administrator_ids=(access.person_id,),
    )
    people = tuple(dict.fromkeys((*told, *([proposer] if proposer is not None else []))))
    steps += tell(context, account, notice, people, f"change:{change}")
    await carry_out(context, account, steps)
    says = (
        f"{person.name} is approved for account {account.id}; access begins when every step is done."
        if approved
        else f"{person.name} gets no access to account {account.id}; who named them reads why."
    )
    return Receipt(subject_of(account), "approved" if approved else "declined", says)
