"""Stores that were made as rehearsals: only there may the clock be moved."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select

from schemas.columns import table_of
from schemas.errors import BadSettings, NotPrepared
from schemas.machinery import AuditEntry
from schemas.outcome import Subject
from schemas.words import SubjectKind
from tasks import clock
from tasks.store import audit
from tasks.store.audit import STEWARD
from tasks.store.engine import Store
from tasks.store.session import Session

MADE = "made as a rehearsal"


async def is_rehearsal(session: Session) -> bool:
    """Whether the first entry of the audit chain says so: no later one can."""
    entry = table_of(AuditEntry).c
    cause = await session.run(select(entry.cause).where(entry.seq == 1))
    return cause.scalar() == MADE


async def make_one(store: Store, now: datetime) -> None:
    """Make a store in which nothing was recorded yet a rehearsal, where the clock is moved."""
    if not clock.offset():
        return
    async with store.write() as session:
        if await audit.head(session) == audit.EMPTY:
            rule = Subject(SubjectKind.RULE, 0)
            await audit.append(session, rule, actor=STEWARD, control="", cause=MADE, now=now)


async def refuse_moved_clock(store: Store) -> None:
    """Raises BadSettings where the clock is moved and the store was not made as a rehearsal."""
    if not clock.offset() or store.is_missing:
        return
    with suppress(NotPrepared):
        async with store.read() as session:
            if not await is_rehearsal(session):
                raise BadSettings(
                    f"The setting {clock.OFFSET} moves the clock, and this store was not made as a "
                    "rehearsal: remove the setting, or rehearse in another STEWARD_DATA_DIR."
                )
