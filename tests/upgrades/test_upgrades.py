"""A store that an earlier revision's own code left is brought up to date, and goes on, on both databases."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from deployments import migrations
from policy.model import Policy
from schemas.states import AccessState, AccountState, RequestState
from tasks import clock
from tasks.store import Store, verifying
from tests.support.databases import Postgres, run_in_own_loop
from tests.support.world import CO, World

HERE = Path(__file__).parent
TEMPLATE = "steward_template"
REVISIONS = sorted(one.stem for one in HERE.glob("*.sql"))
#: What must stand as it stood: by a query that every revision understands.
STANDS = {
    "open items": "SELECT id, kind, control, person_id, role, subject_kind, subject_id, due_on, state "
    "FROM action_item WHERE state = 'open' ORDER BY id",
    "wake-ups": "SELECT id, event_id, lifecycle, state FROM wake ORDER BY id",
    "letters": "SELECT id, key, kind, person_id, state FROM notice ORDER BY id",
    "findings": "SELECT id, control, account_id, person_id, due_on FROM finding ORDER BY id",
    "accounts": "SELECT id, handle, state, version FROM account ORDER BY id",
    "accesses": "SELECT id, person_id, state FROM access ORDER BY id",
    "completions": "SELECT id, person_id, course, completed_on FROM completion ORDER BY id",
}


@pytest.fixture
def postgresql_url(postgres_server: Postgres) -> Iterator[str]:
    """A database of its own: what others left of theirs says nothing of its revision."""
    with postgres_server.database(TEMPLATE) as url:
        yield url


def statements(dump: str) -> Iterator[str]:
    """The statements of a dump: a text within one may hold semicolons and lines."""
    so_far = ""
    for line in dump.splitlines(keepends=True):
        so_far += line
        if sqlite3.complete_statement(so_far):
            yield so_far
            so_far = ""
    assert not so_far.strip()


def fill(connection: Connection, dump: str) -> None:
    """Put the rows in; on PostgreSQL let its counters go on after them."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TIME ZONE 'UTC'")  # moments stand in the dump in UTC
    for statement in statements(dump):
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "postgresql":
        for table in inspect(connection).get_table_names():
            if "id" in {one["name"] for one in inspect(connection).get_columns(table)}:
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
                )


def inside(url: str, work: Any, *more: Any) -> Any:
    async def run() -> Any:
        engine = create_async_engine(url)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work, *more)
        finally:
            await engine.dispose()

    return run_in_own_loop(run())


def standing(connection: Connection) -> dict[str, list[tuple[str, ...]]]:
    return {
        what: [tuple(map(str, row)) for row in connection.execute(text(query))]
        for what, query in STANDS.items()
    }


def counted(connection: Connection) -> dict[str, int]:
    """The rows of each table."""
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    return {
        name: int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())  # noqa: S608
        for name in names
    }


def head(connection: Connection) -> str:
    found = connection.execute(text("SELECT hash FROM audit_entry ORDER BY seq DESC LIMIT 1"))
    return str(found.scalar_one())


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_earlier_store_is_upgraded_and_goes_on(
    store_url: str, policy: Policy, now: datetime, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    later = now + timedelta(days=401)
    monkeypatch.setattr(clock, "now", lambda: later)
    await asyncio.to_thread(migrations.downgrade, store_url, revision)
    await asyncio.to_thread(inside, store_url, fill, (HERE / f"{revision}.sql").read_text())
    before = await asyncio.to_thread(inside, store_url, standing)
    kept = await asyncio.to_thread(inside, store_url, head)
    assert all(before.values()), "the dump is poor"
    rows = await asyncio.to_thread(inside, store_url, counted)
    assert revision != REVISIONS[-1] or all(rows.values()), "a table of the newest dump is empty"

    assert await asyncio.to_thread(migrations.upgrade, store_url) == migrations.newest()

    assert await asyncio.to_thread(inside, store_url, standing) == before
    after = await asyncio.to_thread(inside, store_url, counted)
    assert [name for name, count in rows.items() if after[name] < count] == []
    names = {one.name for one in policy.controls}
    assert {control for _, control, *_ in before["findings"]} <= names
    assert {row[2] for row in before["open items"]} <= names
    store = Store.open(store_url)
    try:
        await verifying.verify(store, kept=kept)
        world = World(store, policy, later)
        assert {"account-creation", "training-gate"} <= await world.woken()
        await world.decide(2, CO)
        await world.drain()
        assert await world.request(2) is RequestState.APPROVED
        assert [await world.account(one) for one in (1, 2)] == [AccountState.LIVE, AccountState.APPROVED]
        accesses = [
            (str(row["id"]), str(row["person_id"]), str(row["state"])) for row in await world.rows("access")
        ]
        assert sorted(accesses)[:2] == before["accesses"]
        assert [state for *_, state in sorted(accesses)[2:]] == [AccessState.WAITING] * 2
        await verifying.verify(store, kept=kept)
    finally:
        await store.close()


def test_the_dumps_are_of_different_revisions_and_one_is_old() -> None:
    assert REVISIONS[0] == "0010"
    assert len(REVISIONS) >= 4
