"""Whoever comes to an office while a stop waits to be confirmed is asked too, within a quarter of an hour."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select

from policy.model import Policy
from policy.notices.stops import StopToConfirm
from policy.stops import stopping
from schemas.accounts import Account
from schemas.events import EventKind
from schemas.findings import Suspension
from schemas.machinery import Notice
from schemas.outcome import Emit, Outcome, RoleAt, Step, Subject, Tell
from schemas.states import AccountState
from schemas.words import SubjectKind
from tasks.cases import Case, Only
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.holders import to_be_told
from tasks.store.session import Session


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts that were stopped together, of whose stop somebody who may confirm it was not told."""
    async with runtime.store.read() as session:
        waiting = await _waiting(session, now)
        if only is not None:
            waiting = [one for one in waiting if only.account in [each.account_id for each in one]]
        found = []
        for stops in waiting:
            if await _not_told(session, runtime.policy, stops, now):
                account = await session.get_one(Account, stops[0].account_id)
                found.append(Case(account.handle, tuple(one.account_id for one in stops)))
        return tuple(found)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Send the letter that the others have had, with the same hour in it."""
    policy, said = runtime.policy, 0
    async with runtime.store.write() as session:
        for stops in await _waiting(session, now):
            if not set(case.ids) & {one.account_id for one in stops}:
                continue
            first = Subject(SubjectKind.ACCOUNT, stops[0].account_id)
            until = stops[0].confirm_by or now
            notice = StopToConfirm(
                account_ids=tuple(one.account_id for one in stops),
                suspension_id=stops[0].id or 0,
                suspension_ids=tuple(one.id or 0 for one in stops),
                due_on=policy.calendar.today(until),
            )
            people = await _not_told(session, policy, stops, now)
            steps: list[Step] = [
                Tell(notice, one, f"stop:{stops[0].id}/asked too/{until:%Y%m%dT%H%M}", first)
                for one in people
            ]
            steps.append(Emit(EventKind.NOTICES_WAITING, first))
            if people:
                await apply(session, Outcome(tuple(steps)), actor=STEWARD, calendar=policy.calendar, now=now)
                said += 1
    return ("asked somebody else to confirm",) * said


async def _waiting(session: Session, now: datetime) -> list[Sequence[Suspension]]:
    """The stops that wait for a second office, those of one act together, by account."""
    rows = await session.exec(
        select(Suspension)
        .join(Account, col(Account.id) == col(Suspension.account_id))
        .where(
            col(Account.state) == AccountState.SUSPENDED,
            col(Suspension.stop_office).is_not(None),
            col(Suspension.ended_at).is_(None),
            col(Suspension.confirmed_at).is_(None),
            col(Suspension.confirm_by) > now,
        )
        .order_by(col(Suspension.account_id))
    )
    acts: Mapping[object, list[Suspension]] = defaultdict(list)
    for one in rows:
        acts[one.suspended_at, one.confirm_by, one.stop_office, one.decided_by_id].append(one)
    return list(acts.values())


async def _not_told(
    session: Session, policy: Policy, stops: Sequence[Suspension], now: datetime
) -> Sequence[int]:
    """Who would be told today if it were stopped now, and has no letter about it."""
    stop, today = stops[0], policy.calendar.today(now)
    hands = tuple(one for one in (stop.decided_by_id, stop.deputy_for_id) if one is not None)
    people: dict[int, None] = {}
    for office in stopping(policy):
        if office != stop.stop_office:
            people |= dict.fromkeys(await to_be_told(session, RoleAt(office), today, hands))
    if not people:
        return ()
    letters = await session.exec(
        select(Notice).where(
            col(Notice.kind) == StopToConfirm.kind,
            col(Notice.person_id).in_(people),
            col(Notice.created_at) >= stop.suspended_at,
        )
    )
    numbers = {one.id for one in stops}
    told = {
        one.person_id
        for one in letters
        if numbers & set(one.facts.get("suspension_ids") or [one.facts.get("suspension_id")])
    }
    return [one for one in people if one not in told]
