"""Recording a decision: checked and carried out in one transaction (5, 6)."""

from datetime import datetime

from sqlalchemy import insert

from policy.account_request import lacks, on_decision
from policy.authority import may_decide
from policy.calendar import Calendar
from policy.model import Policy
from schemas.accounts import Decision
from schemas.columns import table_of
from schemas.errors import BadInput, NotNow
from schemas.forms import DecisionForm
from schemas.outcome import Outcome, Subject
from schemas.receipt import Receipt
from schemas.states import RequestState
from schemas.words import Level, SubjectKind, Verdict, Via
from tasks.requests.facts import authority, request_facts
from tasks.requests.opening import open_account
from tasks.store import Store, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.lookup import handle_key
from tasks.store.transition import who_moved_it

#: What follows each verdict, for the person who decided.
_NEXT = {
    Verdict.APPROVE: "its administrators are asked for what they still lack",
    Verdict.DECLINE: "the requester reads your reason by mail",
    Verdict.SEND_BACK: "the requester reads your reason by mail and can mend it",
}


async def record_decision(
    store: Store, policy: Policy, form: DecisionForm, *, via: Via, now: datetime
) -> Receipt:
    """Record who decided what and why, and bring it about.

    Approving makes the account and its waiting accesses. Everything is checked here, in the
    transaction that records it: nobody decides their own request; only who holds the office today,
    or deputizes for somebody absent, decides.

    Raises:
        NotAllowed: the person may not decide this request; the clause and who may.
        MovedMeanwhile: somebody decided it or sent it back first; `by_id` says who (None: Steward).
        NotNow: it is not waiting for a decision (not checked yet, withdrawn, abandoned).
        BadInput: it can't be approved as it stands any more, or the course is not the approver's to waive.
        Unknown: no such request or person.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    subject = Subject(SubjectKind.REQUEST, form.request)
    async with store.write() as session:
        decider_id = await lookup.person_id(session, form.decided_by)
        row, facts = await request_facts(session, form.request, policy, today)
        if facts.state in {RequestState.APPROVED, RequestState.DECLINED, RequestState.SENT_BACK}:
            raise await who_moved_it(session, subject)
        if facts.state is not RequestState.AWAITING_DECISION:
            raise NotNow(f"Request {form.request} is '{facts.state}': there is nothing to decide.")
        deputy_for = may_decide(
            await authority(session, facts, policy, today), decider_id, policy, facts.level
        )
        if form.training_required is not None and facts.level is not Level.CLASSROOM:
            raise BadInput(
                "The course is required here (5.2): only for a classroom account is it your word (6.1)."
            )
        if form.verdict is Verdict.APPROVE and (reasons := lacks(facts, policy)):
            raise BadInput(f"Request {form.request} can't be approved as it stands now: {' '.join(reasons)}")
        actor = Actor(decider_id, via)
        outcome: Outcome = on_decision(facts, form.verdict, form.reason, policy, calendar, now)
        await apply(session, outcome, actor=actor, calendar=calendar, now=now)
        await (await session.connection()).execute(
            insert(table_of(Decision)).values(
                request_id=form.request,
                revision=facts.revision,
                verdict=form.verdict,
                reason=form.reason,
                decided_by_id=decider_id,
                deputy_for_id=deputy_for,
                decided_at=now,
                recorded_via=via,
                training_required=form.training_required,
            )
        )
        if form.verdict is Verdict.APPROVE:
            await open_account(
                session,
                policy,
                row,
                training_required=form.training_required,
                handle_key=handle_key(row.handle),
                actor=actor,
                now=now,
            )
    return Receipt(subject, outcome.says, f"Request {form.request} is {outcome.says}; {_NEXT[form.verdict]}.")
