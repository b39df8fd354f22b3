"""A school is merged into another one, closed, or open again; and what becomes of its accounts."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from sqlalchemy import func, update
from sqlmodel import col, select

from policy.controls.inventory import Inventory
from policy.moves import ask_where, place_key
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Account
from schemas.errors import BadInput, NotNow, Unknown
from schemas.forms import ActForm, Line, OnCommand
from schemas.outcome import Outcome, Settle, Subject
from schemas.people import School
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.accounts.changing import ChangeReason, carry_out, subject_of
from tasks.accounts.renaming import move_to
from tasks.acts.act import act, always
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE
from tasks.store import lookup


class _SchoolForm(ActForm):
    school: Annotated[Line, OnCommand(positional=True)] = Field(title="School", description="Name or number.")


class MergingForm(_SchoolForm):
    """Merge a school into another one: all its accounts go there. People and offices move with the roster.

    An account that should go elsewhere is moved by itself afterwards.
    """

    into: Line = Field(title="Into", description="The school that its accounts belong to from now on.")
    reason: ChangeReason


class SchoolClosingForm(_SchoolForm):
    """A school is no longer there. For each of its accounts you are asked what becomes of it."""


class SchoolOpeningForm(_SchoolForm):
    """A school is there after all. What is asked of its accounts is dropped; what was moved stays."""


async def _school(context: ActContext, known_as: str) -> School:
    """A school that is there. Raises BadInput for the division's office, Unknown."""
    school = await lookup.school(context.session, known_as)
    if school.is_division:
        raise BadInput("This is the head office and no school: name a school.")
    return school


async def _accounts(context: ActContext, school: School) -> Sequence[Account]:
    asked = (
        select(Account)
        .where(col(Account.school_id) == school.id, col(Account.state).not_in(ENDED_ACCOUNTS))
        .order_by(col(Account.id))
    )
    return (await context.session.exec(asked)).all()


async def _set(context: ActContext, school: School, cause: str, *, active: bool) -> Subject:
    await context.session.run(update(School).where(col(School.id) == school.id).values(active=active))
    subject = Subject(SubjectKind.SCHOOL, school.id or 0)
    control = next((one.name for one in context.policy.of(Inventory)), "")
    await context.note(subject, control=control, cause=cause)
    return subject


@act(
    MergingForm,
    who=POLICY_OFFICE,
    does="merges schools",
    control=(Inventory,),
    in_person=True,
    dangerous=always,
)
async def merge_schools(context: ActContext, form: MergingForm) -> Receipt:
    """All accounts of a school go to another one; both are told of each. Raises BadInput, Unknown."""
    school, into = await _school(context, form.school), await _school(context, form.into)
    if school.id == into.id:
        raise BadInput("A school is not merged into itself: name another one with --into.")
    accounts = await _accounts(context, school)
    for account in accounts:
        await carry_out(context, account, await move_to(context, account, into, form.reason))
    subject = await _set(context, school, "school merged", active=False)
    moved = (
        f"1 account belongs to {into.name} now."
        if len(accounts) == 1
        else f"{len(accounts)} accounts belong to {into.name} now."
    )
    return Receipt(
        subject,
        "merged",
        " ".join((moved, f"A roster that still has {school.name} would bring the school back.")),
    )


@act(SchoolClosingForm, who=POLICY_OFFICE, does="closes a school", control=(Inventory,))
async def close_school(context: ActContext, form: SchoolClosingForm) -> Receipt:
    """A school is gone; its accounts stay as they are until somebody says what becomes of each.

    Raises BadInput, Unknown.
    """
    school = await _school(context, form.school)
    accounts = await _accounts(context, school)
    for account in accounts:
        asked = ask_where(subject_of(account), account.level, context.policy, context.today)
        await carry_out(context, account, asked)
    subject = await _set(context, school, "school closed", active=False)
    waits = (
        "1 account waits for your word:"
        if len(accounts) == 1
        else f"{len(accounts)} accounts wait for your word:"
    )
    return Receipt(
        subject,
        "closed",
        " ".join(
            (
                f"{school.name} is closed.",
                waits,
                "`steward account move`, `steward account hand-over` or `steward account close`.",
                f"`steward school open {school.id}` undoes it.",
            )
        ),
    )


@act(SchoolOpeningForm, who=POLICY_OFFICE, does="opens a school again", control=(Inventory,))
async def open_school(context: ActContext, form: SchoolOpeningForm) -> Receipt:
    """A school is there after all. Raises NotNow where it never closed, Unknown."""
    said = form.school.strip()
    number = int(said) if said.isascii() and said.isdecimal() else None
    asked = select(School).where(
        col(School.id) == number if number is not None else func.lower(col(School.name)) == said.lower()
    )
    found = (await context.session.exec(asked)).all()
    closed = [one for one in found if not one.active]
    if not found:
        raise Unknown("There is no school of this name or number: `steward schools` shows them all.")
    if not closed:
        raise NotNow("This school is open: nothing to undo.")
    school = closed[0]
    keys = tuple(place_key(subject_of(one)) for one in await _accounts(context, school))
    await context.apply(Outcome((Settle(keys, done=False),)))
    subject = await _set(context, school, "school opened again", active=True)
    return Receipt(
        subject, "open", f"{school.name} is open again; what was asked of its accounts is dropped."
    )
