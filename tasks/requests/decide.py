"""Recording a decision: checked and carried out in one transaction."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import insert

from policy.account_request import lacks, on_decision
from policy.authority import may_decide
from policy.controls.approval import Approval
from policy.controls.training_before_access import Required, TrainingBeforeAccess
from policy.model import Policy
from schemas.accounts import Decision
from schemas.columns import table_of
from schemas.errors import BadInput, ChangedMeanwhile, NotNow
from schemas.facts import RequestFacts
from schemas.forms import ActForm, OnCommand, Reason
from schemas.outcome import Outcome, Subject
from schemas.receipt import Receipt
from schemas.states import RequestState
from schemas.words import SubjectKind, Verdict
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import Who, in_office
from tasks.requests.facts import authority, request_facts
from tasks.requests.opening import open_account
from tasks.store.transition import who_moved_it

#: What follows each verdict, for the person who decided.
_NEXT = {
    Verdict.APPROVE: "its administrators are asked for what they still lack",
    Verdict.DECLINE: "the requester reads your reason by mail",
    Verdict.SEND_BACK: "the requester reads your reason by mail and can mend it",
}


class DecisionForm(ActForm):
    """Decide a request: never your own, and only in an office that you hold today or deputize for."""

    request: Annotated[int, OnCommand(positional=True)] = Field(title="Request number", ge=1)
    verdict: Annotated[Verdict, OnCommand(positional=True)] = Field(title="Decision")
    reason: Reason = Field(title="Reason", description="The requester reads this. One sentence is enough.")
    revision: int = Field(
        default=1,
        ge=1,
        title="Revision that you read",
        description="2 where it was sent back once and handed in again, and so on.",
    )
    training_required: Annotated[bool | None, OnCommand("--training/--no-training")] = Field(
        default=None,
        title="Course required",
        description="Whether its administrators must complete the course, where the policy leaves that to "
        "who approves. Empty: as the policy says.",
    )


async def _may_decide(context: ActContext, form: DecisionForm) -> Right | None:
    """Who decides today; for a request that waits for no decision, anybody is told where it is."""
    session, policy, today = context.session, context.policy, context.today
    _, facts = await request_facts(session, form.request, policy, today)
    if facts.state is not RequestState.AWAITING_DECISION:
        return Right()
    decides = await authority(session, facts, policy, today)
    return Right(may_decide(decides, context.person_id, policy, facts.level))


@act(
    DecisionForm,
    who=Who("who holds the deciding office today", _may_decide, in_office),
    does="decides a request",
    control=(Approval,),
    in_person=True,
)
async def record_decision(context: ActContext, form: DecisionForm) -> Receipt:
    """Record who decided what and why, and bring it about. Approving makes the account and its accesses.

    Raises:
        NotAllowed: the person may not decide this request; the clause and who may.
        MovedMeanwhile: somebody decided it or sent it back first; `by_id` says who (None: Steward).
        ChangedMeanwhile: it was handed in again since the revision that they read.
        NotNow: it is not waiting for a decision (not checked yet, withdrawn, abandoned).
        BadInput: it can't be approved as it stands any more, or the course is not the approver's to waive.
        Unknown: no such request or person.
    """
    session, policy, now = context.session, context.policy, context.now
    subject = Subject(SubjectKind.REQUEST, form.request)
    row, facts = await request_facts(session, form.request, policy, context.today)
    if facts.state in {RequestState.APPROVED, RequestState.DECLINED, RequestState.SENT_BACK}:
        raise await who_moved_it(session, subject)
    if facts.state is not RequestState.AWAITING_DECISION:
        raise NotNow(f"Request {form.request} is '{facts.state}': there is nothing to decide.")
    if form.revision != facts.revision:
        raise ChangedMeanwhile(
            f"Request {form.request} stands at revision {facts.revision}, and your decision is on revision "
            f"{form.revision}: read it again (`steward request show {form.request}`), then decide with "
            f"--revision {facts.revision}."
        )
    if form.training_required is not None:
        _refuse_word_on_course(facts, policy)
    if form.verdict is Verdict.APPROVE and (reasons := lacks(facts, policy)):
        raise BadInput(f"Request {form.request} can't be approved as it stands now: {' '.join(reasons)}")
    outcome: Outcome = on_decision(facts, form.verdict, form.reason, policy, now)
    await context.apply(outcome)
    await session.run(
        insert(table_of(Decision)).values(
            request_id=form.request,
            revision=facts.revision,
            verdict=form.verdict,
            reason=form.reason,
            decided_by_id=context.person_id,
            deputy_for_id=context.right.deputy_for,
            decided_at=now,
            recorded_via=context.actor.via,
            training_required=form.training_required,
        )
    )
    if form.verdict is Verdict.APPROVE:
        await open_account(
            session,
            policy,
            row,
            training_required=form.training_required,
            actor=context.actor,
            now=now,
        )
    return Receipt(subject, outcome.says, f"Request {form.request} is {outcome.says}; {_NEXT[form.verdict]}.")


def _refuse_word_on_course(facts: RequestFacts, policy: Policy) -> None:
    """Raises BadInput where the course is not the approver's to ask for or to waive."""
    found = policy.applying(TrainingBeforeAccess, level=facts.level)
    if all(one.required is Required.ALWAYS for one in found):
        level = policy.label(facts.level)
        cited = policy.cited(policy.name_of(TrainingBeforeAccess, level=facts.level))
        raise BadInput(f"For a {level} account it is not your word whether the course is required{cited}.")
