"""Recording, voiding and restoring a completion of the course."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, update
from sqlmodel import col, select

from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import course_meant
from policy.model import Course, Policy
from policy.training_lapse import course_key
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, Unknown
from schemas.events import EventKind
from schemas.forms import ActForm, CourseId, Day, OnCommand, PersonRef, Reason
from schemas.gates import Completion
from schemas.machinery import ActionItem
from schemas.outcome import Emit, Outcome, Settle, Step, Subject
from schemas.receipt import Receipt
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import POLICY_OFFICE, Who
from tasks.store import audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.session import Session

#: No completion is older: an earlier year is a slip of the keyboard.
EARLIEST = date(2000, 1, 1)


def strange_day(day: date, today: date) -> str | None:
    """Why a course can't have been completed on `day`, as a sentence; None when it can.

    Both are days of the division's zone.
    """
    if day > today:
        return f"{day} is still to come: a course is recorded once it is completed."
    if day < EARLIEST:
        return f"{day} is too long ago to be true: check the year."
    return None


class _AboutPerson(ActForm):
    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who completed it", description="Who completed the course: e-mail address, number or name."
    )
    completed_on: Annotated[Day, OnCommand("--on")] = Field(
        title="Completed on", description="The day on which the course was completed, as 2026-09-30."
    )
    course: CourseId | None = Field(
        default=None, title="Course", description="Which course, where the policy asks for several."
    )


class CompletionForm(_AboutPerson):
    """Record that somebody else completed a course: you saw the evidence."""


class VoidForm(_AboutPerson):
    """Say that a completion does not count after all; access that rests on it is looked at."""

    reason: Reason = Field(
        title="Reason", description="The person reads it, and it stands beside the completion for good."
    )


class RestoreForm(_AboutPerson):
    """Let a completion count again that was voided."""

    reason: Reason = Field(title="Reason", description="It stands beside the completion for good.")


async def _refuse_own(context: ActContext, form: _AboutPerson) -> None:
    """Raises NotAllowed for who completed it: nobody vouches for their own course."""
    person_id = await lookup.person_id(context.session, form.person, must_be_active=False)
    if person_id == context.person_id:
        raise NotAllowed("Nobody records their own completion: somebody who saw the evidence does.")


async def _anybody_else(context: ActContext, form: _AboutPerson) -> Right | None:
    await _refuse_own(context, form)
    return Right()


@act(
    CompletionForm,
    who=Who("somebody who saw the evidence", _anybody_else),
    does="records a completion",
    control=(TrainingBeforeAccess,),
)
async def record_completion(context: ActContext, form: CompletionForm) -> Receipt:
    """Record that somebody completed the course, and wake what waits for it.

    People who have left are recorded too: it is true of them, and counts when they come back.

    Raises:
        Unknown: nobody has this address.
        BadInput: the day is still to come, or too long ago to be true.
        AlreadyDone: this completion is recorded; nothing was changed.
        NotNow: it was recorded and voided. It counts again only by `restore_completion`.
    """
    session, policy, actor, now = context.session, context.policy, context.actor, context.now
    if strange := strange_day(form.completed_on, context.today):
        raise BadInput(strange)
    person_id = await lookup.person_id(session, form.person, must_be_active=False)
    course = course_meant(policy, form.course)
    known = await find(session, course, person_id, form.completed_on)
    if known is not None and known.voided_at is None:
        raise AlreadyDone(f"The completion of {form.completed_on} is recorded already.")
    if known is not None:
        raise NotNow(
            f"The completion of {form.completed_on} was voided: "
            f"restore it with a reason if it counts after all."
        )
    counts = await keep(
        session, policy, course, person_id, form.completed_on, source=str(actor.via), actor=actor, now=now
    )
    subject = Subject(SubjectKind.PERSON, person_id)
    told = told_in_digest(
        context,
        person_id,
        "completion",
        TrainingBeforeAccess,
        f"completion:{form.completed_on}",
        form.completed_on,
    )
    await context.apply(Outcome(told))
    return Receipt(subject, "recorded", f"The completion of {form.completed_on} is recorded; {counts}.")


async def keep(
    session: Session,
    policy: Policy,
    course: Course,
    person_id: int,
    day: date,
    *,
    source: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Write a new completion, with all that follows from it; until when it counts, as half a sentence.

    Only within `Store.write()`, and only where the store has none of this day.
    """
    await session.run(
        insert(table_of(Completion)).values(
            person_id=person_id,
            course=course.id,
            completed_on=day,
            source=source,
            recorded_via=actor.via,
            recorded_by_id=actor.person_id,
            recorded_at=now,
        )
    )
    return await _counts_again(session, policy, course, person_id, day, actor, "completion recorded", now)


async def find(session: Session, course: Course, person_id: int, day: date) -> Completion | None:
    """The person's completion of a course on that day, voided or not."""
    found = await session.exec(
        select(Completion).where(
            col(Completion.person_id) == person_id,
            col(Completion.course) == course.id,
            col(Completion.completed_on) == day,
        )
    )
    return found.one_or_none()


