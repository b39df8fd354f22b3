"""What has not left the outbox, for people who look."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.people import Person
from tasks.store.session import Session

_WAITING = (NoticeState.PENDING, NoticeState.SENDING, NoticeState.PARKED)


@dataclass(frozen=True)
class WaitingNotice:
    """A notice that has not left. It leaves at `not_before` at the earliest; `last_error` is a code."""

    notice: int
    person: int
    to: str
    kind: str
    urgency: str
    state: str
    not_before: datetime
    attempts: int
    last_error: str | None


def as_waiting(notice: Notice, to: str) -> WaitingNotice:
    """A row of the outbox as people read of it; `to` is its reader's address."""
    return WaitingNotice(
        *(notice.id or 0, notice.person_id, to, notice.kind.replace("_", " "), str(notice.urgency)),
        *(str(notice.state), notice.not_before, notice.attempts, notice.last_error),
    )


@lru_cache(maxsize=16)  # by what our own pages and commands ask for
def _asked(states: tuple[NoticeState, ...], at_most: int | None) -> Select[*tuple[Any, ...]]:
    """The select of those in these states, made once, since it takes its time."""
    return (
        select(
            *(col(Notice.id).label("notice"), col(Notice.person_id).label("person")),
            *(col(Person.email).label("to"), func.replace(col(Notice.kind), "_", " ").label("kind")),
            *(col(Notice.urgency), col(Notice.state), col(Notice.not_before)),
            *(col(Notice.attempts), col(Notice.last_error)),
        )
        .join(Person, col(Person.id) == col(Notice.person_id))
        .where(col(Notice.state).in_(states))
        .order_by(col(Notice.not_before), col(Notice.id))
        .limit(at_most)
    )


async def waiting_notices(
    session: Session,
    to: str | None = None,
    *,
    state: NoticeState | None = None,
    at_most: int | None = None,
) -> tuple[WaitingNotice, ...]:
    """Every notice that has not left, the next to leave first; to addresses with this part, in this state."""
    asked = _asked(_WAITING if state is None else (state,), at_most)
    if to is not None:
        asked = asked.where(col(Person.email).contains(to.lower(), autoescape=True))
    rows = await session.run(asked)
    return tuple(WaitingNotice(**row) for row in rows.mappings())
