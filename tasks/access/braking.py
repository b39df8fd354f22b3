"""The brake of a night for the gates: what one cause would begin for very many people waits for an answer."""

from collections import defaultdict
from datetime import datetime

from policy.brake import Cause, Found
from schemas.words import BrakeOf
from tasks import braking
from tasks.access.tonight import look, taken
from tasks.cases import Only
from tasks.runtime import Runtime
from tasks.store.session import Session

KINDS = (BrakeOf.ASK_COURSE, BrakeOf.RENEW_COURSE, BrakeOf.SEND_TEXT, BrakeOf.TAKE_FOR_COURSE)


async def _found(session: Session, runtime: Runtime, now: datetime, only: Only | None) -> dict[Cause, Found]:
    """What the gates would begin now, held or not, by cause; of one account, or of all."""
    found: dict[Cause, Found] = defaultdict(Found)
    for one in (await look(session, runtime, now, only)).decided:
        for cause in one.happens.causes:
            of_cause = found[cause]
            of_cause.who.add(one.person_id)
            of_cause.accounts.add(one.account_id)
    return found


STAGE = braking.stage("brake of the gates", KINDS, _found)


async def _left(session: Session, runtime: Runtime, now: datetime, only: Only | None) -> dict[Cause, Found]:
    """The same once the gate has been there: what was decided for it is of no use any more."""
    found = await _found(session, runtime, now, only)
    taken(runtime, now, only)
    return found


AT_THE_END = braking.at_the_end("gates let happen", KINDS, _left)
