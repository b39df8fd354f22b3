"""Opening the store: one transaction or nothing, plain sentences, no values in errors; on both databases."""

import asyncio
import contextlib
import sqlite3
import traceback
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import col

from deployments.sample.words import RoleKind
from schemas.errors import StoreUnavailable
from schemas.people import Person, Role, School
from tasks.store import Store, audit, verifying
from tasks.store.engine import journal_mode
from tasks.store.session import Session
from tests.store.subjects import a_person, a_school, actor, add, an_account, entries
from tests.support.quick_store import open_durable


async def count(session: Session, table: type[Any]) -> int:
    return int((await session.run(select(func.count()).select_from(table))).scalar_one())


def on_connect(store: Store, pragma: str) -> None:
    """Set a pragma on every connection that the store opens from now on."""

    @event.listens_for(store._engine.sync_engine, "connect")
    def _(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 7, 0), "DELETE"),
        ((3, 40, 1), "DELETE"),
        ((3, 51, 2), "DELETE"),
        ((3, 51, 3), "WAL"),
        ((3, 52, 0), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_wal_only_where_its_reset_bug_is_mended(version: tuple[int, ...], mode: str) -> None:
    assert journal_mode(version) == mode


async def test_sqlite_is_durable_checked_and_patient(sqlite_url: str) -> None:
    store = open_durable(sqlite_url)
    async with store.read() as session:

        async def pragma(name: str) -> Any:
            return (await session.run(text(f"PRAGMA {name}"))).scalar_one()

        assert await pragma("synchronous") == 2  # FULL
        assert await pragma("foreign_keys") == 1
        assert await pragma("busy_timeout") == 30_000
        assert str(await pragma("journal_mode")).upper() == journal_mode(sqlite3.sqlite_version_info)
    await store.close()


async def test_foreign_keys_are_held(store: Store, now: datetime) -> None:
    with pytest.raises(IntegrityError):
        async with store.write() as session:
            await add(
                session, Role, person_id=99, kind=RoleKind.SUPERINTENDENT, starts_on=now.date(), source=""
            )


async def test_a_block_that_fails_keeps_nothing(store: Store, now: datetime) -> None:
    async def fail() -> None:
        async with store.write() as session:
            await an_account(session, await a_person(session), now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.read() as session:
        assert await count(session, Person) == 0
        assert await entries(session) == []


async def test_a_block_that_is_cancelled_keeps_nothing_and_leaves_no_lock(
    store: Store, now: datetime
) -> None:
    written = asyncio.Event()

    async def slow() -> None:
        async with store.write() as session:
            await an_account(session, await a_person(session), now)
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(slow())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.write() as session:
        await an_account(session, await a_person(session), now)
    async with store.read() as session:
        assert await count(session, Person) == 1
        assert len(await entries(session)) == 1


async def test_what_is_written_in_a_reading_session_is_not_kept(store: Store) -> None:
    with contextlib.suppress(StoreUnavailable):  # PostgreSQL says so
        async with store.read() as session:
            await a_school(session)
    async with store.read() as session:
        assert await count(session, School) == 0


async def test_postgresql_refuses_to_write_in_a_reading_session(postgresql_store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        async with postgresql_store.read() as session:
            await a_school(session)


async def test_postgresql_counts_again_what_has_changed_by_more_than_a_little(
    postgresql_store: Store,
) -> None:
    async def counted() -> dict[str, datetime]:
        await postgresql_store.count_anew()
        async with postgresql_store.read() as session:
            moment = "greatest(last_analyze, last_autoanalyze)"  # PostgreSQL may have been first
            asked = text(f"SELECT relname, {moment} FROM pg_stat_user_tables")  # noqa: S608
            return {row[0]: row[1] for row in await session.run(asked)}

    first = await counted()
    assert None not in first.values()
    async with postgresql_store.write() as session:
        await a_person(session)
        for number in range(150):
            await a_school(session, number)
        # else a session says what it changed once in a while
        await session.run(text("SELECT pg_stat_force_next_flush()"))
    changed = {name for name, moment in (await counted()).items() if moment != first[name]}
    assert "school" in changed
    assert "person" not in changed


async def test_a_reader_sees_one_moment(postgresql_store: Store) -> None:
    """On SQLite a reader keeps writers from committing meanwhile, which is the same from its side."""
    async with postgresql_store.read() as session:
        assert await count(session, School) == 0
        async with postgresql_store.write() as other:
            await a_school(other)
        assert await count(session, School) == 0
    async with postgresql_store.read() as session:
        assert await count(session, School) == 1


async def test_the_chain_is_not_written_from_an_unaudited_transaction(store: Store, now: datetime) -> None:
    with pytest.raises(RuntimeError, match="audited=True"):
        async with store.write(audited=False) as session:
            await an_account(session, await a_person(session), now)
    async with store.read() as session:
        assert await entries(session) == []


CANARY = "canary.surname@example.org"


async def test_an_error_carries_no_names(store: Store) -> None:
    """Neither its text nor its causes, which a traceback prints, nor what a log of them would."""
    values = {
        "given_name": CANARY,
        "family_name": CANARY,
        "kind": "staff",
        "position": CANARY,
        "active": True,
    }
    async with store.write() as session:
        await add(session, Person, email=CANARY, **values)
    with pytest.raises(IntegrityError) as clash:
        async with store.write() as session:
            await add(session, Person, email=CANARY, **values)
    assert "canary" not in "".join(traceback.format_exception(clash.value))
    assert "email" in str(clash.value)  # but what clashed is said


async def test_a_value_of_the_wrong_type_is_not_quoted(postgresql_store: Store) -> None:
    with pytest.raises(SQLAlchemyError, match="invalid input") as refused:
        async with postgresql_store.read() as session:
            await session.run(text("SELECT name FROM school WHERE id = :id"), {"id": CANARY})
    assert CANARY not in "".join(traceback.format_exception(refused.value))


async def test_a_text_that_is_too_long_is_a_defect_and_not_told_as_try_again(
    postgresql_store: Store,
) -> None:
    with pytest.raises(SQLAlchemyError, match="too long"):
        async with postgresql_store.write() as session:
            await add(session, School, source_id="1", name=CANARY * 20, is_division=False, active=True)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////nowhere/at/all/steward.db",
        "postgresql+asyncpg://steward:canary@/steward?host=/nowhere/at/all",
        "postgresql+asyncpg://steward:canary@127.0.0.1:1/steward",
    ],
)
async def test_a_store_that_is_not_there_is_one_sentence(url: str) -> None:
    store = Store.open(url)
    try:
        for session in (store.read(), store.write()):
            with pytest.raises(StoreUnavailable, match="nothing was kept, try again") as refused:
                async with session as opened:
                    await count(opened, School)
            assert "canary" not in str(refused.value)
    finally:
        await store.close()


async def test_a_store_without_tables_says_what_prepares_it(bare_url: str) -> None:
    store = Store.open(bare_url)
    try:
        with pytest.raises(StoreUnavailable, match="no tables yet: run `make up`"):
            async with store.read() as session:
                await count(session, School)
    finally:
        await store.close()


async def test_a_store_that_stays_locked_says_so_and_works_again(sqlite_url: str, now: datetime) -> None:
    holder, store = Store.open(sqlite_url), Store.open(sqlite_url)
    on_connect(store, "busy_timeout=20")
    try:
        async with holder.write() as session:
            await a_school(session)
            with pytest.raises(StoreUnavailable, match="database is locked"):
                async with store.write() as refused:
                    await a_school(refused, 2)
        async with store.write() as session:
            await a_school(session, 3)
            await an_account(session, await a_person(session), now)
        async with store.read() as session:
            assert await count(session, School) == 2
    finally:
        await store.close()
        await holder.close()


async def test_sqlite_full_keeps_what_it_acknowledged_and_goes_on(sqlite_url: str, now: datetime) -> None:
    """The disk is full, and has room again: nothing acknowledged is lost, nothing refused is half there."""

    async def hand_in(store: Store, numbers: range) -> set[int]:
        acknowledged = set()
        for number in numbers:
            try:
                async with store.write() as session:
                    person = await a_person(session, number)
                    subject = await an_account(session, person, now, handle=f"account{number}")
                    await audit.append(
                        session,
                        subject,
                        actor=actor(person),
                        control="approval",
                        cause="evidence",
                        now=now,
                        body={"codes": ["x" * 40] * 100},
                    )
            except StoreUnavailable as refused:
                assert "database or disk is full" in str(refused)  # noqa: PT017 - most are not refused
            else:
                acknowledged.add(number)
        return acknowledged

    full = Store.open(sqlite_url)
    async with full.read() as session:
        pages = (await session.run(text("PRAGMA page_count"))).scalar_one()
    await full.close()
    full = Store.open(sqlite_url)
    on_connect(full, f"max_page_count={pages + 40}")
    before = await hand_in(full, range(1, 60))
    assert 5 < len(before) < 55, "the store was to become full half way"
    await full.close()

    roomy = Store.open(sqlite_url)
    try:
        after = await hand_in(roomy, range(100, 110))
        assert after == set(range(100, 110))
        async with roomy.read() as session:
            people = (await session.run(select(col(Person.email)))).scalars()
            assert set(people) == {f"robin{number}@example.org" for number in before | after}
            assert len(await entries(session)) == 2 * len(before | after)
            broken = (await session.run(text("PRAGMA integrity_check"))).scalars()
            assert list(broken) == ["ok"]
        await verifying.verify(roomy)
    finally:
        await roomy.close()
