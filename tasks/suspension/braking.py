"""The brake of a night for findings: a control that would suspend very many at once waits for an answer."""

from collections import defaultdict
from datetime import datetime

from policy.brake import Cause, Found
from policy.controls import SanctionOf
from policy.suspension import ANNOUNCED, CARRIED_OUT, past_its_day
from schemas.words import BrakeOf
from tasks import braking
from tasks.cases import Only, in_parts
from tasks.runtime import Runtime
from tasks.store.session import Session
from tasks.suspension.candidates import past_by_control, to_announce_by_control
from tasks.suspension.facts import suspension_facts

KINDS: tuple[BrakeOf, ...] = (*ANNOUNCED.values(), *CARRIED_OUT.values())


async def _found(session: Session, runtime: Runtime, now: datetime, only: Only | None) -> dict[Cause, Found]:
    """What findings would lead to now, held or not: whom to announce it to, and whom to suspend."""
    del only  # what is too much for one night is too much for a part of it
    policy = runtime.policy
    calendar = policy.calendar
    found: dict[Cause, Found] = defaultdict(Found)
    of = {name: what for what in SanctionOf for name in policy.sanctioned(what)}
    for row in await session.run(to_announce_by_control(policy, calendar.today(now))):
        what = of[row.control]
        cause = Cause(ANNOUNCED[what], row.control)
        found[cause].who.add(row.account_id if what is SanctionOf.ACCOUNT else row.person_id)
        found[cause].accounts.add(row.account_id)
    late = (await session.run(past_by_control(calendar.today(now)))).scalars()
    for some in in_parts(dict.fromkeys(late)):
        for facts in await suspension_facts(session, some, policy, calendar.today(now)):
            for cause, who in past_its_day(facts, policy, now):
                found[cause].who.add(who)
                found[cause].accounts.add(facts.account_id)
    return found


STAGE = braking.stage("brake of the suspensions", KINDS, _found)
