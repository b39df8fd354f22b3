"""Accounts where something was not done lately, as candidates: the same for passwords and for lists."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, exists, func, select
from sqlmodel import col

from schemas.accounts import Account
from tasks.store.session import Session


def nothing_since(moments: Column[Any], moment: datetime) -> ColumnElement[bool]:
    """Whether an account became live before a moment, and has none of these since.

    To be joined with other conditions by AND alone: only then is it one join for PostgreSQL, and not a look
    for each account through all that was done lately.
    """
    since = func.coalesce(col(Account.live_since), col(Account.state_since))
    done = exists().where(moments.table.c.account_id == col(Account.id), moments >= moment)
    return and_(since < moment, ~done)


async def either(session: Session, *conditions: ColumnElement[bool]) -> dict[int, str]:
    """The accounts that meet one of the conditions, each asked by itself: their handles, by number."""
    found: dict[int, str] = {}
    for condition in conditions:
        rows = await session.run(select(col(Account.id), col(Account.handle)).where(condition))
        found.update((row.id, row.handle) for row in rows)
    return dict(sorted(found.items()))
