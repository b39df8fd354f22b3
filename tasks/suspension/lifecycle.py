"""Suspension on non-compliance: which accounts have a step to take, and taking it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import insert, select, update
from sqlmodel import col

from policy.brake import Cause
from policy.controls.sanction import Suspending
from policy.model import Policy
from policy.notices.findings import SuspensionAhead
from policy.suspension import ANNOUNCED, Room, decide_suspension
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.findings import Suspension
from schemas.outcome import Move, Outcome, Tell
from schemas.states import AccountState
from schemas.words import SubjectKind, Via
from tasks.cases import Case, Only, in_parts
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.brakes import waiting
from tasks.store.given import among
from tasks.store.session import Session
from tasks.suspension import asking, braking
from tasks.suspension.candidates import (
    accesses_since,
    announced_since,
    suspended_since,
    to_announce,
    to_carry_out,
)
from tasks.suspension.facts import suspension_facts

REASON = "A finding was not mended by the day that its notice named."


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts with a step to take, no more a night than the policy's brakes allow."""
    policy = runtime.policy
    calendar, terms = policy.calendar, policy.suspending
    if terms is None:
        return ()
    cases: list[int] = []
    today = calendar.today(now)
    async with runtime.store.read() as session:
        left = await _left(session, policy, terms, now)
        held = [
            one.control
            for what, of in ANNOUNCED.items()
            for one in (Cause(of, name) for name in policy.sanctioned(what))
            if one.key in left.waits
        ]
        ids: dict[int, None] = {}
        for found in (
            *to_carry_out(today, only),
            to_announce(policy, today, left.announced, only, held),
        ):
            ids |= dict.fromkeys((await session.run(found)).scalars())
        for some in in_parts(list(ids)):
            for facts in await suspension_facts(session, some, policy, calendar.today(now)):
                outcome = decide_suspension(facts, policy, now, left.room)
                if outcome:
                    left = left.after(outcome)
                    cases.append(facts.account_id)
        handles: dict[int, str] = {}
        for some in in_parts(cases):
            rows = await session.run(
                select(col(Account.id), col(Account.handle)).where(among(col(Account.id), some))
            )
            handles |= {row.id: row.handle for row in rows}
    return tuple(Case(handles[one], (one,)) for one in cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Take the step that the facts of this moment ask for; what happened, a line an account.

    The brakes are asked again here: an account on its way for one reason may have a second one by now.
    """
    policy = runtime.policy
    calendar, terms = policy.calendar, policy.suspending
    if terms is None:
        return ()
    said = []
    async with runtime.store.write() as session:
        left = await _left(session, policy, terms, now)
        for facts in await suspension_facts(session, case.ids, policy, calendar.today(now)):
            outcome = decide_suspension(facts, policy, now, left.room)
            if outcome:
                left = left.after(outcome)
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                await _record(session, facts.account_id, outcome, now)
                moved = _move_of_account(outcome)
                said.append(
                    outcome.says if moved is None else f"{outcome.says} for {policy.number_of(moved.control)}"
                )
    return tuple(said)


@dataclass(frozen=True)
class _Left:
    """How many accounts may still be announced and suspended tonight, and how many accesses suspended."""

    announced: int
    suspended: int
    accesses: int
    waits: frozenset[str]

    @property
    def room(self) -> Room:
        return Room(
            announce=self.announced > 0,
            suspend=self.suspended > 0,
            accesses=self.accesses,
            waits=self.waits,
        )

    def after(self, outcome: Outcome) -> "_Left":
        """What is left when this has happened."""
        moves = [one for one in outcome.steps if isinstance(one, Move)]
        announces = any(
            isinstance(one, Tell) and isinstance(one.notice, SuspensionAhead) for one in outcome.steps
        )
        return _Left(
            self.announced - announces,
            self.suspended - (_account_moves_to(outcome) is AccountState.SUSPENDED),
            self.accesses - sum(one.subject.kind is SubjectKind.ACCESS for one in moves),
            self.waits,
        )


async def _left(session: Session, policy: Policy, terms: Suspending, now: datetime) -> _Left:
    """What has happened since midnight taken off what the policy allows a night."""
    midnight = datetime.combine(policy.calendar.today(now), time(), policy.calendar.zone).astimezone(UTC)
    return _Left(
        max(terms.announced_a_night_at_most - await announced_since(session, policy, midnight), 0),
        max(terms.suspended_a_night_at_most - await suspended_since(session, midnight), 0),
        max(terms.accesses_a_night_at_most - await accesses_since(session, midnight), 0),
        await waiting(session),
    )


def _move_of_account(outcome: Outcome) -> Move | None:
    moves = [one for one in outcome.steps if isinstance(one, Move)]
    return next((one for one in moves if one.subject.kind is SubjectKind.ACCOUNT), None)


def _account_moves_to(outcome: Outcome) -> AccountState | None:
    """The state that an outcome brings the account to; None where it stays."""
    moved = _move_of_account(outcome)
    return None if moved is None else AccountState(moved.to)


async def _record(session: Session, account_id: int, outcome: Outcome, now: datetime) -> None:
    """The suspension's own row: since when it stands and for which control, or that it ended in closing."""
    moved = _move_of_account(outcome)
    if moved is None:
        return
    table = table_of(Suspension)
    if moved.to is AccountState.SUSPENDED:
        made = {"control": moved.control, "reason": REASON, "suspended_at": now, "recorded_via": Via.STEWARD}
        await session.run(insert(table).values(account_id=account_id, **made))
    else:
        await session.run(
            update(table)
            .where(table.c.account_id == account_id, table.c.ended_at.is_(None))
            .values(ended_at=now, ended_because="It was never mended.")
        )


LIFECYCLE = Lifecycle(
    "suspension",
    woken_by=(),
    stages=(
        braking.STAGE,
        Stage("suspension", due, move),
        asking.FINDINGS,
        asking.STRANDED,
    ),
    turn=Turn.SANCTIONS,
)
