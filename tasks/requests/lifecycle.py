"""Account creation: requests, which may move, and moving one; what comes after the decision follows."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from policy.account_request import decide_request
from schemas.accounts import AccountRequest
from schemas.events import EventKind
from schemas.states import RequestState
from tasks.accounts.lifecycle import STAGE as APPROVED_ACCOUNTS
from tasks.cases import Case, Only
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.requests.facts import authority, request_facts
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The requests to be checked, and those that lie too long after they were sent back."""
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    async with runtime.store.read() as session:
        rows = await session.rows(
            select(col(AccountRequest.id), col(AccountRequest.handle))
            .where(
                col(AccountRequest.state).in_([RequestState.SUBMITTED, RequestState.SENT_BACK]),
                *(() if only is None else (col(AccountRequest.handle) == only.label,)),
            )
            .order_by(col(AccountRequest.id))
        )
        cases = []
        for row in rows:
            _, facts = await request_facts(session, row.id, policy, today)
            who = await authority(session, facts, policy, today)
            if decide_request(facts, policy, now, deciders=who):
                cases.append(Case(row.handle, (row.id,)))
    return tuple(cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Check, or close, each request of the case."""
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    said = []
    async with runtime.store.write() as session:
        for request_id in case.ids:
            _, facts = await request_facts(session, request_id, policy, today)
            who = await authority(session, facts, policy, today)
            if outcome := decide_request(facts, policy, now, deciders=who):
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


LIFECYCLE = Lifecycle(
    "account-creation",
    woken_by=(
        EventKind.REQUEST_SUBMITTED,
        EventKind.ACCESS_CHANGED,
        EventKind.PAGE_CHECKED,
        EventKind.PEOPLE_CHANGED,
        EventKind.ROSTER_IMPORTED,
        EventKind.ACCOUNTS_IMPORTED,
    ),
    stages=(Stage("request", due, move), APPROVED_ACCOUNTS),
    turn=Turn.ACCOUNTS,
)
