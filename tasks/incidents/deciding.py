"""Deciding on a report, appealing once, and what follows: by the acts that there are, with their letters."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col, select

from policy.controls.incident import Hearing
from policy.incidents import appeal_decided, appealed, decided, subject_of
from schemas.accounts import Access, Account
from schemas.errors import BadInput, NotNow
from schemas.forms import Day, OnCommand, Reason
from schemas.incidents import Incident
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState, IncidentState
from schemas.words import AppealVerdict, IncidentVerdict
from tasks.accounts.administrators import (
    KeepingForm,
    NamingForm,
    TakingOffForm,
    keep_administrator,
    named,
    remove_administrator,
)
from tasks.accounts.closing import (
    ClosingForm,
    KeepingOpenForm,
    OpeningForm,
    close_account,
    keep_account,
    open_again,
)
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.incidents.facts import incident_facts
from tasks.incidents.reporting import CONCERNED, OFFICE, IncidentForm, refuse_other
from tasks.store import lookup
from tasks.suspension.suspend import ReinstatementForm, SuspensionForm, reinstate_account, suspend_account

#: What is done at an account.
_AT_ACCOUNT = {IncidentVerdict.TAKE_ACCESS, IncidentVerdict.SUSPEND, IncidentVerdict.CLOSE}


#: The person knows of it.
_KNOWN = (IncidentState.TO_DECIDE, IncidentState.DECIDED, IncidentState.APPEALED, IncidentState.CLOSED)


class ReportDecisionForm(IncidentForm):
    """Decide on a report after the person was heard. What follows comes with its own letters and days."""

    verdict: Annotated[IncidentVerdict, OnCommand(positional=True)] = Field(title="Decision")
    reason: Reason = Field(title="Reason", description="The person reads this, and may appeal.")
    through: Day | None = Field(
        default=None, title="Last day", description="Of a suspension: it ends by itself after this day."
    )


class AppealForm(IncidentForm):
    """Appeal, once, against what was decided on a report about you."""

    reason: Reason = Field(title="Why", description="What was overlooked. Who decides appeals reads this.")


class AppealDecisionForm(IncidentForm):
    """Decide an appeal. Overturned, what the decision brought about is taken back."""

    verdict: Annotated[AppealVerdict, OnCommand(positional=True)] = Field(title="Decision")
    reason: Reason = Field(title="Reason", description="The person reads this. It is final.")


class OutsideForm(IncidentForm):
    """Note what a body outside has imposed for what was reported."""

    note: Reason = Field(title="What", description="Which body, what, and from when.")


@act(ReportDecisionForm, who=OFFICE, does="decides on a report", control=(Hearing,), in_person=True)
async def decide_on_report(context: ActContext, form: ReportDecisionForm) -> Receipt:
    """Decide, and bring about what follows. Raises NotNow unless the person was heard; what the acts raise.

    So an account is never left with nobody: its last administrator is not taken off.
    """
    row, facts = await incident_facts(context.session, form.incident, context.policy, context.today)
    refuse_other(row, IncidentState.TO_DECIDE)
    if form.verdict in _AT_ACCOUNT and row.account_id is None:
        raise BadInput("The report names no account: choose no violation, or a warning.")
    if form.through is not None and form.verdict is not IncidentVerdict.SUSPEND:
        raise BadInput("Only a suspension has a last day: leave it out, or suspend the account.")
    changes: dict[str, object] = {
        "verdict": form.verdict,
        "decided_by_id": context.person_id,
        "deputy_for_id": context.right.deputy_for,
        "decided_because": form.reason,
        "decided_at": context.now,
    }
    outcome, last = decided(facts, changes, context.policy, context.today)
    await context.apply(outcome)
    follows = await _bring_about(context, row, form)
    appeal = f"The person may appeal through {last}." if last else "There is no appeal: it is final."
    says = f"Report {form.incident} is decided: {form.verdict}. {appeal}"
    return Receipt(subject_of(form.incident), IncidentState.DECIDED, f"{says} {follows}".strip())


async def _bring_about(context: ActContext, row: Incident, form: ReportDecisionForm) -> str:
    common = {"actor": form.actor, "account": row.account_id, "reason": f"Report {row.id}: {row.rule}."}
    if form.verdict is IncidentVerdict.SUSPEND:
        for_a_time = {**common, "through": form.through}
        return (await suspend_account.fn(context, SuspensionForm.model_validate(for_a_time))).says
    if form.verdict is IncidentVerdict.CLOSE:
        return (await close_account.fn(context, ClosingForm.model_validate(common))).says
    if form.verdict is IncidentVerdict.TAKE_ACCESS:
        whose = {**common, "person": str(row.person_id)}
        return (await remove_administrator.fn(context, TakingOffForm.model_validate(whose))).says
    return ""


@act(AppealForm, who=CONCERNED, does="appeals", control=(Hearing,), in_person=True)
async def appeal(context: ActContext, form: AppealForm) -> Receipt:
    """The person appeals within their days; another office decides. Raises NotNow after them."""
    row, facts = await incident_facts(
        context.session, form.incident, context.policy, context.today, of=IncidentState.APPEALED
    )
    refuse_other(row, IncidentState.DECIDED)
    if row.appeal_by is None:
        raise NotNow("Whoever decides appeals has decided it already: what was decided stands.")
    if context.today > row.appeal_by:
        raise NotNow(f"The days to appeal were over on {row.appeal_by}: what was decided stands.")
    await context.apply(appealed(facts, form.reason, context.policy, context.today))
    says = f"Your appeal on report {form.incident} is recorded. Until it is decided, what was decided stands."
    return Receipt(subject_of(form.incident), IncidentState.APPEALED, says)


@act(AppealDecisionForm, who=OFFICE, does="decides an appeal", control=(Hearing,), in_person=True)
async def decide_appeal(context: ActContext, form: AppealDecisionForm) -> Receipt:
    """Uphold or overturn, for good. Overturned, the sanction is taken back. Raises NotNow."""
    row, facts = await incident_facts(context.session, form.incident, context.policy, context.today)
    refuse_other(row, IncidentState.APPEALED)
    changes: dict[str, object] = {
        "appeal_verdict": form.verdict,
        "appeal_decided_by_id": context.person_id,
        "appeal_because": form.reason,
    }
    await context.apply(appeal_decided(facts, changes))
    back = await _take_back(context, row, form) if form.verdict is AppealVerdict.OVERTURN else ""
    says = f"The appeal on report {form.incident} is decided: {form.verdict}. {back}"
    return Receipt(subject_of(form.incident), IncidentState.CLOSED, says.strip())


async def _take_back(context: ActContext, row: Incident, form: AppealDecisionForm) -> str:
    """Undo what the decision brought about, as far as it stands."""
    if row.verdict not in _AT_ACCOUNT or row.account_id is None:
        return ""
    account = await lookup.by_id(context.session, Account, row.account_id)
    common = {"actor": form.actor, "account": account.id, "reason": f"Report {row.id}: overturned."}
    says = ""
    if row.verdict is IncidentVerdict.TAKE_ACCESS:
        says = await _give_back(context, row, common)
    elif row.verdict is IncidentVerdict.SUSPEND and account.state is AccountState.SUSPENDED:
        says = (await reinstate_account.fn(context, ReinstatementForm.model_validate(common))).says
    elif row.verdict is IncidentVerdict.CLOSE and account.state is AccountState.CLOSED:
        says = (await open_again.fn(context, OpeningForm.model_validate(common))).says
    elif row.verdict is IncidentVerdict.CLOSE and account.closes_on is not None:
        says = (await keep_account.fn(context, KeepingOpenForm.model_validate(common))).says
    return says


async def _give_back(context: ActContext, row: Incident, common: dict[str, Any]) -> str:
    """The person stays an administrator; where the access has ended, they are named anew."""
    whose = {**common, "person": str(row.person_id)}
    theirs = select(Access).where(
        col(Access.account_id) == row.account_id, col(Access.person_id) == row.person_id
    )
    access = (await context.session.exec(theirs)).first()
    if access is not None and access.state is not AccessState.REVOKED:
        return (await keep_administrator.fn(context, KeepingForm.model_validate(whose))).says
    del whose["reason"]
    return (await named(context, NamingForm.model_validate(whose), approves=True)).says


@act(OutsideForm, who=OFFICE, does="notes what others imposed", control=(Hearing,), in_person=True)
async def note_outside(context: ActContext, form: OutsideForm) -> Receipt:
    """Note a sanction of a body outside, beside those noted before. Raises NotNow, Unknown."""
    row, facts = await incident_facts(context.session, form.incident, context.policy, context.today)
    refuse_other(row, *_KNOWN)
    noted = "\n".join(filter(None, (row.outside, f"{context.today}: {form.note}")))
    await context.session.run(update(Incident).where(col(Incident.id) == form.incident).values(outside=noted))
    subject = subject_of(form.incident)
    await context.note(subject, control=facts.under, cause="outside sanction noted")
    return Receipt(subject, "noted", f"It is noted beside report {form.incident}.")
