"""Questions of the public: noted, answered in public or directly, closed, opened again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import insert, select, update
from sqlmodel import col

from policy.controls.answer_within import AnswerWithin
from policy.enquiries import decide_enquiry
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.forms import ActForm, LocalMoment, OnCommand, PageAddress, Prose, Reason
from schemas.outcome import RoleAt, Subject
from schemas.public import Enquiry
from schemas.receipt import Receipt
from schemas.states import AccountState
from schemas.words import EnquiryEnd, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ANYBODY, POLICY_OFFICE, Who, has_access, holds
from tasks.public.enquiry_facts import enquiry_facts
from tasks.store import lookup

#: What was asked longer ago is history, and nobody is measured by it.
_OLDEST = timedelta(days=366)
_IN_USE = (AccountState.LIVE, AccountState.SUSPENDED)


class EnquiryForm(ActForm):
    """Somebody of the public asked something at an account, and it is not answered yet."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    asks: Annotated[Prose, Field(min_length=3)] = Field(
        title="What is asked", description="The question, without the name of whoever asked it."
    )
    address: PageAddress | None = Field(
        default=None, title="Where it stands", description="The address of the post or comment."
    )
    asked_at: LocalMoment | None = Field(
        default=None, title="When", description="As 2026-09-30 14:30; now if left out."
    )


class AnswerForm(ActForm):
    """A question of the public is answered."""

    enquiry: Annotated[int, OnCommand(positional=True)] = Field(title="Question number", ge=1)
    how: Literal["in public", "directly"] = Field(
        title="How", description="in public, in the comments; or directly, to who asked."
    )


class EnquiryClosingForm(ActForm):
    """A question of the public needs no answer."""

    enquiry: Annotated[int, OnCommand(positional=True)] = Field(title="Question number", ge=1)
    reason: Reason = Field(title="Why", description="Why it needs none, in a sentence without names.")


class EnquiryOpeningForm(ActForm):
    """A question of the public waits for an answer after all."""

    enquiry: Annotated[int, OnCommand(positional=True)] = Field(title="Question number", ge=1)
    reason: Reason = Field(title="Why", description="Why it is open again, in a sentence without names.")


async def _of_account(
    context: ActContext, form: AnswerForm | EnquiryClosingForm | EnquiryOpeningForm
) -> Right | None:
    """An administrator of the account where it was asked, or the administration of its school."""
    enquiry = await lookup.by_id(context.session, Enquiry, form.enquiry)
    if await has_access(context, enquiry.account_id):
        return Right()
    account = await lookup.by_id(context.session, Account, enquiry.account_id)
    if account.school_id is None:
        return None
    return await holds(context, RoleAt(context.policy.duties.runs_school, account.school_id))


_ANSWERS = Who("an administrator of the account, or of its school,", _of_account) | POLICY_OFFICE


@act(EnquiryForm, who=ANYBODY, does="notes what the public asks", control=(AnswerWithin,))
async def log_enquiry(context: ActContext, form: EnquiryForm) -> Receipt:
    """Note a question, reckon until when it is to be answered, and ask whoever administers the account.

    Raises NotNow for an account that is not in use, and where the policy gives no time for its level;
    BadInput for a moment to come, or more than a year ago.
    """
    account = await lookup.by_id(context.session, Account, form.account)
    control = context.policy.first(AnswerWithin, level=account.level)
    if control is None:
        raise NotNow("The policy gives no time in which the public is answered: nothing is noted.")
    if account.state not in _IN_USE:
        raise NotNow(f"Account {form.account} is '{account.state}': only accounts in use are asked.")
    asked_at = _asked_at(context, form)
    due_at = control.expected_by(asked_at, account.platform, context.policy, context.calendar)
    made = await context.session.run(
        insert(table_of(Enquiry))
        .values(
            account_id=form.account,
            platform=account.platform,
            asks=form.asks,
            address=form.address or "",
            asked_at=asked_at,
            logged_at=context.now,
            logged_by_id=context.person_id,
            recorded_via=context.actor.via,
            due_at=due_at,
            due_on=context.calendar.today(due_at),
            reason="",
        )
        .returning(col(Enquiry.id))
    )
    number = int(made.scalar_one() or 0)
    await _note(context, number, "enquiry logged")
    await _ask(context, number)
    by = due_at.astimezone(context.policy.zone)
    until = f"{by:%Y-%m-%d %H:%M}"
    said = f"Question {number} is noted. Whoever administers the account is asked to answer by {until}."
    return Receipt(Subject(SubjectKind.ENQUIRY, number), "waits", said)


