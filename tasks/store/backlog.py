"""How much waits in the two outboxes, as numbers for whoever watches the service. Nothing of any person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from schemas.columns import table_of
from schemas.events import WakeState
from schemas.machinery import Event, Notice, Wake
from schemas.notices import NoticeState
from tasks.store.session import Session

_NOTICES = (NoticeState.PENDING, NoticeState.SENDING, NoticeState.PARKED)
_WAKES = (WakeState.PENDING, WakeState.ASKED, WakeState.TAKEN)


@dataclass(frozen=True)
class Backlog:
    """Letters and wake-ups by state, and how long the oldest is due. 0 seconds: none is."""

    notices: Mapping[str, int]
    wakes: Mapping[str, int]
    notice_due_seconds: float
    wake_due_seconds: float


async def backlog(session: Session, now: datetime) -> Backlog:
    """What has not left at `now`, an instant: letters by mail, and wake-ups that no run of Prefect has done.

    A letter that may leave later only, or that somebody must look at, is not due.
    """
    connection = await session.connection()
    notice, wake, event = table_of(Notice), table_of(Wake), table_of(Event)
    notices = await connection.execute(
        select(notice.c.state, func.count()).where(notice.c.state.in_(_NOTICES)).group_by(notice.c.state)
    )
    wakes = await connection.execute(
        select(wake.c.state, func.count()).where(wake.c.state.in_(_WAKES)).group_by(wake.c.state)
    )
    letter = await connection.scalar(
        select(notice.c.not_before)
        .where(notice.c.state == NoticeState.PENDING, notice.c.not_before <= now)
        .order_by(notice.c.not_before)
        .limit(1)
    )
    woken = await connection.scalar(
        select(event.c.occurred_at)
        .join(wake, wake.c.event_id == event.c.id)
        .where(wake.c.state == WakeState.PENDING)
        .order_by(col(Wake.id))
        .limit(1)
    )
    return Backlog(
        {one.value: 0 for one in _NOTICES} | {str(state): count for state, count in notices},
        {one.value: 0 for one in _WAKES} | {str(state): count for state, count in wakes},
        *(max((now - since).total_seconds(), 0.0) if since else 0.0 for since in (letter, woken)),
    )
