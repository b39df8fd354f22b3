"""The looks at an account's page (8)."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.evidence import PageCheck


async def latest_look(session: AsyncSession, account_id: int) -> PageCheck | None:
    """The newest look at an account's page, by us or by somebody who attested it; None before the first."""
    found = await session.exec(
        select(PageCheck)
        .where(col(PageCheck.account_id) == account_id)
        .order_by(col(PageCheck.id).desc())
        .limit(1)
    )
    return found.first()
