"""The store's schema: to the newest revision, back to an older one, and which one it has now.

Each call is one transaction that holds the database's own lock, so that two at once are as one after the
other, and a migration that fails leaves the schema as it was: both databases change tables in transactions.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from schemas.errors import StoreUnavailable
from tasks import clock
from tasks.store.as_found import seal_as_found
from tasks.store.engine import connect_sqlite
from tasks.store.records import SEALED

HERE = Path(__file__).resolve().parent

#: PostgreSQL's advisory locks are numbers; this one means "Steward's schema is being changed".
LOCK = 151_0001

#: In a revision's `SEALS`: all that is sealed.
EVERY_TABLE = "*"

#: How long a second process waits for the first one's migration.
WAIT_SECONDS = 60

T = TypeVar("T")


class StoreIsNewer(StoreUnavailable):
    """The store was migrated by a newer Steward than this one."""


class StoreNotPrepared(StoreUnavailable):
    """The store has no tables yet, or lacks the latest migrations."""


def newest() -> str:
    """The revision that this code was written for."""
    head = _scripts().get_current_head()
    assert head is not None  # noqa: S101 - the folder has at least one
    return head


def current(url: str) -> str | None:
    """The store's revision now; None when it has no tables of ours.

    Raises StoreUnavailable when it can't be reached.
    """
    return _inside(url, _revision)


def upgrade(url: str) -> str:
    """Bring the store to the newest revision and return it; a store that is there already is left alone.

    A revision that changes what rows of evidence say names their tables in `SEALS`; those are sealed into the
    audit chain anew, as they were found.

    Safe to call from several processes at once. Raises StoreIsNewer, and StoreUnavailable when the
    database can't be reached or written.
    """

    def work(connection: Connection) -> None:
        before = _known(_revision(connection))
        if before != newest():
            command.upgrade(_config(connection), "head")
            seal_as_found(connection, _to_seal(before), clock.now())

    _inside(url, work)
    return newest()


def downgrade(url: str, to: str = "base") -> None:
    """Go back to a revision. What later revisions brought is lost: `base` drops every table.

    Raises StoreIsNewer, and StoreUnavailable when the database can't be reached or written.
    """

    def work(connection: Connection) -> None:
        _known(_revision(connection))
        command.downgrade(_config(connection), to)

    _inside(url, work)


def require_newest(url: str) -> None:
    """Refuse a store that this code does not fit: StoreNotPrepared or StoreIsNewer."""
    found = _known(current(url))
    if found is None:
        raise StoreNotPrepared("The store has no tables yet: run `make up` or `steward up` once.")
    if found != newest():
        raise StoreNotPrepared(
            f"The store stands at revision {found} and this Steward needs {newest()}: run `steward up` once."
        )


def _to_seal(before: str | None) -> set[str]:
    """The tables whose rows the revisions after `before` changed; none where there were no tables."""
    if before is None:
        return set()
    passed = _scripts().iterate_revisions("head", before)
    named = {name for one in passed for name in getattr(one.module, "SEALS", ())}
    return set(SEALED) if EVERY_TABLE in named else named


def _known(revision: str | None) -> str | None:
    """The revision, if this code knows it or there is none. Raises StoreIsNewer."""
    if revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise StoreIsNewer(
            f"The store stands at revision {revision}, which only a newer Steward knows: "
            "install that version again, or restore a backup from before it."
        )
    return revision


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _inside(url: str, work: Callable[[Connection], T]) -> T:
    """Do the work in one locked transaction; the database's own complaints become StoreUnavailable."""

    async def run() -> T:
        engine = _engine(url)
        try:
            async with engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                done = await connection.run_sync(work)
                if connection.dialect.name == "sqlite":
                    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).fetchall()
                    assert not broken, f"a migration left foreign keys dangling: {broken}"  # noqa: S101
                return done
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except (DBAPIError, OSError) as error:
        where = make_url(url).render_as_string(hide_password=True)
        reason = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
        raise StoreUnavailable(
            f"The store at {where} can't be used ({reason}): check STEWARD_DATABASE_URL, that the database "
            "runs, and that there is room and leave to write."
        ) from error


def _engine(url: str) -> AsyncEngine:
    """An engine for one call. On SQLite without foreign keys: tables are changed by being made anew."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = create_async_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": WAIT_SECONDS, "async_creator_fn": connect_sqlite},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def leave_transactions_to_us(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine.sync_engine, "begin")
    def lock_at_once(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
