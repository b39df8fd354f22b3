"""Keeping a piece of evidence about an account, and which one is its latest.

Every rule about evidence asks for the latest alone. Found by a mark, it costs one look into an index for an
account; found by comparing, every row that was ever kept is read each night (docs/benchmarks.md).
"""

from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col

from schemas.accounts import Account
from schemas.columns import table_of
from schemas.evidence import PageCheck, PrivacyReview, ProfileCheck
from tasks.store.session import Session


async def keep(session: Session, kind: type[PageCheck | PrivacyReview | ProfileCheck], **values: Any) -> None:
    """Add a piece of evidence about the account `account_id`; from now on it is the latest of its kind.

    Only within `Store.write()`. Two who keep something of one account take turns.
    """
    kept, account_id = table_of(kind), values["account_id"]
    await session.run(select(col(Account.id)).where(col(Account.id) == account_id).with_for_update())
    before = (kept.c.account_id == account_id) & kept.c.latest
    await session.run(update(kept).where(before).values(latest=False))
    await session.run(insert(kept).values(**values))
