"""A statement of SQLite and its rows are one turn of its thread; what comes back is as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
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
from tests.support.quick_store import open_durable

THREE = [
    {"source_id": f"s{one}", "name": f"School {one}", "is_division": False, "active": True}
    for one in (1, 2, 3)
]


@contextmanager
def turns() -> Iterator[list[str]]:
    """What threads of connections are asked for meanwhile: the first words of statements, and names."""
    seen: list[str] = []
    before = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, what: Any, *values: Any, **more: Any) -> Any:
        name = getattr(what, "__name__", "")
        seen.append(" ".join(str(values[1]).split()[:2]) if name == "_used_up" else name)
        return await before(self, what, *values, **more)  # type: ignore[no-untyped-call]

    with patch.object(aiosqlite.Connection, "_execute", counted):
        yield seen


async def test_a_statement_with_its_rows_takes_one_turn(sqlite_url: str) -> None:
    store = open_durable(sqlite_url)
    with turns() as seen:
        async with store.read() as session:
            await session.connection()
            seen.clear()
            for _ in range(3):
                await session.rows(select(col(School.id)))
            assert len(seen) == 3
    await store.close()


async def test_stores_of_the_tests_take_turns_only_where_somebody_may_have_to_wait(
    sqlite_store: Store,
) -> None:
    """For the lock of who writes, for its end, and for the first lock of who reads."""
    schools = select(col(School.id))
    with turns() as seen:
        async with sqlite_store.write(audited=False) as session:
            assert [one for one in seen if one != "PRAGMA"][-1] == "BEGIN IMMEDIATE"
            seen.clear()
            await session.run(insert(table_of(School)), THREE)
            assert len(await session.rows(schools)) == len(THREE)
        assert seen == ["commit"]
        seen.clear()
        async with sqlite_store.read() as session:
            for _ in range(3):
                assert len(await session.rows(schools)) == len(THREE)
            await session.run(text("PRAGMA user_version"))
        assert seen == ["SELECT school.id", "PRAGMA user_version"]


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
            await session.run(text("SELECT * FROM nowhere"))
