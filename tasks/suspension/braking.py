"""The brake of a night for findings: a control that would suspend very many at once waits for an answer."""

from collections import defaultdict
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.brake import Cause, Found
from policy.calendar import Calendar
from policy.controls import SanctionOf
from policy.model import Policy
from policy.suspension import ANNOUNCED, CARRIED_OUT, past_its_day
from schemas.words import BrakeOf
from tasks.cases import Case, Only, in_parts
from tasks.lifecycles import Stage
from tasks.runtime import Runtime
from tasks.store import brakes
from tasks.suspension.candidates import past_by_control, to_announce_by_control
from tasks.suspension.facts import suspension_facts

KINDS: tuple[BrakeOf, ...] = (*ANNOUNCED.values(), *CARRIED_OUT.values())


async def _found(session: AsyncSession, policy: Policy, now: datetime) -> dict[Cause, Found]:
    """What findings would lead to now, held or not: whom to announce it to, and whom to suspend."""
    connection, calendar = await session.connection(), Calendar(policy)
    found: dict[Cause, Found] = defaultdict(Found)
    of = {name: what for what in SanctionOf for name in policy.sanctioned(what)}
    for row in await connection.execute(to_announce_by_control(policy, calendar.today(now))):
        what = of[row.control]
        cause = Cause(ANNOUNCED[what], row.control)
        found[cause].who.add(row.account_id if what is SanctionOf.ACCOUNT else row.person_id)
        found[cause].accounts.add(row.account_id)
    late = (await connection.execute(past_by_control(calendar.today(now)))).scalars()
    for some in in_parts(dict.fromkeys(late)):
        for facts in await suspension_facts(session, some, policy, calendar.today(now)):
            for cause, who in past_its_day(facts, policy, calendar, now):
                found[cause].who.add(who)
                found[cause].accounts.add(facts.account_id)
    return found


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """One case where something must be asked, or need not be any more."""
    del only  # what is too much for one night is too much for a part of it
    today = Calendar(runtime.policy).today(now)
    async with runtime.store.read() as session:
        found = await _found(session, runtime.policy, now)
        decided, _ = await brakes.steps(session, found, KINDS, runtime.policy, today)
    return (Case("brake of the suspensions", ()),) if decided else ()


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask, and end what need not wait; a line a question."""
    del case
    policy, today = runtime.policy, Calendar(runtime.policy).today(now)
    async with runtime.store.write() as session:
        found = await _found(session, policy, now)
        decided, out_of = await brakes.steps(session, found, KINDS, policy, today)
        return await brakes.carry_out(session, decided, found, out_of, policy, now)


STAGE = Stage("brake", due, move)
