"""The migrations, up, down and up again, on both databases."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from deployments import migrations
from deployments.migrations import make
from schemas.columns import table_of
from schemas.errors import ChainBroken, StoreUnavailable
from schemas.evidence import PageCheck, PrivacyReview
from schemas.machinery import AuditEntry, Notice
from schemas.outcome import Subject
from schemas.people import Role
from schemas.tables import metadata
from schemas.words import SubjectKind
from tasks import clock
from tasks.store import Store, audit, verifying
from tasks.store.as_found import AS_FOUND
from tasks.store.audit import STEWARD
from tasks.store.evidence import keep
from tests.factories.division import a_check, a_person, a_review, a_role, a_school, an_account, put
from tests.support import forks
from tests.support.databases import SHAPE, run_in_own_loop
from tests.support.remembered_tables import remembering
from tests.support.store_of_before import fill, fill_twins

T = TypeVar("T")
OURS = set(metadata.tables)


@pytest.fixture(autouse=True)
def _step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here each store walks through all revisions, as one of a division does."""
    monkeypatch.setattr(migrations, "command", command)


def inside(url: str, work: Callable[[Connection], T]) -> T:
    """Run `work` in a transaction of its own and keep what it does."""

    async def run() -> T:
        engine = create_async_engine(url)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    return run_in_own_loop(run())


def do(url: str, statement: str) -> None:
    inside(url, lambda connection: connection.execute(text(statement)) and None)


def tables(url: str) -> set[str]:
    return inside(url, lambda connection: set(inspect(connection).get_table_names()))


def differences(url: str) -> list[Any]:
    """What a migration would have to change to make the database fit the tables of the code."""
    return inside(url, lambda connection: compare_metadata(MigrationContext.configure(connection), metadata))


def test_up_from_nothing_down_to_nothing_and_up_again(bare_url: str) -> None:
    assert migrations.current(bare_url) is None
    assert migrations.upgrade(bare_url) == migrations.newest()
    assert tables(bare_url) - {"alembic_version"} == OURS
    migrations.downgrade(bare_url)
    assert tables(bare_url) == {"alembic_version"}
    assert migrations.current(bare_url) is None
    migrations.upgrade(bare_url)
    assert migrations.current(bare_url) == migrations.newest()
    assert tables(bare_url) - {"alembic_version"} == OURS


def test_remembered_tables_are_those_that_the_revisions_make(bare_url: str, database: str) -> None:
    """So that a test may begin with them: see tests/support/remembered_tables.py."""

    def shape(connection: Connection) -> Any:
        if database == "postgresql":
            return connection.execute(text(SHAPE)).scalar_one()
        every = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master")).all()
        # Alembic writes the constraints of a table that is made anew in no order of its own
        return sorted(
            (*row[:3], *sorted(line.strip(" \t,") for line in (row[3] or "").split("\n"))) for row in every
        )

    def emptied(connection: Connection) -> None:
        connection.exec_driver_sql("DROP TABLE alembic_version")

    migrations.upgrade(bare_url)
    made = inside(bare_url, shape)
    assert "person" in tables(bare_url)
    for _ in ("noted", "done as before"):
        migrations.downgrade(bare_url)
        inside(bare_url, emptied)
        with remembering():
            assert migrations.upgrade(bare_url) == migrations.newest()
        assert inside(bare_url, shape) == made
    assert migrations.current(bare_url) == migrations.newest()


def test_the_migrations_make_exactly_the_tables_of_the_code(store_url: str) -> None:
    assert differences(store_url) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE person ADD COLUMN nickname VARCHAR",
        "ALTER TABLE account DROP COLUMN purpose",
        "DROP INDEX ix_notice_due",
        "DROP INDEX uq_finding_open",
        "CREATE TABLE stray (id INTEGER PRIMARY KEY)",
    ],
)
def test_a_difference_would_be_seen(sqlite_url: str, change: str) -> None:
    do(sqlite_url, change)
    assert differences(sqlite_url) != []


def test_partial_indexes_keep_their_condition(store_url: str, database: str) -> None:
    """Alembic's comparison does not look at the condition of an index."""

    def conditions(connection: Connection) -> dict[str, tuple[str, bool]]:
        found: dict[str, tuple[str, bool]] = {}
        for table in OURS:
            for index in inspect(connection).get_indexes(table):
                where = index.get("dialect_options", {}).get(f"{database}_where")
                if where is not None and index["name"] is not None:
                    found[index["name"]] = (str(where), bool(index["unique"]))
        return found

    found = inside(store_url, conditions)
    assert {name: unique for name, (_, unique) in found.items()} == {
        "uq_account_handle_in_use": True,
        "uq_account_page_in_use": True,
        "uq_account_platform_id_in_use": True,
        "uq_brake_open": True,
        "uq_finding_open": True,
        "uq_suspension_open": True,
        "ix_wake_open": False,
        "ix_action_item_role": False,
        "ix_enquiry_waiting": False,
        "uq_page_check_latest": True,
        "uq_privacy_review_latest": True,
        "uq_profile_check_latest": True,
    }
    assert all(word in found["uq_account_handle_in_use"][0] for word in ("state", "closed", "withdrawn"))
    assert "resolved_at IS NULL" in found["uq_finding_open"][0]
    assert "ended_at IS NULL" in found["ix_enquiry_waiting"][0]
    assert "done" in found["ix_wake_open"][0]
    assert "IS NOT NULL" in found["ix_action_item_role"][0]


