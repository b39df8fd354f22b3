"""The policy that is used: the one adopted last; before the first adoption, the file of the settings."""

import asyncio
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy, parse, text_of
from schemas.adoption import PolicyAdoption
from schemas.columns import table_of
from schemas.errors import BadPolicy, NotPrepared, Unknown
from schemas.settings import Settings
from tasks.store.engine import Store


@dataclass(frozen=True)
class Adopted:
    """An adopted policy: its number, its text, and who adopted it when. `adopted_at` is an instant."""

    id: int
    version: str
    sha256: str
    content: str
    adopted_at: datetime
    adopted_by_id: int | None

    @property
    def called(self) -> Path:
        """What problems of its text are told of."""
        return Path(f"adopted policy {self.id}")

    @property
    def policy(self) -> Policy:
        """What the text says. Raises BadPolicy where this version of Steward can't read it any more."""
        return parse(self.content, self.called)


async def newest(session: AsyncSession) -> Adopted | None:
    """The policy that is used; None before the first adoption."""
    found = await _read(session, limit=1)
    return found[0] if found else None


async def every(session: AsyncSession) -> Sequence[Adopted]:
    """Every adopted policy, the newest first."""
    return await _read(session)


async def one(session: AsyncSession, which: str) -> Adopted:
    """An adopted policy by its number, or the newest of a version. Raises Unknown."""
    found = await every(session)
    for adopted in found:
        if which in {str(adopted.id), adopted.version}:
            return adopted
    raise Unknown(f"No policy {which} was adopted: `steward policy list` shows those that were.")


async def _read(session: AsyncSession, limit: int | None = None) -> Sequence[Adopted]:
    table = table_of(PolicyAdoption).c
    rows = await (await session.connection()).execute(
        select(table.id, table.version, table.sha256, table.content, table.adopted_at, table.adopted_by_id)
        .order_by(table.id.desc())
        .limit(limit)
    )
    return [Adopted(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


async def keep(
    session: AsyncSession, content: str, policy: Policy, *, by_id: int | None, now: datetime
) -> int:
    """Make this text the policy that is used; its number. Whoever calls has checked that it may be."""
    table = table_of(PolicyAdoption)
    made = await (await session.connection()).execute(
        insert(table)
        .values(
            document=policy.document.id,
            version=policy.document.version,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            content=content,
            adopted_at=now,
            adopted_by_id=by_id,
        )
        .returning(table.c.id)
    )
    return int(made.scalar_one())


async def text_in_use(store: Store, file: Path) -> tuple[str, Path]:
    """The text of the policy that is used, and what its problems are told of.

    The file of the settings where there is no store yet, or nothing was adopted in it. Raises BadPolicy for a
    file that can't be read, StoreUnavailable.
    """
    if not store.is_missing:
        with suppress(NotPrepared):
            async with store.read() as session:
                adopted = await newest(session)
            if adopted is not None:
                return adopted.content, adopted.called
    return text_of(file), file


async def in_use(store: Store, file: Path) -> Policy:
    """The policy that is used. Raises BadPolicy, StoreUnavailable."""
    text, path = await text_in_use(store, file)
    try:
        return parse(text, path)
    except BadPolicy as error:
        if path == file:
            raise
        raise BadPolicy(
            f"{error} This Steward can't read the policy that was adopted: use the version of Steward that "
            "adopted it, and adopt a file there that both can read."
        ) from None


def text_now(settings: Settings) -> tuple[str, Path]:
    """As `text_in_use`, for whoever has no event loop, or one that is busy."""

    async def work() -> tuple[str, Path]:
        store = Store.open(settings.store_url)
        try:
            return await text_in_use(store, settings.policy_file)
        finally:
            await store.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work()).result()
