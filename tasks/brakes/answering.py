"""Answering a question of the night's brake: hold what waits until a day, or let it happen."""

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col

from policy.controls.sanction import Suspending
from policy.notices.brakes import AnsweredOtherwise
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput
from schemas.events import EventKind
from schemas.forms import ActForm, Day, OnCommand, Reason
from schemas.outcome import Emit, Outcome, Settle, Step, Subject, Tell
from schemas.receipt import Receipt
from schemas.words import BrakeAnswer, ItemKind, SubjectKind
from tasks.acts.act import act, always
from tasks.acts.context import ActContext, Right
from tasks.acts.who import POLICY_OFFICE, Who, holds, in_office
from tasks.store import lookup
from tasks.store.climbed import climbed_to


class _AnswerForm(ActForm):
    brake: Annotated[int, OnCommand(positional=True)] = Field(
        title="Question", description="Its number, as the letter and `brake list` have it.", ge=1
    )


class HoldBrakeForm(_AnswerForm):
    """What waits stays waiting: nobody is told. It is asked again on the day until which it is held."""

    until: Day = Field(title="Until", description="The day on which it is asked again, as 2026-09-30.")
    reason: Reason = Field(title="Reason", description="Why it must wait.")


class ReleaseBrakeForm(_AnswerForm):
    """What waits goes on. Everybody concerned is still asked or told first, with a date."""

    reason: Reason = Field(title="Reason", description="Why it is right.")


async def _reached(context: ActContext, form: _AnswerForm) -> Right | None:
    about = Subject(SubjectKind.BRAKE, form.brake)
    reached = await climbed_to(context.session, context.policy, ItemKind.ANSWER_BRAKE, about, None)
    return await holds(context, *reached)


#: Who keeps the policy, and whoever the question has climbed to.
ANSWERS = POLICY_OFFICE | Who("an office that is asked because it is late", _reached, in_office)


@act(HoldBrakeForm, who=ANSWERS, does="holds what waits", control=(Suspending,))
async def hold(context: ActContext, form: HoldBrakeForm) -> Receipt:
    """Hold what waits until a day.

    Raises:
        AlreadyDone: the question has ended, or it was let happen.
        BadInput: the day is not ahead.
        Unknown: no such question or person.
    """
    if form.until <= context.today:
        raise BadInput("Hold it until a day ahead: on that day it is asked again.")
    before = await _answer(context, form, BrakeAnswer.HOLD, form.reason, form.until)
    said = (
        f"What question {form.brake} asks about waits, and is asked again on {form.until}. It ends by itself "
        "when its cause is gone."
    )
    return Receipt(Subject(SubjectKind.BRAKE, form.brake), "held", " ".join((said, *before)))


@act(
    ReleaseBrakeForm,
    who=ANSWERS,
    does="lets happen what waits",
    control=(Suspending,),
    in_person=True,
    dangerous=always,
)
async def release(context: ActContext, form: ReleaseBrakeForm) -> Receipt:
    """Let happen what waits; it begins with the next run.

    Raises:
        AlreadyDone: the question has ended, or it was let happen.
        Unknown: no such question or person.
    """
    before = await _answer(context, form, BrakeAnswer.RELEASE, form.reason, None)
    subject = Subject(SubjectKind.BRAKE, form.brake)
    await context.apply(Outcome((Emit(EventKind.BRAKE_RELEASED, subject),)))
    said = f"What question {form.brake} asks about goes on; everybody is told first."
    return Receipt(subject, "let happen", " ".join((said, *before)))


async def _answer(
    context: ActContext, form: _AnswerForm, answer: BrakeAnswer, reason: str, until: date | None
) -> tuple[str, ...]:
    """Record it; the sentence on somebody else's hold that ends by it. They read of it."""
    brake = await lookup.by_id(context.session, Brake, form.brake)
    if brake.ended_at is not None:
        raise AlreadyDone(f"Question {form.brake} has ended: nothing waits for it.")
    if brake.answer is BrakeAnswer.RELEASE:
        raise AlreadyDone(f"Question {form.brake} was answered already: it happens.")
    await context.session.run(
        update(table_of(Brake))
        .where(col(Brake.id) == form.brake)
        .values(
            answer=answer,
            reason=reason,
            answered_at=context.now,
            answered_by_id=context.person_id,
            deputy_for_id=context.right.deputy_for,
            recorded_via=context.actor.via,
            held_until=until,
        )
    )
    subject = Subject(SubjectKind.BRAKE, form.brake)
    held_by, held_until = brake.answered_by_id, brake.held_until
    before = {"held by": held_by, "held until": held_until.isoformat()} if held_until else {}
    await context.note(
        subject,
        control=brake.control,
        cause=f"brake: {answer}",
        body={**({"until": until.isoformat()} if until else {}), **before},
    )
    steps: tuple[Step, ...] = (Settle(about=subject, kinds=(ItemKind.ANSWER_BRAKE,)),)
    if held_until is None or held_by in {None, context.person_id}:
        await context.apply(Outcome(steps))
        return ()
    notice = AnsweredOtherwise(by_id=context.person_id, held_until=held_until)
    tell = Tell(notice, held_by, f"{subject}/answered {context.now:%Y%m%dT%H%M%S%f}", subject)
    await context.apply(Outcome((*steps, tell, Emit(EventKind.NOTICES_WAITING, subject))))
    return (f"Person {held_by} had held it until {held_until}, and reads of it.",)
