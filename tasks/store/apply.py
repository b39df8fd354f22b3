"""Carrying out an outcome: every step of it in the caller's one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, update
from sqlmodel import col

from policy.calendar import Calendar
from schemas.columns import table_of
from schemas.errors import BadInput
from schemas.gates import Acceptance, AdviceReceipt, GuidelineReceipt
from schemas.machinery import ActionItem, Event, Notice, Wake
from schemas.notices import Urgency
from schemas.outcome import Advise, Ask, Emit, Hand, Move, Outcome, Pursue, RoleAt, Settle, Step, Tell
from schemas.words import ItemState
from tasks.lifecycles import woken_by
from tasks.store.audit import Actor
from tasks.store.holders import at_division_office, to_be_told
from tasks.store.session import Session
from tasks.store.transition import transition
from tasks.store.upsert import insert_once


@dataclass(frozen=True)
class EffectContext:
    """What carrying out needs besides the step."""

    session: Session
    actor: Actor
    calendar: Calendar
    now: datetime
    told: set[tuple[int, str]] = field(default_factory=set)  # each person, and what they are told by now


async def apply(
    session: Session, outcome: Outcome, *, actor: Actor, calendar: Calendar, now: datetime
) -> None:
    """Carry out the steps in their order. Raises what `transition()` raises; then nothing is kept."""
    context = EffectContext(session, actor, calendar, now)
    for step in outcome.steps:
        await _carry_out(step, context)


@singledispatch
async def _carry_out(step: Step, context: EffectContext) -> None:  # noqa: ARG001 - the dispatcher's signature
    raise TypeError(f"no way to carry out {type(step).__name__}")


@_carry_out.register
async def _(step: Move, context: EffectContext) -> None:
    await transition(context.session, step, actor=context.actor, now=context.now)


@_carry_out.register
async def _(step: Ask, context: EffectContext) -> None:
    """Open the item. One that had ended is opened again, with its reminders before it."""
    role = step.of if isinstance(step.of, RoleAt) else None
    anew = {
        "opened_at": context.now,
        "due_on": step.due_on,
        "reminders": 0,
        "state": ItemState.OPEN,
        "next_step_on": None,
    }
    item = {
        "key": step.key,
        "kind": step.kind,
        "control": step.control,
        "person_id": None if role else step.of,
        "role": role.role if role else None,
        "role_school_id": role.school_id if role else None,
        "subject_kind": step.subject.kind,
        "subject_id": step.subject.id,
        **anew,
    }
    if not await insert_once(context.session, table_of(ActionItem), item, unique=["key"]):
        await context.session.run(
            update(ActionItem)
            .where(col(ActionItem.key) == step.key, col(ActionItem.state) != ItemState.OPEN)
            .values(**anew, climbed_to=None, ended_at=None)
        )


@_carry_out.register
async def _(step: Settle, context: EffectContext) -> None:
    meant: ColumnElement[bool] = col(ActionItem.key).in_(step.keys)
    if step.about is not None:
        meant = or_(
            meant,
            and_(
                col(ActionItem.subject_kind) == step.about.kind,
                col(ActionItem.subject_id) == step.about.id,
                col(ActionItem.kind).in_(step.kinds),
            ),
        )
    await context.session.run(
        update(ActionItem)
        .where(meant, col(ActionItem.state) == ItemState.OPEN)
        .values(state=ItemState.DONE if step.done else ItemState.DROPPED, ended_at=context.now)
    )


@_carry_out.register
async def _(step: Tell, context: EffectContext) -> None:
    """Into the outbox, not to leave before its urgency allows it.

    For each person once: who is told the same of the same subject twice in one outcome, in person and in an
    office for instance, reads it once.
    """
    notice = step.notice
    if step.subject.kind not in notice.about:
        raise BadInput(f"A notice {notice.kind} can't be about a {step.subject.kind}: see its class.")
    today = context.calendar.today(context.now)
    said = f"{step.subject} {notice.kind} {notice.stored()}"
    everybody = await to_be_told(context.session, step.to, today, step.but_not)
    people = [person for person in everybody if (person, said) not in context.told]
    context.told.update((person, said) for person in people)
    at_school, in_office = (_leaves(notice.urgency, context, office=one) for one in (False, True))
    # on most days it is the same moment for both, and nobody need be looked up
    office = await at_division_office(context.session, people) if at_school != in_office else frozenset()
    for person in people:
        leaves = in_office if person in office else at_school
        await insert_once(
            context.session,
            table_of(Notice),
            notice_row(step, person, now=context.now, not_before=leaves),
            unique=["key"],
        )


def _leaves(urgency: Urgency, context: EffectContext, *, office: bool) -> datetime:
    """When it may leave. People of the division office work on some days when schools are closed."""
    if urgency is Urgency.NORMAL:
        return context.calendar.next_working_moment(context.now, office=office)
    if urgency is Urgency.LOW:
        return context.calendar.digest_moment(context.now, office=office)
    return context.now


def notice_row(step: Tell, person_id: int, *, now: datetime, not_before: datetime) -> dict[str, Any]:
    """The outbox row of a notice to one person; its key is the cause and the person."""
    return {
        "key": f"{step.cause}/person:{person_id}",
        "kind": step.notice.kind,
        "urgency": step.notice.urgency,
        "person_id": person_id,
        "subject_kind": step.subject.kind,
        "subject_id": step.subject.id,
        "facts": step.notice.stored(),
        "created_at": now,
        "not_before": not_before,
        "state": "pending",
        "attempts": 0,
        "uncertain": False,
    }


@_carry_out.register
async def _(step: Emit, context: EffectContext) -> None:
    made = await context.session.run(
        insert(table_of(Event))
        .values(
            kind=step.event,
            subject_kind=step.subject.kind,
            subject_id=step.subject.id,
            occurred_at=context.now,
        )
        .returning(table_of(Event).c.id)
    )
    event_id = made.scalar_one()
    wakes: list[Mapping[str, Any]] = [
        {"event_id": event_id, "lifecycle": lifecycle, "state": "pending"}
        for lifecycle in woken_by(step.event)
    ]
    if wakes:
        await context.session.run(insert(table_of(Wake)), wakes)


@_carry_out.register
async def _(step: Hand, context: EffectContext) -> None:
    for text, version in step.texts:
        named: dict[str, Any]
        if step.account_id is None:
            named = {"guideline": text, "guideline_version": version}
            table = table_of(GuidelineReceipt)
        else:
            named = {"account_id": step.account_id, "text": text, "text_version": version}
            table = table_of(Acceptance)
        row: dict[str, Any] = {"person_id": step.person_id, **named}
        await insert_once(context.session, table, {**row, "sent_at": context.now}, unique=list(row))


@_carry_out.register
async def _(step: Advise, context: EffectContext) -> None:
    for text, version, asked in step.texts:
        named = {"person_id": step.person_id, "text": text, "text_version": version, "sent_on": step.on}
        row = {**named, "asked": asked}
        await insert_once(context.session, table_of(AdviceReceipt), row, unique=list(named))


@_carry_out.register
async def _(step: Pursue, context: EffectContext) -> None:
    await context.session.run(
        update(ActionItem)
        .where(col(ActionItem.id) == step.item_id, col(ActionItem.state) == ItemState.OPEN)
        .values(reminders=step.reminders, climbed_to=step.climbed_to, next_step_on=step.next_step_on)
    )
