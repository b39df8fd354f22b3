"""Granting, refusing and revoking leave: checked and carried out in one transaction."""

from typing import Annotated

from pydantic import Field

from policy.controls.leave import OnLeave
from policy.leave import may_decide_leave, on_verdict, revoke
from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.forms import ActForm, Day, OnCommand, Reason
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.states import LeaveState
from schemas.words import LeaveVerdict, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import POLICY_OFFICE, Who
from tasks.leave.facts import leave_facts
from tasks.store.transition import who_moved_it

_DECIDED = (LeaveState.GRANTED, LeaveState.REFUSED)


class LeaveDecisionForm(ActForm):
    """Grant or refuse a leave: never your own, nor that of somebody above you."""

    leave: Annotated[int, OnCommand(positional=True)] = Field(title="Leave number", ge=1)
    verdict: Annotated[LeaveVerdict, OnCommand(positional=True)] = Field(title="Decision")
    reason: Reason = Field(title="Reason", description="The person reads this. One sentence is enough.")
    until: Day | None = Field(
        default=None,
        title="Last day",
        description="Where you grant it for a shorter time: as 2026-09-30, included.",
    )


class LeaveRevocationForm(ActForm):
    """Revoke a leave that was granted: it ends at once, and the person reads why."""

    leave: Annotated[int, OnCommand(positional=True)] = Field(title="Leave number", ge=1)
    reason: Reason = Field(title="Reason", description="The person reads this. One sentence is enough.")


async def _decides(context: ActContext, form: LeaveDecisionForm | LeaveRevocationForm) -> Right:
    leave, facts = await leave_facts(context.session, form.leave, context.policy, context.today)
    right = may_decide_leave(facts.deciders, context.person_id, context.policy, leave.under)
    return Right(right)


async def _may_decide(context: ActContext, form: LeaveDecisionForm) -> Right | None:
    """Who decides today; for a leave that waits for no decision, anybody is told where it is."""
    _, facts = await leave_facts(context.session, form.leave, context.policy, context.today)
    return await _decides(context, form) if facts.state is LeaveState.ASKED else Right()


async def _may_revoke(context: ActContext, form: LeaveRevocationForm) -> Right | None:
    """Who would decide on it today; who keeps the policy may too, but on their own."""
    _, facts = await leave_facts(context.session, form.leave, context.policy, context.today)
    try:
        return await _decides(context, form)
    except NotAllowed:
        if context.person_id == facts.person_id or (right := await POLICY_OFFICE.test(context, form)) is None:
            raise
        return right


@act(
    LeaveDecisionForm,
    who=Who("who decides on the leave today", _may_decide),
    does="decides on it",
    control=(OnLeave,),
    in_person=True,
)
async def decide_leave(context: ActContext, form: LeaveDecisionForm) -> Receipt:
    """Record who granted or refused a leave, and why; the person is told.

    Raises NotAllowed naming who may, MovedMeanwhile where somebody decided first, NotNow where nothing waits,
    BadInput for a last day that does not fit.
    """
    session, policy, today = context.session, context.policy, context.today
    subject = Subject(SubjectKind.LEAVE, form.leave)
    leave, facts = await leave_facts(session, form.leave, policy, today)
    if facts.state in _DECIDED:
        raise await who_moved_it(session, subject)
    if facts.state is not LeaveState.ASKED:
        raise NotNow(f"Leave {form.leave} is '{facts.state}': there is nothing to decide.")
    granted = form.verdict is LeaveVerdict.GRANT
    last = form.until or leave.ends_on
    if form.until is not None and not granted:
        raise BadInput("A leave that is refused has no last day: leave --until out.")
    if granted and not max(leave.starts_on, today) <= last <= leave.ends_on:
        raise BadInput(
            f"Its last day must lie from {max(leave.starts_on, today)} through {leave.ends_on}, as it was "
            "asked for."
        )
    by = (context.person_id, context.right.deputy_for)
    outcome = on_verdict(facts, form.verdict, form.reason, by=by, ends_on=last, now=context.now)
    await context.apply(outcome)
    until = f" through {last}; it ends by itself" if granted else ""
    return Receipt(subject, outcome.says, f"Leave {form.leave} is {outcome.says}{until}; the person is told.")


@act(
    LeaveRevocationForm,
    who=Who("who decides on the leave today", _may_revoke),
    does="revokes it",
    control=(OnLeave,),
    in_person=True,
)
async def revoke_leave(context: ActContext, form: LeaveRevocationForm) -> Receipt:
    """Revoke a granted leave at once. Raises NotAllowed naming who may, NotNow unless it is granted."""
    _, facts = await leave_facts(context.session, form.leave, context.policy, context.today)
    if facts.state is not LeaveState.GRANTED:
        raise NotNow(f"Leave {form.leave} is '{facts.state}': only one that was granted is revoked.")
    await context.apply(revoke(facts, form.reason, by=context.person_id))
    subject = Subject(SubjectKind.LEAVE, form.leave)
    return Receipt(subject, LeaveState.REVOKED, f"Leave {form.leave} is revoked; the person is told.")