def test_nothing_waits_to_be_written_into_a_revision() -> None:
    """Else: `python -m deployments.migrations.make "what it brings"`."""
    assert make.next_revision("nothing") is None


async def test_evidence_from_before_is_marked_and_a_second_latest_is_refused(
    store: Store, store_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)
    async with store.write() as session:
        await put(
            session,
            *(a_person(1), a_school(1), an_account(1), an_account(2)),
            *(a_review(number, now) for number in (1, 1, 2, 1)),
            *(a_check(number, now) for number in (2, 1)),
        )
    await store.close()
    await asyncio.to_thread(migrations.downgrade, store_url, "0007")
    await asyncio.to_thread(migrations.upgrade, store_url)
    review = table_of(PrivacyReview).c
    async with store.read() as session:
        marked = (await session.run(select(review.id).where(review.latest))).scalars().all()
        looks = (await session.run(select(table_of(PageCheck).c.latest))).scalars().all()
    assert sorted(marked) == [3, 4]
    assert looks == [True, True]
    with pytest.raises(IntegrityError):
        async with store.write() as session:
            session.add(a_review(2, now))
    async with store.write() as session:
        values = a_review(2, now).model_dump(exclude={"id"})
        await keep(session, PrivacyReview, **values)
    async with store.read() as session:
        marked = (await session.run(select(review.id).where(review.latest))).scalars().all()
    assert len(marked) == 2
    assert 3 not in marked


