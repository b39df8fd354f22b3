"""Correcting what an account is for."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col

from policy.controls.inventory import Inventory
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone
from schemas.forms import ActForm, OnCommand, Reason
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ADMINISTRATOR, POLICY_OFFICE
from tasks.store import lookup


class CorrectPurposeForm(ActForm):
    """Say anew what an account is for."""

    account: Annotated[int, OnCommand(positional=True)] = Field(
        title="Account number", description="The number of the account."
    )
    purpose: Reason = Field(title="Purpose", description="What the account is for, in a sentence.")


@act(
    CorrectPurposeForm,
    who=ADMINISTRATOR | POLICY_OFFICE,
    does="says what it is for",
    control=(Inventory,),
)
async def correct_purpose(context: ActContext, form: CorrectPurposeForm) -> Receipt:
    """Change what the inventory says of an account's purpose.

    Raises AlreadyDone where it says that already.
    """
    account = await lookup.by_id(context.session, Account, form.account)
    if account.purpose == form.purpose:
        raise AlreadyDone(f"Account {form.account} says that already.")
    changed = update(table_of(Account)).where(col(Account.id) == form.account).values(purpose=form.purpose)
    await context.session.run(changed)
    subject = Subject(SubjectKind.ACCOUNT, form.account)
    await context.note(subject, control="inventory", cause="purpose corrected")
    return Receipt(subject, "corrected", f"Account {form.account} says anew what it is for.")
