"""What is misleading: reported, acknowledged, put right or found right, and opened again."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import insert, update
from sqlmodel import col

from policy.controls import Mode
from policy.controls.corrections import Corrections
from policy.notices.public import CorrectionNews, CorrectionWanted
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotNow
from schemas.forms import ActForm, OnCommand, PageAddress, Prose, Reason
from schemas.outcome import Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.public import Correction
from schemas.receipt import Receipt
from schemas.words import CorrectionEnd, ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ANYBODY, Who, has_access, holds, offices
from tasks.store import lookup
from tasks.store.climbed import climbed_to

News = Literal["acknowledged", "corrected", "no correction needed"]


class MisleadingForm(ActForm):
    """Something wrong or misleading is said in public."""

    says: Annotated[Prose, Field(min_length=3)] = Field(
        title="What is said", description="What is wrong, without the name of whoever said it."
    )
    right: Prose = Field(default="", title="What is right", description="As far as you know.")
    account: int | None = Field(
        default=None, ge=1, title="Account number", description="Where it stands at an official account."
    )
    address: PageAddress | None = Field(default=None, title="Where it stands", description="Its address.")


class CorrectionForm(ActForm):
    """The number of a report of something misleading."""

    correction: Annotated[int, OnCommand(positional=True)] = Field(title="Report number", ge=1)


class AcknowledgedForm(CorrectionForm):
    """It was said, where it stands, that it is wrong and is put right."""


class CorrectedForm(CorrectionForm):
    """Something misleading is put right."""

    outcome: Reason = Field(
        title="What was said", description="What is said there now, in a sentence or two."
    )
    address: PageAddress | None = Field(
        default=None, title="Where", description="The address of the correction."
    )


class NotNeededForm(CorrectionForm):
    """Something that was reported needs no correction."""

    reason: Reason = Field(title="Why", description="Why, in a sentence without names.")


class ReopenedForm(CorrectionForm):
    """Something that was put right, or found right, is open again."""

    reason: Reason = Field(title="Why", description="Why, in a sentence without names.")


async def _administers(context: ActContext, form: CorrectionForm) -> Right | None:
    """An administrator of the account where it stands or of its school; an office asked because late."""
    reported = await lookup.by_id(context.session, Correction, form.correction)
    about, policy = _subject(form.correction), context.policy
    late = await climbed_to(context.session, policy, ItemKind.CORRECT, about, None)
    if right := await holds(context, *late):
        return right
    if reported.account_id is None:
        return None
    if await has_access(context, reported.account_id):
        return Right()
    account = await lookup.by_id(context.session, Account, reported.account_id)
    if account.school_id is None:
        return None
    return await holds(context, RoleAt(context.policy.duties.runs_school, account.school_id))


_OFFICE = offices(
    lambda policy: tuple(one.decided_by for one in policy.of(Corrections)) or (policy.duties.keeps_policy,)
)
_CORRECTS = Who("who administers the account where it stands", _administers) | _OFFICE


@act(MisleadingForm, who=ANYBODY, does="reports what is misleading", control=(Corrections,))
async def report_misleading(context: ActContext, form: MisleadingForm) -> Receipt:
    """Note what is misleading. Raises NotNow, Unknown."""
    return await note_misleading(context, form)


async def note_misleading(context: ActContext, form: MisleadingForm) -> Receipt:
    """Note what somebody reports, who may be anybody of the public; ask the office that puts it right.

    Raises NotNow, Unknown.
    """
    control = _control(context)
    if form.account is not None:
        await lookup.by_id(context.session, Account, form.account)
    due_on = context.calendar.due_after(context.today, school_days=control.acknowledge_within_school_days)
    made = await context.session.run(
        insert(table_of(Correction))
        .values(
            account_id=form.account,
            address=form.address or "",
            says=form.says,
            right=form.right,
            reported_at=context.now,
            reported_by_id=context.actor.person_id or None,
            recorded_via=context.actor.via,
            due_on=due_on,
            outcome="",
            corrected_address="",
        )
        .returning(col(Correction.id))
    )
    number = int(made.scalar_one() or 0)
    await _note(context, number, "misleading information reported")
    await _ask(context, number, "acknowledge")
    says = f"Report {number} is noted. It is to be acknowledged by {due_on}; you hear what becomes of it."
    return Receipt(Subject(SubjectKind.CORRECTION, number), "reported", says)


@act(AcknowledgedForm, who=_CORRECTS, does="acknowledges it", control=(Corrections,))
async def acknowledge_misleading(context: ActContext, form: AcknowledgedForm) -> Receipt:
    """Record that it was acknowledged where it stands. Raises AlreadyDone."""
    reported = await _open(context, form.correction)
    if reported.acknowledged_at is not None:
        raise AlreadyDone(f"Report {form.correction} is acknowledged already: put it right, or say why not.")
    days = _control(context).correct_within_school_days
    due_on = context.calendar.due_after(context.today, school_days=days)
    values = {"acknowledged_at": context.now, "acknowledged_by_id": context.person_id, "due_on": due_on}
    await _change(context, form.correction, values)
    await _note(context, form.correction, "misleading information acknowledged")
    await _tell(context, form.correction, "acknowledged")
    await _ask(context, form.correction, "correct")
    says = f"Report {form.correction} is acknowledged. It is to be put right by {due_on}."
    return Receipt(Subject(SubjectKind.CORRECTION, form.correction), "acknowledged", says)


@act(CorrectedForm, who=_CORRECTS, does="says that it is put right", control=(Corrections,))
async def correct_misleading(context: ActContext, form: CorrectedForm) -> Receipt:
    """Record that it is put right; one that was not acknowledged before is, with it. Raises AlreadyDone."""
    reported = await _open(context, form.correction)
    values: dict[str, object] = {"outcome": form.outcome, "corrected_address": form.address or ""}
    if reported.acknowledged_at is None:
        values |= {"acknowledged_at": context.now, "acknowledged_by_id": context.person_id}
    return await _end(context, form.correction, CorrectionEnd.CORRECTED, values)


@act(NotNeededForm, who=_CORRECTS, does="says that it needs no correction", control=(Corrections,))
async def leave_uncorrected(context: ActContext, form: NotNeededForm) -> Receipt:
    """Record that it needs no correction. Raises AlreadyDone."""
    await _open(context, form.correction)
    return await _end(context, form.correction, CorrectionEnd.NOT_NEEDED, {"outcome": form.reason})


@act(ReopenedForm, who=_CORRECTS, does="opens it again", control=(Corrections,))
async def reopen_correction(context: ActContext, form: ReopenedForm) -> Receipt:
    """Open it again: it is to be put right anew. Raises NotNow where it is open."""
    reported = await lookup.by_id(context.session, Correction, form.correction)
    if reported.ended_at is None:
        raise NotNow(f"Report {form.correction} is open already.")
    days = _control(context).correct_within_school_days
    due_on = context.calendar.due_after(context.today, school_days=days)
    ended = {"ended_at": None, "ended_by_id": None, "ended_as": None}
    await _change(context, form.correction, {**ended, "outcome": form.reason, "due_on": due_on})
    await _note(context, form.correction, "correction opened again")
    await _ask(context, form.correction, "correct")
    says = f"Report {form.correction} is open again. It is to be put right by {due_on}."
    return Receipt(Subject(SubjectKind.CORRECTION, form.correction), "open", says)


def _control(context: ActContext) -> Corrections:
    control = context.policy.first(Corrections)
    if control is None:
        raise NotNow("The policy follows no corrections: nothing is noted.")
    return control


async def _open(context: ActContext, number: int) -> Correction:
    reported = await lookup.by_id(context.session, Correction, number)
    if reported.ended_as is not None:
        raise AlreadyDone(f"Report {number} has ended already: {reported.ended_as}.")
    return reported


async def _end(
    context: ActContext, number: int, ended: CorrectionEnd, values: Mapping[str, object]
) -> Receipt:
    own = {"ended_at": context.now, "ended_by_id": context.person_id, "ended_as": ended}
    await _change(context, number, {**values, **own})
    await _note(context, number, f"misleading information {ended}")
    await context.apply(Outcome((Settle(about=_subject(number), kinds=(ItemKind.CORRECT,)),)))
    await _tell(context, number, "corrected" if ended is CorrectionEnd.CORRECTED else "no correction needed")
    return Receipt(
        _subject(number), ended, f"Report {number} has ended: {ended}. Whoever reported it hears of it."
    )


def _subject(number: int) -> Subject:
    return Subject(SubjectKind.CORRECTION, number)


async def _change(context: ActContext, number: int, values: Mapping[str, object]) -> None:
    await context.session.run(
        update(table_of(Correction)).where(col(Correction.id) == number).values(**values)
    )


async def _ask(context: ActContext, number: int, step: Literal["acknowledge", "correct"]) -> None:
    """Ask the office for the next step, and end what was asked before; nobody while the control observes."""
    control = _control(context)
    reported = await lookup.by_id(context.session, Correction, number)
    await context.session.refresh(reported)
    about, office = _subject(number), RoleAt(control.decided_by)
    steps: list[Step] = [Settle(about=about, kinds=(ItemKind.CORRECT,))]
    if control.mode is Mode.ENFORCE:
        key = f"{about}/{step}/{reported.due_on}"
        told = CorrectionWanted(control=control.name, step=step, due_on=reported.due_on)
        steps.append(Ask(key, ItemKind.CORRECT, office, about, control.name, reported.due_on))
        steps.append(
            Tell(told, office, f"{key}/{context.now:%Y%m%dT%H%M%S}", about, but_not=(context.person_id,))
        )
    await context.apply(Outcome(tuple(steps)))


async def _tell(context: ActContext, number: int, step: News) -> None:
    """Tell whoever reported it, unless they did it themselves or are nobody that we know."""
    reported = await lookup.by_id(context.session, Correction, number)
    if reported.reported_by_id in {None, context.person_id}:
        return
    told = CorrectionNews(control=_control(context).name, step=step)
    cause = f"{_subject(number)}/{step}/{context.now:%Y%m%dT%H%M%S}"
    await context.apply(Outcome((Tell(told, reported.reported_by_id, cause, _subject(number)),)))


async def _note(context: ActContext, number: int, cause: str) -> None:
    await context.note(_subject(number), control=context.policy.name_of(Corrections), cause=cause, body={})