async def test_offices_that_were_ended_before_are_known_and_the_chain_stays_whole(
    store: Store, store_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a store at 0049 has them: what the migration writes into sealed rows is sealed anew."""
    monkeypatch.setattr(clock, "now", lambda: now)
    last = now.date()
    async with store.write() as session:
        ended = a_role(1, ends_on=last)
        await put(session, a_person(1), a_school(1), ended, a_role(1, ends_on=last))
        body = {"role": ended.id, "last day": last.isoformat(), "at once": True}
        of = Subject(SubjectKind.PERSON, 1)
        await audit.append(session, of, actor=STEWARD, control="", cause="office ended", now=now, body=body)
    await store.close()
    await asyncio.to_thread(migrations.downgrade, store_url, "0049")
    await asyncio.to_thread(migrations.upgrade, store_url)

    role = table_of(Role).c
    async with store.read() as session:
        rows = await session.run(select(role.said_last).order_by(role.id))
        assert list(rows.scalars()) == [last, None]
    await verifying.verify(store)


def test_a_revision_that_changes_rows_says_what_is_to_be_sealed() -> None:
    """Without it, verifying would tell after the upgrade that another hand had changed them."""
    changing = re.compile(
        r"\.update\(|\.delete\(|\.insert\(|bulk_insert|op\.execute|\bUPDATE |\bDELETE FROM "
    )
    files = sorted((migrations.HERE / "versions").glob("0*.py"))
    since_sealed = [one for one in files if one.name[:4] > "0020"]  # rows are sealed since then
    assert since_sealed
    silent = [
        one.name
        for one in since_sealed
        if changing.search(text_of := one.read_text(encoding="utf-8")) and "\nSEALS = " not in text_of
    ]
    assert silent == []


async def test_clause_numbers_of_an_existing_store_become_names_of_controls(
    store: Store, store_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a store at 0009 has them: entries sealed with their clause, and all that names one."""
    monkeypatch.setattr(clock, "now", lambda: now)
    await store.close()
    await asyncio.to_thread(migrations.downgrade, store_url, "0009")
    sealed = await asyncio.to_thread(inside, store_url, fill)
    await asyncio.to_thread(migrations.upgrade, store_url)
    head = await verifying.verify(store, kept=sealed)
    async with store.read() as session:
        found = table_of(AuditEntry).c
        added = select(found.cause, found.records).where(found.seq > 2).order_by(found.seq)
        standing = await session.rows(added)
    assert {row.cause for row in standing} == {AS_FOUND}
    assert [name for row in standing for name in row.records] == [
        *("access", "account", "finding", "person", "school", "suspension"),
    ]
    assert len({len(row.records) for row in standing}) == 1
    async with store.write() as session:
        await audit.append(
            session, Subject(SubjectKind.SCHOOL, 1), actor=STEWARD, control="approval", cause="c", now=now
        )
    assert (await verifying.verify(store)).seq == head.seq + 1
    async with store.read() as session:
        columns: dict[str, list[Any]] = {}
        for what in ("finding.control", "action_item.control", "suspension.control", "access.suspended_for"):
            table, column = what.split(".")
            rows = await session.run(text(f"SELECT {column} FROM {table} ORDER BY id"))  # noqa: S608 - ours
            columns[what] = list(rows.scalars())
        entries = await session.rows(
            select(found.control, found.clause).where(found.cause != AS_FOUND).order_by(found.seq)
        )
        facts = (await session.run(select(table_of(Notice).c.facts))).scalars().all()
    assert columns == {
        "finding.control": [
            *("privacy-course", "classroom-privacy-course"),
            *("password-change", "administrator-list-review", "notice-on-page"),
        ],
        "action_item.control": [
            *("classroom-privacy-course", "administrator-list-review", "password-change", "approval"),
        ],
        "suspension.control": ["compliance"],
        "access.suspended_for": ["guidelines", "classroom-privacy-course"],
    }
    assert [tuple(row) for row in entries] == [
        ("school-administrators", "5.4"),
        ("administrator-list-review", "11"),
        ("approval", None),
    ]
    assert facts == [
        {
            "controls": [{"control": "notice-on-page", "violated": 1, "new": 1, "mended": 0}],
            "ever": {"notice-on-page": {"opened": 1, "mended": 0}},
        }
    ]
    async with store.write() as session:
        await session.run(text("UPDATE audit_entry SET clause = '5' WHERE seq = 3"))
    with pytest.raises(ChainBroken):
        await verifying.verify(store)


def test_going_up_twice_changes_nothing(store_url: str) -> None:
    do(
        store_url,
        "INSERT INTO school (source_id, name, is_division, active) VALUES ('1', 'Lake', false, true)",
    )
    migrations.upgrade(store_url)
    names = inside(
        store_url, lambda connection: connection.execute(text("SELECT name FROM school")).scalars().all()
    )
    assert names == ["Lake"]


@pytest.mark.parametrize(
    "call",
    [migrations.upgrade, migrations.downgrade, migrations.require_newest],
    ids=lambda call: call.__name__,
)
def test_a_store_of_a_newer_steward_is_refused(store_url: str, call: Callable[[str], object]) -> None:
    do(store_url, "UPDATE alembic_version SET version_num = '2031'")
    with pytest.raises(migrations.StoreIsNewer, match="revision 2031, which only a newer Steward knows"):
        call(store_url)
    assert tables(store_url) - {"alembic_version"} == OURS
    do(store_url, f"UPDATE alembic_version SET version_num = '{migrations.newest()}'")  # noqa: S608 - for the next


def test_a_store_without_tables_is_told_from_one_that_fits(bare_url: str) -> None:
    with pytest.raises(migrations.StoreNotPrepared, match="no tables yet"):
        migrations.require_newest(bare_url)
    migrations.upgrade(bare_url)
    migrations.require_newest(bare_url)


def test_a_migration_that_fails_leaves_nothing_behind(bare_url: str) -> None:
    do(bare_url, "CREATE TABLE wake (id INTEGER PRIMARY KEY)")
    with pytest.raises(StoreUnavailable, match="already exists"):
        migrations.upgrade(bare_url)
    assert tables(bare_url) == {"wake"}
    do(bare_url, "DROP TABLE wake")
    migrations.upgrade(bare_url)
    assert differences(bare_url) == []


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////nowhere/at/all/steward.db",
        "postgresql+asyncpg://steward:canary@/steward?host=/nowhere/at/all",
        "postgresql+asyncpg://steward:canary@127.0.0.1:1/steward",
    ],
)
def test_a_store_that_is_not_there_is_one_sentence_without_its_password(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="check STEWARD_DATABASE_URL") as refused:
        migrations.upgrade(url)
    assert "canary" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "steward.db"
    file.write_bytes(b"something else " * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        migrations.upgrade(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == b"something else " * 100


def go_up(url: str, together: Barrier) -> None:
    together.wait()
    migrations.upgrade(url)


def test_four_processes_at_once_migrate_once(bare_url: str) -> None:
    together = forks.FORKS.Barrier(4)
    processes = [forks.process(go_up, bare_url, together) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        process.close() if process.exitcode == 0 else pytest.fail(f"exit code {process.exitcode}")
    assert migrations.current(bare_url) == migrations.newest()
    assert differences(bare_url) == []


def test_accounts_that_share_a_page_already_keep_their_rows_and_one_has_the_key(bare_url: str) -> None:
    """Nothing stops the upgrade: the older of two has the keys, the later one is named by the next list."""
    migrations.upgrade(bare_url)
    migrations.downgrade(bare_url, "0011")
    inside(bare_url, fill_twins)
    migrations.upgrade(bare_url)
    keys = inside(
        bare_url,
        lambda connection: connection.execute(
            text("SELECT handle_key, page_key, platform_key FROM account ORDER BY id")
        ).all(),
    )
    assert [tuple(row) for row in keys] == [
        ("lakeside", "x.com/lakeside", "17"),
        ("lakeside\u200b", None, None),
        ("lakeside", "x.com/lakeside", "17"),
    ]
