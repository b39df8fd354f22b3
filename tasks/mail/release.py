"""Letting parked notices leave after all, once a person has mended what kept them.

It has no entry in the audit chain: what a notice tells was audited when it came to be, nobody gains anything
by its leaving, and the notice itself keeps what became of it.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlmodel import col

from policy.calendar import Calendar
from policy.model import Policy
from schemas.errors import NotNow, Unknown
from schemas.events import EventKind
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.outcome import Emit, Outcome, Subject
from schemas.words import SubjectKind
from tasks.mail import outbox
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

log = structlog.get_logger(__name__)


async def release_parked(
    store: Store, policy: Policy, ids: Sequence[int] | None, *, now: datetime
) -> tuple[int, ...]:
    """Make parked notices pending again and wake the delivery; their numbers. `ids` None: every parked one.

    All of them or none. They leave as any notice does, within working hours where they are not urgent.
    Raises Unknown for a notice that is not there, NotNow for one that is not parked.
    """
    async with store.write() as session:
        asked = select(col(Notice.id), col(Notice.state), col(Notice.subject_kind), col(Notice.subject_id))
        wanted = col(Notice.state) == NoticeState.PARKED if ids is None else col(Notice.id).in_(ids)
        connection = await session.connection()
        found = (await connection.execute(asked.where(wanted).order_by(col(Notice.id)))).all()
        if missing := sorted(set(ids or ()) - {row.id for row in found}):
            raise Unknown(f"There is no notice {missing[0]}: `steward mail list` shows those in the outbox.")
        if other := [row for row in found if row.state is not NoticeState.PARKED]:
            raise NotNow(
                f"Notice {other[0].id} is '{other[0].state}': only parked ones are released, and none was."
            )
        if not found:
            return ()
        numbers = tuple(row.id for row in found)
        await outbox.release(session, numbers, now=now)
        subject = Subject(SubjectKind(found[0].subject_kind), found[0].subject_id)
        event = Outcome((Emit(EventKind.NOTICES_WAITING, subject),))
        await apply(session, event, actor=STEWARD, calendar=Calendar(policy), now=now)
    log.info("notices released", notices=list(numbers))
    return numbers
