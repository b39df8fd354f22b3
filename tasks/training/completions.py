"""Recording, voiding and restoring a completion of the course (5.2)."""

from datetime import date, datetime

from sqlalchemy import insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, Unknown
from schemas.events import EventKind
from schemas.forms import CompletionForm, refuse_secret
from schemas.gates import Completion
from schemas.outcome import Emit, Outcome, Settle, Step, Subject
from schemas.receipt import Receipt
from schemas.words import ItemKind, SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor

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


async def record_completion(
    store: Store, policy: Policy, form: CompletionForm, *, via: Via, now: datetime
) -> Receipt:
    """Record that somebody completed the course, and wake what waits for it.

    People who have left are recorded too: it is true of them, and counts when they come back.

    Raises:
        Unknown: nobody has this address.
        BadInput: the day is still to come, or too long ago to be true.
        NotAllowed: who records it is who completed it.
        AlreadyDone: this completion is recorded; nothing was changed.
        NotNow: it was recorded and voided. It counts again only by `restore_completion`.
    """
    today = Calendar(policy).today(now)
    if strange := strange_day(form.completed_on, today):
        raise BadInput(strange)
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.person, must_be_active=False)
        by = await _witness(session, form.recorded_by, person_id)
        known = await find(session, policy, person_id, form.completed_on)
        if known is not None and known.voided_at is None:
            raise AlreadyDone(f"The completion of {form.completed_on} is recorded already.")
        if known is not None:
            raise NotNow(
                f"The completion of {form.completed_on} was voided: "
                f"restore it with a reason if it counts after all."
            )
        counts = await keep(
            session, policy, person_id, form.completed_on, source=str(via), actor=Actor(by, via), now=now
        )
    subject = Subject(SubjectKind.PERSON, person_id)
    return Receipt(subject, "recorded", f"The completion of {form.completed_on} is recorded; {counts}.")


async def keep(
    session: AsyncSession,
    policy: Policy,
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
    await (await session.connection()).execute(
        insert(table_of(Completion)).values(
            person_id=person_id,
            course=policy.course.id,
            completed_on=day,
            source=source,
            recorded_via=actor.via,
            recorded_by_id=actor.person_id,
            recorded_at=now,
        )
    )
    return await _counts_again(session, policy, person_id, day, actor, "completion recorded", now)


async def find(session: AsyncSession, policy: Policy, person_id: int, day: date) -> Completion | None:
    """The person's completion of the policy's course on that day, voided or not."""
    found = await session.exec(
        select(Completion).where(
            col(Completion.person_id) == person_id,
            col(Completion.course) == policy.course.id,
            col(Completion.completed_on) == day,
        )
    )
    return found.one_or_none()


async def void_completion(
    store: Store,
    policy: Policy,
    person_email: str,
    completed_on: date,
    reason: str,
    *,
    by: str | None,
    via: Via,
    now: datetime,
) -> Receipt:
    """Say that a completion does not count after all; access that rests on it is taken at the next event.

    `by` is the address of who says so. Raises Unknown (no such person or completion), AlreadyDone,
    BadInput without a reason.
    """
    said = _reason(reason)
    async with store.write() as session:
        person_id = await lookup.person_id(session, person_email, must_be_active=False)
        actor = Actor(await lookup.person_id(session, by) if by else None, via)
        known = await _recorded(session, policy, person_id, completed_on)
        if known.voided_at is not None:
            raise AlreadyDone(f"The completion of {completed_on} is voided already.")
        await (await session.connection()).execute(
            update(Completion).where(col(Completion.id) == known.id).values(voided_at=now, void_reason=said)
        )
        subject = await _note(session, policy, person_id, completed_on, actor, "completion voided", now)
        event = Outcome((Emit(EventKind.COMPLETION_VOIDED, subject),))
        await apply(session, event, actor=actor, calendar=Calendar(policy), now=now)
    return Receipt(
        subject,
        "voided",
        f"The completion of {completed_on} no longer counts; access is looked at now (5.2).",
    )


async def restore_completion(
    store: Store,
    policy: Policy,
    person_email: str,
    completed_on: date,
    reason: str,
    *,
    by: str | None,
    via: Via,
    now: datetime,
) -> Receipt:
    """Take a voiding back. Both reasons are kept.

    Raises Unknown (no such person or completion), AlreadyDone when it was never voided, BadInput without
    a reason, NotAllowed.
    """
    said = _reason(reason)
    async with store.write() as session:
        person_id = await lookup.person_id(session, person_email, must_be_active=False)
        actor = Actor(await _witness(session, by, person_id), via)
        known = await _recorded(session, policy, person_id, completed_on)
        if known.voided_at is None:
            raise AlreadyDone(f"The completion of {completed_on} counts: it is not voided.")
        await (await session.connection()).execute(
            update(Completion)
            .where(col(Completion.id) == known.id)
            .values(voided_at=None, void_reason=f"{known.void_reason}; restored: {said}")
        )
        counts = await _counts_again(
            session, policy, person_id, completed_on, actor, "completion restored", now
        )
    subject = Subject(SubjectKind.PERSON, person_id)
    return Receipt(subject, "restored", f"The completion of {completed_on} is restored; {counts}.")


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if len(said) < 3 or not said.isprintable():  # noqa: PLR2004 - as a decision's reason
        raise BadInput("Say in a sentence why (--reason): it stands beside the completion for good.")
    refuse_secret("reason", said)
    return said[:4000]


async def _witness(session: AsyncSession, email: str | None, person_id: int) -> int | None:
    """The number of who records it. Nobody vouches for their own course."""
    if email is None:
        return None
    by = await lookup.person_id(session, email)
    if by == person_id:
        raise NotAllowed("Nobody records their own completion (5.2): somebody who saw the evidence does.")
    return by


async def _recorded(session: AsyncSession, policy: Policy, person_id: int, day: date) -> Completion:
    known = await find(session, policy, person_id, day)
    if known is not None:
        return known
    rows = await session.exec(
        select(Completion)
        .where(col(Completion.person_id) == person_id, col(Completion.course) == policy.course.id)
        .order_by(col(Completion.completed_on).desc())
    )
    there = ", ".join(str(row.completed_on) for row in rows.all()) or "none"
    raise Unknown(f"There is no completion of {day} for this person; recorded are: {there}.")


async def _note(
    session: AsyncSession,
    policy: Policy,
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
        control=policy.name_of(TrainingBeforeAccess),
        cause=cause,
        now=now,
        body={"completed on": day.isoformat()},
    )
    return subject


async def _counts_again(
    session: AsyncSession,
    policy: Policy,
    person_id: int,
    day: date,
    actor: Actor,
    cause: str,
    now: datetime,
) -> str:
    """Note it, end the person's open items for the course if it is current, and wake the gate."""
    calendar = Calendar(policy)
    subject = await _note(session, policy, person_id, day, actor, cause, now)
    until = day + policy.course.validity
    current = until >= calendar.today(now)
    steps: tuple[Step, ...] = (Emit(EventKind.COMPLETION_RECORDED, subject),)
    if current:
        steps = (Settle(about=subject, kinds=(ItemKind.COMPLETE_COURSE,)), *steps)
    await apply(session, Outcome(steps), actor=actor, calendar=calendar, now=now)
    return f"it counts through {until}" if current else f"it counted through {until} and no longer does"
