"""The brake of a night for the gates: what one cause would begin for very many people waits for an answer."""

from collections import defaultdict
from datetime import datetime

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.brake import Cause, Found, of_access
from policy.calendar import Calendar
from policy.model import Policy
from policy.training_gate import decide_access
from schemas.accounts import Access
from schemas.words import BrakeOf
from tasks import braking
from tasks.access.facts import access_facts, may_move
from tasks.cases import AT_ONCE, Only

KINDS = (BrakeOf.ASK_COURSE, BrakeOf.RENEW_COURSE, BrakeOf.SEND_TEXT, BrakeOf.TAKE_FOR_COURSE)


async def _found(
    session: AsyncSession, policy: Policy, now: datetime, only: Only | None
) -> dict[Cause, Found]:
    """What the gates would begin now, held or not, by cause; of one account, or of all."""
    calendar = Calendar(policy)
    today = calendar.today(now)
    candidates = may_move(policy, calendar, today)
    if only is not None:
        candidates = candidates.where(col(Access.account_id) == only.account)
    found: dict[Cause, Found] = defaultdict(Found)
    async with (await session.connection()).stream(candidates) as rows:
        async for some in rows.partitions(AT_ONCE):
            for facts in await access_facts(session, [row.id for row in some], policy, today):
                for cause in of_access(decide_access(facts, policy, calendar, now), policy):
                    found[cause].who.add(facts.person_id)
                    found[cause].accounts.add(facts.account_id)
    return found


STAGE = braking.stage("brake of the gates", KINDS, _found)
