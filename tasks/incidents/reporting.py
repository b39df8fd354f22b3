"""Reporting that a policy or a law was broken, taking the report on, and being heard."""

from typing import Annotated

from pydantic import Field

from policy.controls.incident import Hearing
from policy.incidents import answered, ask_office, dismiss, hearing, may_decide_report, subject_of, take_on
from schemas.accounts import Account
from schemas.errors import BadInput, NotNow
from schemas.forms import ActForm, OnCommand, OneOf, PersonRef, Reason
from schemas.incidents import Incident
from schemas.outcome import Outcome
from schemas.receipt import Receipt
from schemas.states import IncidentState
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ANYBODY, Who, in_office
from tasks.incidents.facts import incident_facts
from tasks.store import lookup
from tasks.store.transition import begin


class ReportForm(ActForm):
    """Report that a policy or a law was broken. Whom it is about is not told who you are."""

    rule: Annotated[str, Field(max_length=200), OneOf("broken")] = Field(
        title="What was broken", description="The law, the policy or the clause."
    )
    tells: Reason = Field(title="What happened", description="In your own words: what, when and where.")
    person: PersonRef | None = Field(
        default=None, title="By whom", description="E-mail address, number or name; empty if not known."
    )
    account: int | None = Field(
        default=None, ge=1, title="Account number", description="Where it happened, if at an account."
    )


class IncidentForm(ActForm):
    """A report, by its number."""

    incident: Annotated[int, OnCommand(positional=True)] = Field(title="Report number", ge=1)


class TakingOnForm(IncidentForm):
    """Take a report on: the person concerned is told what is said, and answers before you decide."""

    person: PersonRef | None = Field(
        default=None, title="Whom it is about", description="Where the report does not say it."
    )


class DismissalForm(IncidentForm):
    """Dismiss a report. Who made it reads your reason; whom it is about hears nothing."""

    reason: Reason = Field(title="Reason", description="Who reported it reads this.")


class ReportAnswerForm(IncidentForm):
    """Answer what was reported of you, before it is decided."""

    answer: Reason = Field(title="Your answer", description="In your own words, what happened.")


@act(ReportForm, who=ANYBODY, does="reports what was broken", control=(Hearing,), in_person=True)
async def report_incident(context: ActContext, form: ReportForm) -> Receipt:
    """Record a report, and ask the office that decides. Raises BadInput for one about nothing, Unknown."""
    control = hearing(context.policy)
    if control is None or (form.person is None and form.account is None):
        raise BadInput("Say whom it is about, or give the number of the account where it happened.")
    if form.account is not None:
        await lookup.by_id(context.session, Account, form.account)
    person = None
    if form.person is not None:
        person = await lookup.person_id(context.session, form.person, must_be_active=False)
        if person == context.person_id:
            raise BadInput("Nobody reports themselves here: tell your own supervisor.")
    subject = await begin(
        context.session,
        SubjectKind.INCIDENT,
        state=IncidentState.REPORTED,
        actor=context.actor,
        control=control.name,
        cause="reported",
        now=context.now,
        under=control.name,
        reported_by_id=context.person_id,
        person_id=person,
        account_id=form.account,
        rule=form.rule,
        tells=form.tells,
        reported_at=context.now,
        recorded_via=context.actor.via,
        outside="",
    )
    _, facts = await incident_facts(context.session, subject.id, context.policy, context.today)
    asks = ask_office(facts, IncidentState.REPORTED, context.policy, context.today)
    await context.apply(Outcome(asks))
    return Receipt(
        subject,
        IncidentState.REPORTED,
        f"Report {subject.id} is recorded, and whoever decides on it is asked. Whom it is about is not told "
        "that it was you.",
    )


async def decides(context: ActContext, form: IncidentForm) -> Right | None:
    """Who decides on the report today. Raises NotAllowed naming who may."""
    _, facts = await incident_facts(context.session, form.incident, context.policy, context.today)
    return Right(may_decide_report(facts, context.person_id, context.policy))


async def _concerned(context: ActContext, form: IncidentForm) -> Right | None:
    row = await lookup.by_id(context.session, Incident, form.incident)
    told = row.state not in {IncidentState.REPORTED, IncidentState.DISMISSED}
    return Right() if told and row.person_id == context.person_id else None


OFFICE = Who("who decides on the report today", decides, in_office)
CONCERNED = Who("whom it is about", _concerned)


def refuse_other(row: Incident, *states: IncidentState) -> None:
    """Raises NotNow unless the report is in one of these states."""
    if row.state not in states:
        raise NotNow(f"Report {row.id} is '{row.state}': that can't be done with it now.")


@act(TakingOnForm, who=OFFICE, does="takes a report on", control=(Hearing,), in_person=True)
async def take_report_on(context: ActContext, form: TakingOnForm) -> Receipt:
    """Take a report on; the person is heard. Raises NotNow, BadInput where nobody is named or who acts is."""
    row, facts = await incident_facts(context.session, form.incident, context.policy, context.today)
    refuse_other(row, IncidentState.REPORTED)
    person = row.person_id
    if form.person is not None:
        person = await lookup.person_id(context.session, form.person)
    if person is None:
        raise BadInput("The report names nobody: say with --person who is to be heard.")
    if person in {context.person_id, context.right.deputy_for, row.reported_by_id}:
        raise BadInput("Somebody else must decide on it: you can't hear yourself, nor who reported it.")
    await context.apply(take_on(facts, person, context.policy, context.today))
    subject = subject_of(form.incident)
    return Receipt(subject, IncidentState.HEARD, f"Report {form.incident} is taken on; the person is heard.")


@act(DismissalForm, who=OFFICE, does="dismisses a report", control=(Hearing,), in_person=True)
async def dismiss_report(context: ActContext, form: DismissalForm) -> Receipt:
    """Dismiss a report that was not taken on; who made it reads why. Raises NotNow."""
    row, facts = await incident_facts(context.session, form.incident, context.policy, context.today)
    refuse_other(row, IncidentState.REPORTED)
    by = (context.person_id, context.right.deputy_for)
    await context.apply(dismiss(facts, form.reason, by, context.now))
    return Receipt(
        subject_of(form.incident), IncidentState.DISMISSED, f"Report {form.incident} is dismissed."
    )


@act(ReportAnswerForm, who=CONCERNED, does="answers a report", control=(Hearing,), in_person=True)
async def answer_report(context: ActContext, form: ReportAnswerForm) -> Receipt:
    """The person concerned answers; then it is decided. Raises NotNow once the days are over."""
    row, facts = await incident_facts(
        context.session, form.incident, context.policy, context.today, of=IncidentState.TO_DECIDE
    )
    refuse_other(row, IncidentState.HEARD)
    await context.apply(answered(facts, form.answer, context.policy, context.today))
    says = f"Your answer to report {form.incident} is recorded; the decision comes by mail."
    return Receipt(subject_of(form.incident), IncidentState.TO_DECIDE, says)