@act(VoidForm, who=POLICY_OFFICE, does="voids a completion", control=(TrainingBeforeAccess,))
async def void_completion(context: ActContext, form: VoidForm) -> Receipt:
    """Say that a completion does not count after all; access that rests on it is taken at the next event.

    Raises Unknown (no such person or completion), AlreadyDone.
    """
    session, day = context.session, form.completed_on
    person_id = await lookup.person_id(session, form.person, must_be_active=False)
    course = course_meant(context.policy, form.course)
    known = await _recorded(session, course, person_id, day)
    if known.voided_at is not None:
        raise AlreadyDone(f"The completion of {day} is voided already.")
    subject = await no_longer_counts(context, course, known, form.reason)
    return Receipt(subject, "voided", f"The completion of {day} no longer counts; access is looked at now.")


async def no_longer_counts(context: ActContext, course: Course, known: Completion, reason: str) -> Subject:
    """Void a completion that counted, tell whose it is, and wake what rests on it."""
    person_id, day, now = known.person_id, known.completed_on, context.now
    await context.session.run(
        update(Completion).where(col(Completion.id) == known.id).values(voided_at=now, void_reason=reason)
    )
    subject = await _note(
        context.session, context.policy, course, person_id, day, context.actor, "completion voided", now
    )
    cause = f"voided:{day}/{now}"
    told = told_in_digest(
        context, person_id, "completion voided", TrainingBeforeAccess, cause, day, reason=reason
    )
    await context.apply(Outcome((*told, Emit(EventKind.COMPLETION_VOIDED, subject))))
    return subject


async def _communications_but_not_own(context: ActContext, form: RestoreForm) -> Right | None:
    await _refuse_own(context, form)
    return await POLICY_OFFICE.test(context, form)


@act(
    RestoreForm,
    who=Who(POLICY_OFFICE.words, _communications_but_not_own),
    does="restores a completion",
    control=(TrainingBeforeAccess,),
)
async def restore_completion(context: ActContext, form: RestoreForm) -> Receipt:
    """Take a voiding back. Both reasons are kept.

    Raises Unknown (no such person or completion), AlreadyDone when it was never voided.
    """
    session, day = context.session, form.completed_on
    person_id = await lookup.person_id(session, form.person, must_be_active=False)
    course = course_meant(context.policy, form.course)
    known = await _recorded(session, course, person_id, day)
    if known.voided_at is None:
        raise AlreadyDone(f"The completion of {day} counts: it is not voided.")
    await session.run(
        update(Completion)
        .where(col(Completion.id) == known.id)
        .values(voided_at=None, void_reason=f"{known.void_reason}; restored: {form.reason}")
    )
    counts = await _counts_again(
        session, context.policy, course, person_id, day, context.actor, "completion restored", context.now
    )
    subject, cause = Subject(SubjectKind.PERSON, person_id), f"restored:{day}/{context.now}"
    told = told_in_digest(context, person_id, "completion", TrainingBeforeAccess, cause, day)
    await context.apply(Outcome(told))
    return Receipt(subject, "restored", f"The completion of {day} is restored; {counts}.")


async def _recorded(session: Session, course: Course, person_id: int, day: date) -> Completion:
    known = await find(session, course, person_id, day)
    if known is not None:
        return known
    rows = await session.exec(
        select(Completion)
        .where(col(Completion.person_id) == person_id, col(Completion.course) == course.id)
        .order_by(col(Completion.completed_on).desc())
    )
    there = ", ".join(str(row.completed_on) for row in rows.all()) or "none"
    raise Unknown(f"There is no completion of {day} for this person; recorded are: {there}.")


async def _asking(session: Session, course: Course, person_id: int) -> tuple[str, ...]:
    """The keys of the open items that ask the person for a course."""
    rows = await session.exec(
        select(ActionItem.key).where(
            col(ActionItem.state) == ItemState.OPEN,
            col(ActionItem.kind) == ItemKind.COMPLETE_COURSE,
            col(ActionItem.person_id) == person_id,
            col(ActionItem.key).startswith(course_key(person_id, course.id), autoescape=True),
        )
    )
    return tuple(rows.all())


async def _note(
    session: Session,
    policy: Policy,
    course: Course,
    person_id: int,
    day: date,
    actor: Actor,
    cause: str,
    now: datetime,
) -> Subject:
    subject = Subject(SubjectKind.PERSON, person_id)
    await audit.append(
        session,
        subject,
        actor=actor,
        control=next((one.name for one in policy.of(TrainingBeforeAccess) if one.course == course.id), ""),
        cause=cause,
        now=now,
        body={"course": course.id, "completed on": day.isoformat()},
    )
    return subject


async def _counts_again(
    session: Session,
    policy: Policy,
    course: Course,
    person_id: int,
    day: date,
    actor: Actor,
    cause: str,
    now: datetime,
) -> str:
    """Note it, end the person's open items for the course if it is current, and wake the gate."""
    calendar = policy.calendar
    subject = await _note(session, policy, course, person_id, day, actor, cause, now)
    until = course.counts_through(day)
    current = until is None or until >= calendar.today(now)
    steps: tuple[Step, ...] = (Emit(EventKind.COMPLETION_RECORDED, subject),)
    if current:
        steps = (Settle(await _asking(session, course, person_id)), *steps)
    await apply(session, Outcome(steps), actor=actor, calendar=calendar, now=now)
    if until is None:
        return "it counts for good"
    return f"it counts through {until}" if current else f"it counted through {until} and no longer does"
