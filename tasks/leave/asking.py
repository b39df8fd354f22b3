"""Asking for leave, asking for more of it, and needing it no more."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from policy.controls.leave import OnLeave
from policy.leave import ask_decider, decider, last_day_at_most, leave_control, leave_controls, withdraw
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.forms import ActForm, Day, LeaveFor, OnCommand, Prose, Reason
from schemas.leave import Leave
from schemas.outcome import Subject
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.states import TRANSITIONS, LeaveState
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ANYBODY, Who
from tasks.leave.facts import leave_facts
from tasks.store import lookup
from tasks.store.transition import begin


class LeaveForm(ActForm):
    """Ask for leave to do, for a time, what the policy otherwise tells people to avoid."""

    leave: Annotated[LeaveFor, OnCommand(positional=True)] = Field(
        title="What for", description="Which leave: what each allows stands in `steward clauses`."
    )
    purpose: Reason = Field(title="Purpose", description="What you need it for, without names of students.")
    circumstances: Prose = Field(
        default="",
        title="Extraordinary circumstances",
        description="Why the usual ways do not serve in this case, where the policy asks for it.",
    )
    starts_on: Annotated[Day | None, OnCommand("--from")] = Field(
        default=None, title="First day", description="As 2026-09-30; today if left out."
    )
    ends_on: Annotated[Day, OnCommand("--until")] = Field(
        title="Last day", description="As 2026-09-30, included. It ends by itself after it."
    )


class LeaveRenewalForm(ActForm):
    """Ask for a leave that you have to go on after its last day."""

    leave: Annotated[int, OnCommand(positional=True)] = Field(title="Leave number", ge=1)
    ends_on: Annotated[Day, OnCommand("--until")] = Field(title="New last day", description="As 2026-09-30.")
    reason: Reason = Field(title="Why", description="Why it is still needed. Whoever decides reads this.")


class LeaveWithdrawalForm(ActForm):
    """You need a leave no longer, whether it is granted or only asked for."""

    leave: Annotated[int, OnCommand(positional=True)] = Field(title="Leave number", ge=1)


def _period(control: OnLeave, first: date, last: date, today: date) -> None:
    """Raises BadInput for a period that can't be asked for."""
    if first < today:
        raise BadInput(f"Its first day, {first}, has passed: give a day from {today} on.")
    if last < first:
        raise BadInput(f"It would end on {last}, before it starts on {first}: give a later last day.")
    if last > (latest := last_day_at_most(control, first)):
        raise BadInput(
            f"Such leave lasts {control.at_most_days} days at most: from {first} through {latest}. Ask "
            "for it to be renewed before it ends."
        )


async def _not_twice(context: ActContext, control: OnLeave, first: date, last: date) -> None:
    """Raises AlreadyDone for one that is asked for already, or that they have in those days."""
    rows = await context.session.run(
        select(col(Leave.id), col(Leave.state), col(Leave.starts_on), col(Leave.ends_on))
        .where(
            col(Leave.person_id) == context.person_id,
            col(Leave.under) == control.name,
            col(Leave.state).in_((LeaveState.ASKED, LeaveState.GRANTED)),
        )
        .order_by(col(Leave.id))
    )
    for one in rows:
        if one.state is LeaveState.ASKED:
            raise AlreadyDone(f"You ask for such leave already: leave {one.id} waits for a decision.")
        if one.starts_on <= last and first <= one.ends_on:
            raise AlreadyDone(
                f"You have such leave through {one.ends_on}: `steward leave renew {one.id}` asks for more."
            )


