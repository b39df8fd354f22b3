"""Keeping a piece of evidence about an account, and which one is its latest.

Every rule about evidence asks for the latest alone. Found by a mark, it costs one look into an index for an
account; found by comparing, every row that was ever kept is read each night (docs/benchmarks.md).
"""

from typing import Any

from sqlalchemy import insert, update
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.columns import table_of
from schemas.evidence import PageCheck, PrivacyReview, ProfileCheck


async def keep(
    session: AsyncSession, kind: type[PageCheck | PrivacyReview | ProfileCheck], **values: Any
) -> None:
    """Add a piece of evidence about the account `account_id`; from now on it is the latest of its kind.

    Only within `Store.write()`: writers take turns, and a unique index refuses a second latest one.
    """
    connection, kept = await session.connection(), table_of(kind)
    before = (kept.c.account_id == values["account_id"]) & kept.c.latest
    await connection.execute(update(kept).where(before).values(latest=False))
    await connection.execute(insert(kept).values(**values))
