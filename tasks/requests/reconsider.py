"""A decision is taken back before its account is live, and the request decided again."""

from typing import Annotated

from pydantic import Field
from sqlmodel import col, select

from policy.account_creation import reconsider_account
from policy.account_request import reconsider
from policy.authority import may_decide
from policy.controls.approval import Approval
from schemas.accounts import Decision
from schemas.errors import NotNow
from schemas.forms import ActForm, OnCommand, Reason
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.states import AccountState, RequestState
from schemas.words import SubjectKind
from tasks.accounts.facts import account_facts
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import Who
from tasks.requests.facts import authority, request_facts

_DECIDED = frozenset({RequestState.APPROVED, RequestState.DECLINED})


class ReconsiderForm(ActForm):
    """Take a decision back before the account is live. The request waits for a decision again.

    An account that was being prepared ends, and is made anew when the request is approved again.
    """

    request: Annotated[int, OnCommand(positional=True)] = Field(title="Request number", ge=1)
    reason: Reason = Field(title="Reason", description="The requester reads this.")


async def _decides(context: ActContext, form: ReconsiderForm) -> Right | None:
    """Who decided it, or may decide it today; never its requester."""
    session, policy, today = context.session, context.policy, context.today
    _, facts = await request_facts(session, form.request, policy, today)
    if facts.requester_id == context.person_id:
        return None
    decided = await session.exec(
        select(Decision.decided_by_id).where(
            col(Decision.request_id) == form.request, col(Decision.revision) == facts.revision
        )
    )
    if decided.first() == context.person_id:
        return Right()
    return Right(
        may_decide(await authority(session, facts, policy, today), context.person_id, policy, facts.level)
    )


@act(
    ReconsiderForm,
    who=Who("who decided the request, or may decide it today,", _decides),
    does="takes the decision back",
    control=(Approval,),
    in_person=True,
)
async def take_decision_back(context: ActContext, form: ReconsiderForm) -> Receipt:
    """Let a request that was decided be decided again; a prepared account ends with its accesses.

    Raises NotNow where it was not decided, or its account is live or has ended; NotAllowed, Unknown.
    """
    session, policy = context.session, context.policy
    row, facts = await request_facts(session, form.request, policy, context.today)
    subject = Subject(SubjectKind.REQUEST, form.request)
    if facts.state not in _DECIDED:
        raise NotNow(f"Request {form.request} is '{facts.state}': no decision stands.")
    if row.account_id is not None:
        account = await account_facts(session, row.account_id, policy, context.today)
        if account.state not in {AccountState.APPROVED, AccountState.PREPARING}:
            raise NotNow(
                f"Account {row.account_id} is '{account.state}': its decision stands. "
                f"`steward account close {row.account_id}` ends the account."
            )
        await context.apply(reconsider_account(account, policy))
    outcome = reconsider(
        facts,
        form.reason,
        policy,
        context.now,
        deciders=await authority(session, facts, policy, context.today),
        by_id=context.person_id,
    )
    await context.apply(outcome)
    return Receipt(
        subject, "taken back", f"Request {form.request} waits for a decision again; its requester reads why."
    )
