"""Requests: which may move, and moving one."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from policy.account_request import decide_request
from policy.calendar import Calendar
from policy.model import Policy
from schemas.accounts import AccountRequest
from schemas.states import RequestState
from tasks.cases import Case
from tasks.requests.facts import authority, request_facts
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


async def due(store: Store, policy: Policy, now: datetime) -> tuple[Case, ...]:
    """The requests to be checked, and those that lie too long after they were sent back."""
    calendar = Calendar(policy)
    today = calendar.today(now)
    async with store.read() as session:
        rows = (
            await (await session.connection()).execute(
                select(col(AccountRequest.id), col(AccountRequest.handle))
                .where(col(AccountRequest.state).in_([RequestState.SUBMITTED, RequestState.SENT_BACK]))
                .order_by(col(AccountRequest.id))
            )
        ).all()
        cases = []
        for row in rows:
            _, facts = await request_facts(session, row.id, policy, today)
            who = await authority(session, facts, policy, today)
            if decide_request(facts, policy, calendar, now, deciders=who):
                cases.append(Case(row.handle, (row.id,)))
    return tuple(cases)


async def move(store: Store, policy: Policy, case: Case, now: datetime) -> tuple[str, ...]:
    """Check, or close, each request of the case."""
    calendar = Calendar(policy)
    today = calendar.today(now)
    said = []
    async with store.write() as session:
        for request_id in case.ids:
            _, facts = await request_facts(session, request_id, policy, today)
            who = await authority(session, facts, policy, today)
            if outcome := decide_request(facts, policy, calendar, now, deciders=who):
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)