async def _ask(
    context: ActContext,
    control: OnLeave,
    *,
    purpose: str,
    circumstances: str,
    days: tuple[date, date],
    renews: int | None = None,
) -> Receipt:
    """Record the wish, and ask who decides. Raises NotNow where nobody could."""
    await _not_twice(context, control, *days)
    session, now = context.session, context.now
    person = await lookup.by_id(session, Person, context.person_id)
    subject = await begin(
        session,
        SubjectKind.LEAVE,
        state=LeaveState.ASKED,
        actor=context.actor,
        control=control.name,
        under=control.name,
        cause="asked for",
        now=now,
        person_id=context.person_id,
        school_id=person.school_id,
        purpose=purpose,
        circumstances=circumstances,
        starts_on=days[0],
        ends_on=days[1],
        asked_at=now,
        recorded_via=context.actor.via,
        renews_id=renews,
    )
    _, facts = await leave_facts(session, subject.id, context.policy, context.today)
    if decider(facts.deciders) is None:
        raise NotNow(
            "Nobody is here who could decide on it: your supervisor must be named first "
            "(`steward person supervisor`), or somebody given the office that decides."
        )
    await context.apply(ask_decider(facts, context.policy, now))
    return Receipt(
        subject,
        LeaveState.ASKED,
        f"Leave {subject.id} is asked for, from {days[0]} through {days[1]}; whoever decides is written to, "
        "and the answer comes by mail. Until then do without.",
    )


@act(LeaveForm, who=ANYBODY, does="asks for leave", control=(OnLeave,))
async def ask_leave(context: ActContext, form: LeaveForm) -> Receipt:
    """Ask for leave. Whoever decides is asked at once.

    Raises BadInput for a period or a reason that can't be, NotAllowed for people of whom none is asked,
    AlreadyDone, NotNow where nobody could decide.
    """
    control = next(one for one in leave_controls(context.policy) if one.name == form.leave)
    cited = context.policy.cited(control.name)
    person = await lookup.by_id(context.session, Person, context.person_id)
    if person.kind not in control.people:
        raise NotAllowed(f"Only {' and '.join(control.people)} ask for such leave{cited}.")
    first = form.starts_on or context.today
    _period(control, first, form.ends_on, context.today)
    if len(form.circumstances) < control.circumstances_characters_at_least:
        raise BadInput(
            f"Say in a sentence or two which extraordinary circumstances make it necessary{cited}: at least "
            f"{control.circumstances_characters_at_least} characters."
        )
    days = (first, form.ends_on)
    return await _ask(context, control, purpose=form.purpose, circumstances=form.circumstances, days=days)


async def _whose(context: ActContext, form: LeaveRenewalForm | LeaveWithdrawalForm) -> Right | None:
    leave = await lookup.by_id(context.session, Leave, form.leave)
    return Right() if leave.person_id == context.person_id else None


WHOSE = Who("whose leave it is", _whose)


@act(LeaveRenewalForm, who=WHOSE, does="asks for it to be renewed", control=(OnLeave,))
async def renew_leave(context: ActContext, form: LeaveRenewalForm) -> Receipt:
    """Ask for a leave to go on: a new one from the day after its last day, decided as the first was.

    Raises NotNow unless it is granted, BadInput for a period that can't be, AlreadyDone.
    """
    leave = await lookup.by_id(context.session, Leave, form.leave)
    control = leave_control(context.policy, leave.under)
    if leave.state is not LeaveState.GRANTED or control is None:
        raise NotNow(f"Leave {form.leave} is '{leave.state}': only one that you have is renewed; ask anew.")
    first = max(leave.ends_on + timedelta(days=1), context.today)
    _period(control, first, form.ends_on, context.today)
    return await _ask(
        context,
        control,
        purpose=leave.purpose,
        circumstances=form.reason,
        days=(first, form.ends_on),
        renews=form.leave,
    )


@act(LeaveWithdrawalForm, who=WHOSE, does="withdraws it", control=(OnLeave,))
async def withdraw_leave(context: ActContext, form: LeaveWithdrawalForm) -> Receipt:
    """The person needs it no longer; who was asked, or granted it, is told. Raises NotNow once it ended."""
    _, facts = await leave_facts(context.session, form.leave, context.policy, context.today)
    if LeaveState.WITHDRAWN not in TRANSITIONS[facts.state]:
        raise NotNow(f"Leave {form.leave} is '{facts.state}': it is over already.")
    await context.apply(withdraw(facts))
    subject = Subject(SubjectKind.LEAVE, form.leave)
    return Receipt(subject, LeaveState.WITHDRAWN, f"Leave {form.leave} is withdrawn.")
