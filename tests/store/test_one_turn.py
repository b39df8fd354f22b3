"""A statement of SQLite and its rows are one turn of its thread; what comes back is as it was."""

from typing import Any
from unittest.mock import patch

import aiosqlite
import pytest
from sqlalchemy import insert, select, text, update
from sqlmodel import col

from schemas.columns import table_of
from schemas.errors import StewardError
from schemas.people import School
from tasks.store import Store

THREE = [
    {"source_id": f"s{one}", "name": f"School {one}", "is_division": False, "active": True}
    for one in (1, 2, 3)
]


async def test_a_statement_with_its_rows_takes_one_turn(sqlite_store: Store) -> None:
    turns: list[str] = []
    before = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, what: Any, *values: Any, **more: Any) -> Any:
        turns.append(getattr(what, "__name__", ""))
        return await before(self, what, *values, **more)  # type: ignore[no-untyped-call]

    with patch.object(aiosqlite.Connection, "_execute", counted):
        async with sqlite_store.read() as session:
            connection = await session.connection()
            turns.clear()
            for _ in range(3):
                (await connection.execute(select(col(School.id)))).all()
            assert len(turns) == 3


async def test_it_gives_what_the_other_cursor_gave(sqlite_store: Store) -> None:
    async with sqlite_store.write(audited=False) as session:
        connection = await session.connection()
        await connection.execute(insert(table_of(School)), THREE)
        made = await connection.execute(
            insert(table_of(School)).values({**THREE[0], "source_id": "s4"}).returning(col(School.id))
        )
        number = made.scalar_one()
        changed = await connection.execute(
            update(table_of(School)).values(name="New").where(col(School.id) == number)
        )
        assert changed.rowcount == 1
        rows = (
            await connection.execute(select(col(School.source_id)).where(col(School.name) != "New"))
        ).scalars()
        assert {"s1", "s2", "s3"} <= set(rows)
        async with connection.stream(select(col(School.id)).limit(2)) as streamed:
            assert len([row async for row in streamed]) == 2
    with pytest.raises(StewardError):
        async with sqlite_store.read() as session:
            await (await session.connection()).execute(text("SELECT * FROM nowhere"))
