"""What every import of a file has in common: the same bytes once, and a dry run that tries everything."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, col

from schemas.columns import table_of
from schemas.gates import ImportRun, Remembered
from tasks.store import Store
from tasks.store.session import Session
from tasks.store.upsert import insert_once

#: Rows of one statement; both databases limit how many parameters it may have.
AT_ONCE = 1000

#: What is remembered of mail domains: their people are none of ours, and why.
STRANGERS = "strangers"


class _RolledBack(Exception):
    """Raised to end a dry run: everything was tried, and nothing is kept."""


@asynccontextmanager
async def trial(store: Store, *, dry_run: bool) -> AsyncIterator[Session]:
    """`Store.write()`; a dry run does all of it too, and keeps nothing."""
    with suppress(_RolledBack):
        async with store.write() as session:
            yield session
            if dry_run:
                raise _RolledBack


async def taken_in_before(session: Session, kind: str, sha256: str) -> ImportRun | None:
    """The import of the very same bytes, if there was one."""
    row = (
        await session.run(
            select(table_of(ImportRun)).where(col(ImportRun.kind) == kind, col(ImportRun.sha256) == sha256)
        )
    ).first()
    return ImportRun(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name for it


async def open_run(session: Session, kind: str, sha256: str, rows: int, now: datetime) -> int:
    """Note that a file is taken in; its number."""
    run = table_of(ImportRun)
    made = await session.run(
        insert(run)
        .values(kind=kind, sha256=sha256, rows=rows, changed=0, unmatched=0, imported_at=now)
        .returning(run.c.id)
    )
    return int(made.scalar_one())


async def close_run(session: Session, import_id: int, *, changed: int, unmatched: int = 0) -> None:
    """Note how much it changed."""
    await session.run(
        update(ImportRun).where(col(ImportRun.id) == import_id).values(changed=changed, unmatched=unmatched)
    )


async def insert_new(
    session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], *, unique: Sequence[str]
) -> None:
    """Insert those of the rows that are not there yet, by their unique columns; in bulk."""
    connection = await session.connection()
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table_of(model)).on_conflict_do_nothing(index_elements=list(unique))
    for start in range(0, len(rows), AT_ONCE):
        await connection.execute(statement, list(rows[start : start + AT_ONCE]))


async def remembered(session: Session, kind: str, key: str) -> str | None:
    """What somebody said once about files like this; None when nobody did."""
    its = col(Remembered.kind) == kind, col(Remembered.key) == key
    found = (await session.run(select(col(Remembered.value)).where(*its))).first()
    return found.value if found else None


async def remember(session: Session, kind: str, key: str, value: str, *, by_id: int, now: datetime) -> None:
    """Keep what somebody says about files like this; the latest word stands."""
    table = table_of(Remembered)
    said = {"value": value, "said_by_id": by_id, "said_at": now}
    if not await insert_once(session, table, {"kind": kind, "key": key, **said}, unique=["kind", "key"]):
        await session.run(update(table).where(table.c.kind == kind, table.c.key == key).values(**said))


async def all_remembered(session: Session, kind: str) -> frozenset[str]:
    """The keys of everything of a kind that somebody said."""
    found = await session.run(select(col(Remembered.key)).where(col(Remembered.kind) == kind))
    return frozenset(found.scalars())
