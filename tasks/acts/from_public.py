"""What somebody of the public hands in, whom nobody knows: it asks no right, and there is a limit to it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, select

from policy.model import Policy
from schemas.columns import table_of
from schemas.errors import NotNow
from schemas.forms import ActForm
from schemas.inventory import UnapprovedPage
from schemas.public import Correction
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.store import Store
from tasks.store.audit import Actor

#: Reports that the public may hand in within an hour, all together: each is a letter to somebody.
AN_HOUR = 20

F = TypeVar("F", bound=ActForm)


async def from_public(
    store: Store,
    policy: Policy,
    form: F,
    note: Callable[[ActContext, F], Awaitable[Receipt]],
    *,
    now: datetime,
) -> Receipt:
    """Note it in nobody's name, or nothing. Raises NotNow beyond the limit, and what `note` raises."""
    async with store.write() as session:
        since = now - timedelta(hours=1)
        lately = 0
        for table in (table_of(UnapprovedPage), table_of(Correction)):
            asked = select(func.count()).where(table.c.reported_by_id.is_(None), table.c.reported_at > since)
            lately += int((await session.run(asked)).scalar_one())
        if lately >= AN_HOUR:
            raise NotNow("Very much was reported within the hour: try again later, or call the office.")
        actor = Actor(None, Via.PORTAL)
        return await note(ActContext(session, policy, policy.calendar, actor, now), form)