def _asked_at(context: ActContext, form: EnquiryForm) -> datetime:
    if form.asked_at is None:
        return context.now
    asked_at = form.asked_at.replace(tzinfo=context.policy.zone)
    if asked_at > context.now:
        raise BadInput("Nobody can have asked it yet: give the day and the time at which it was asked.")
    if asked_at < context.now - _OLDEST:
        raise BadInput("It was asked more than a year ago: only what still wants an answer is noted.")
    return asked_at


@act(AnswerForm, who=_ANSWERS, does="says that it is answered", control=(AnswerWithin,))
async def answer_enquiry(context: ActContext, form: AnswerForm) -> Receipt:
    """Record that a question is answered, in public or directly. Raises AlreadyDone where it has ended."""
    ended = EnquiryEnd.IN_PUBLIC if form.how == "in public" else EnquiryEnd.DIRECTLY
    late = await _end(context, form.enquiry, ended, "")
    said = f"Question {form.enquiry} is {ended}{', later than people expect there' if late else ', in time'}."
    return Receipt(Subject(SubjectKind.ENQUIRY, form.enquiry), ended, said)


@act(EnquiryClosingForm, who=_ANSWERS, does="closes it", control=(AnswerWithin,))
async def close_enquiry(context: ActContext, form: EnquiryClosingForm) -> Receipt:
    """Close a question without an answer. Raises AlreadyDone where it has ended."""
    await _end(context, form.enquiry, EnquiryEnd.CLOSED, form.reason)
    said = f"Question {form.enquiry} is closed without an answer."
    return Receipt(Subject(SubjectKind.ENQUIRY, form.enquiry), EnquiryEnd.CLOSED, said)


@act(EnquiryOpeningForm, who=_ANSWERS, does="opens it again", control=(AnswerWithin,))
async def open_enquiry(context: ActContext, form: EnquiryOpeningForm) -> Receipt:
    """Open a question again: its day stays. Raises NotNow where it waits already."""
    enquiry = await lookup.by_id(context.session, Enquiry, form.enquiry)
    if enquiry.ended_at is None:
        raise NotNow(f"Question {form.enquiry} waits for an answer already.")
    values = {"ended_at": None, "ended_by_id": None, "ended_as": None, "reason": form.reason}
    await _change(context, form.enquiry, values)
    await _note(context, form.enquiry, "enquiry opened again")
    await _ask(context, form.enquiry)
    return Receipt(
        Subject(SubjectKind.ENQUIRY, form.enquiry),
        "waits",
        f"Question {form.enquiry} waits for an answer again.",
    )


async def _end(context: ActContext, number: int, ended: EnquiryEnd, reason: str) -> bool:
    """End it; whether that is late."""
    enquiry = await lookup.by_id(context.session, Enquiry, number)
    if enquiry.ended_as is not None:
        raise AlreadyDone(f"Question {number} is {enquiry.ended_as} already.")
    values = {
        "ended_at": context.now,
        "ended_by_id": context.person_id,
        "ended_as": ended,
        "reason": reason,
    }
    await _change(context, number, values)
    await _note(context, number, f"enquiry {ended}")
    await _ask(context, number)
    return context.now > enquiry.due_at


async def _change(context: ActContext, number: int, values: Mapping[str, object]) -> None:
    await context.session.run(update(table_of(Enquiry)).where(col(Enquiry.id) == number).values(**values))


async def _ask(context: ActContext, number: int) -> None:
    """Ask whoever is to answer now, or settle what was asked."""
    (facts,) = await enquiry_facts(context.session, (number,))
    await context.apply(decide_enquiry(facts, context.policy))


async def _note(context: ActContext, number: int, cause: str) -> None:
    found = await context.session.run(
        select(col(Account.level), col(Account.id))
        .join(Enquiry, col(Enquiry.account_id) == col(Account.id))
        .where(col(Enquiry.id) == number)
    )
    row = found.one()
    await context.note(
        Subject(SubjectKind.ENQUIRY, number),
        control=context.policy.name_of(AnswerWithin, level=row.level),
        cause=cause,
        body={"account": row.id},
    )
