"""What the mail does in a story where no mail server stands."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.notices import NoticeState
from tasks.store import Store


async def leave(store: Store, at: datetime) -> None:
    """A mail server has taken everything that waited at `at`."""
    async with store.write(audited=False) as session:
        await (await session.connection()).execute(
            update(table_of(Notice))
            .where(col(Notice.sent_at).is_(None))
            .values(sent_at=at, state=NoticeState.SENT)
        )
