"""A connection that was used a moment ago is used again without asking; one that is lost is not."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection

from tasks.store import Store, still_there


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with each question to the server whether it is there."""
    asked: list[int] = []
    ping = AsyncAdapt_asyncpg_connection.ping

    def counted(self: AsyncAdapt_asyncpg_connection) -> None:
        asked.append(1)
        ping(self)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(AsyncAdapt_asyncpg_connection, "ping", counted)
    return asked


async def _number(store: Store) -> int:
    """The process of the server that answers."""
    async with store.read() as session:
        found = await session.run(text("SELECT pg_backend_pid()"))
        return int(found.scalar_one())


async def test_one_that_was_just_used_is_not_asked(postgresql_store: Store, pings: list[int]) -> None:
    first = await _number(postgresql_store)
    assert [await _number(postgresql_store) for _ in range(3)] == [first] * 3
    assert pings == []


async def test_one_that_lay_idle_is_asked(
    postgresql_store: Store, pings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await _number(postgresql_store)
    monkeypatch.setattr(still_there, "GOOD_FOR", 0.0)
    assert await _number(postgresql_store) == first
    assert pings == [1]


async def test_those_that_a_server_has_ended_are_made_anew(postgresql_store: Store, pings: list[int]) -> None:
    store = postgresql_store
    ended = [asyncio.Event(), asyncio.Event()]
    async with store.read() as one, store.read() as other:
        for session, its in zip((one, other), ended, strict=True):
            raw = await (await session.connection()).get_raw_connection()
            assert raw.driver_connection is not None
            raw.driver_connection.add_termination_listener(lambda _, its=its: its.set())
    async with store.write(audited=False) as session:
        ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        await session.run(text(f"{ends} AND pid <> pg_backend_pid()"))
    await asyncio.wait({asyncio.ensure_future(one.wait()) for one in ended}, return_when="FIRST_COMPLETED")
    async with store.read() as one, store.read() as other:
        for session in (one, other):
            await session.run(text("SELECT 1"))
    assert pings == []
