"""Opening the store, on SQLite or PostgreSQL, and the only two ways to a session."""

import asyncio
import inspect
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiosqlite
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from schemas.errors import BadInput, BadSettings, NotPrepared, StewardError, StoreUnavailable
from tasks.store import audit, changes, one_turn, still_there
from tasks.store.session import Session

#: PostgreSQL advisory lock: whoever appends to the audit chain holds it from the start of the transaction.
CHAIN_LOCK = 0x57E_A4D

#: Rows of each index that SQLite looks at to count what its tables hold: enough to see past the few people
#: who administer very much; a third of a second at most.
SAMPLED = 100_000

#: The tables of PostgreSQL's that were never counted, or changed by a twentieth since.
_CHANGED = text(
    "SELECT quote_ident(relname) FROM pg_stat_user_tables WHERE schemaname = current_schema() AND "
    "(n_mod_since_analyze > 100 + n_live_tup / 20 OR coalesce(last_analyze, last_autoanalyze) IS NULL)"
)

_QUOTED = re.compile(r"\nDETAIL: .*|(?<=invalid input for query argument ).*", re.DOTALL)

#: Where a session that sees one moment keeps what it has asked once.
KEPT = "steward_kept"
#: The same for whom somebody stands in for, and which offices they may hold.
STOOD_IN, MAY_HOLD = "steward_stood_in", "steward_may_hold"
#: The same of accounts: which accesses a person has there, and what is open there.
INSIDE, OPEN = "steward_inside", "steward_open"

#: What databases say without quoting anybody's data.
_KNOWN = (
    "database is locked",
    "database or disk is full",
    "disk i/o error",
    "deadlock detected",
    "unable to open database file",
    "file is not a database",
    "attempt to write a readonly database",
    "connection refused",
    "no such file or directory",
)

#: How PostgreSQL shows a reader one moment, and refuses to write for it.
_ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

#: At DEBUG it quotes every statement with its values, which are people's names.
logging.getLogger("aiosqlite").setLevel(logging.INFO)

_DRIVERS = frozenset({"sqlite+aiosqlite", "postgresql+asyncpg"})

#: What the dialect takes out of a URL before asyncpg sees it.
_DIALECT_OPTIONS = frozenset({"prepared_statement_cache_size", "prepared_statement_name_func"})

_TOO_LARGE = "A number is larger than any that is kept here: look it up in a list, and try again."

_WAL_IS_SAFE = (3, 51, 3)  # older SQLite can lose a checkpointed page in WAL mode


def journal_mode(version: tuple[int, ...]) -> str:
    """The journal mode for this SQLite: WAL only where its reset bug is fixed, else the rollback journal."""
    return "WAL" if version >= _WAL_IS_SAFE else "DELETE"


class Store:
    """The database engine and its sessions. Bound to the event loop that first uses it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(steward_writes=True)
        self.is_sqlite = engine.dialect.name == "sqlite"

    @classmethod
    def open(cls, url: str, *, lasting: bool = True, **engine_options: Any) -> Self:
        """Make the engine for `url` (an SQLAlchemy async URL). Connects on first use.

        Parameters are hidden in every error and log of the engine: they hold people's names.
        `lasting`: what it keeps outlives a power cut; a copy that is thrown away need not wait for the disk.
        Raises BadSettings for a URL of something else than our two databases with their drivers; it
        doesn't quote it, because it may hold a password.
        """
        is_sqlite = _driver(url) == "sqlite+aiosqlite"
        if is_sqlite:
            engine_options.setdefault("connect_args", {"async_creator_fn": connect_sqlite})
        engine = create_async_engine(url, hide_parameters=True, **engine_options)
        event.listen(engine.sync_engine, "handle_error", _hide_values)
        event.listen(engine.sync_engine, "before_execute", changes.notice)
        if is_sqlite:
            event.listen(engine.sync_engine, "do_connect", one_turn.connect)
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
            if not lasting:
                event.listen(engine.sync_engine, "connect", _skip_syncing)
        else:
            still_there.watch(engine.sync_engine)
        return cls(engine)

    @property
    def is_missing(self) -> bool:
        """Whether it is an SQLite file that is not there: opening it would make an empty one."""
        return self.is_sqlite and not Path(self._engine.url.database or "").is_file()

    def make_file(self) -> None:
        """Make an SQLite file that is not there, empty, for its owner's eyes alone."""
        if self.is_missing:
            Path(self._engine.url.database or "").touch(0o600)

    async def close(self) -> None:
        """Give every connection back to the database."""
        await self._engine.dispose()

    async def count_anew(self) -> None:
        """Let the database count what its tables hold, for its plans. Raises StoreUnavailable.

        SQLite never does so by itself, and without it some rules take a hundred times as long; PostgreSQL
        does, but not between an import and the sweep after it: there, what has changed since is counted.
        """
        async with self.write(audited=False) as session:
            if self.is_sqlite:
                await session.run(text(f"PRAGMA analysis_limit = {SAMPLED}"))
                await session.run(text("ANALYZE"))
            elif changed := (await session.run(_CHANGED)).scalars().all():
                await session.run(text(f"ANALYZE {', '.join(changed)}"))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """A session that sees one moment and changes nothing. Raises StoreUnavailable."""
        with _told_plainly():
            async with Session(self._engine, expire_on_commit=False) as session:
                session.info.update({KEPT: {}, STOOD_IN: {}, MAY_HOLD: {}, INSIDE: {}, OPEN: {}})
                if not self.is_sqlite:
                    await session.connection(execution_options=_ONE_MOMENT)
                yield session

    @asynccontextmanager
    async def write(self, *, audited: bool = True) -> AsyncIterator[Session]:
        """One transaction: everything in the block is kept at its end, or nothing is.

        Writers take their turn from the start (BEGIN IMMEDIATE; the chain's advisory lock), so that no
        two of them can wait for each other's rows. Whatever evidence the block changed is sealed into its
        last audit entry. `audited=False` is for work that changes no evidence and never appends to
        the audit chain (outbox leases): on PostgreSQL such writers run side by side.

        Raises StoreUnavailable when the store can't be reached, is full, or was locked for too long. Its
        sentence says so where the answer to the commit was lost: then only the database knows if it was kept.
        """
        commit = _Commit()
        with _told_plainly(commit):
            async with Session(self._writer, expire_on_commit=False) as session:
                session.info["audited"] = audited
                async with session.begin():
                    connection = await session.connection()
                    if audited and not self.is_sqlite:
                        await connection.execute(
                            text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK}
                        )
                    if audited:
                        with changes.watching(connection) as touched:
                            yield session
                            await session.flush()
                            await audit.seal_changes(session, touched)
                    else:
                        yield session
                    commit.begun = True


@dataclass
class _Commit:
    """Whether a transaction has come to its commit."""

    begun: bool = False


def _driver(url: str) -> str:
    with suppress(ArgumentError, ValueError):  # a port that is no number is a ValueError
        made = make_url(url)
        if made.drivername in _DRIVERS and _known_options(made.drivername, made.query):
            return made.drivername
    raise BadSettings(
        "The setting STEWARD_DATABASE_URL can't be used: it starts with sqlite+aiosqlite:///PATH or "
        "postgresql+asyncpg://USER@HOST/DATABASE."
    )


def _known_options(driver: str, given: Mapping[str, object]) -> bool:
    """Whether asyncpg takes what stands after the `?`: it refuses the rest with a trace, at the first use."""
    if not given or driver == "sqlite+aiosqlite":
        return True
    import asyncpg  # noqa: PLC0415 - not loaded where the store is a file

    return set(given) <= set(inspect.signature(asyncpg.connect).parameters) | _DIALECT_OPTIONS


@contextmanager
def _told_plainly(commit: _Commit | None = None) -> Iterator[None]:
    """Turn what the database driver raises into one sentence; our own errors pass as they are."""
    try:
        yield
    except StewardError:
        raise
    except OverflowError:  # SQLite's driver, before the database
        raise BadInput(_TOO_LARGE) from None
    except (DBAPIError, PoolTimeout, OSError) as error:
        if _has_no_tables(error):
            raise NotPrepared(
                "The store has no tables yet: run `make up` or `steward up` once, which prepares it."
            ) from error
        if _is_too_large(error):
            raise BadInput(_TOO_LARGE) from None
        if _is_about_the_data(error):
            raise  # a defect of ours, or a race that the caller knows how to answer: trying again won't help
        why = f"{type(getattr(error, 'orig', None) or error).__name__}: {_reason(error)}"
        if commit is not None and commit.begun and _is_lost(error):
            raise StoreUnavailable(
                f"The store was lost while it kept this ({why}); look if it was kept before you try again."
            ) from error
        raise StoreUnavailable(
            f"The store did not take this ({why}); nothing was kept, try again."
        ) from error


def _is_too_large(error: BaseException | None) -> bool:
    """Whether PostgreSQL's driver was given a number that no column takes."""
    while error is not None:
        if isinstance(error, OverflowError):
            return True
        error = getattr(error, "orig", None) or error.__cause__
    return False


def _is_lost(error: BaseException) -> bool:
    """Whether the connection broke, so that no answer came. A refusal is an answer."""
    return isinstance(error, OSError) or bool(getattr(error, "connection_invalidated", False))


def _has_no_tables(error: BaseException) -> bool:
    driver = getattr(error, "orig", None)
    return "no such table" in str(driver) or getattr(driver, "sqlstate", None) == "42P01"


def _is_about_the_data(error: BaseException) -> bool:
    """Whether the data given is at fault, and not a store that is away, locked or full.

    asyncpg's errors reach SQLAlchemy's classes only in part; their SQLSTATE classes say it: 22 data,
    23 integrity, 42 the statement. What its own argument check refuses is a ValueError.
    """
    if isinstance(error, IntegrityError | ProgrammingError | DataError):
        return True
    driver = getattr(error, "orig", None)
    state = getattr(driver, "sqlstate", None) or ""
    return state[:2] in {"22", "23", "42"} or isinstance(getattr(driver, "__cause__", None), ValueError)


def _reason(error: BaseException) -> str:
    """The driver's own words where they are known to hold no data, else nothing."""
    words = str(getattr(error, "orig", error)).lower()
    return next((known for known in _KNOWN if known in words), "see the log of the database")


def _hide_values(context: ExceptionContext) -> None:
    """Take out of an error the values that PostgreSQL and its driver quote in it: they may be names.

    `hide_parameters` hides what SQLAlchemy adds, not what the database says: Key (email)=(…) exists.
    """
    error: BaseException | None = context.sqlalchemy_exception or context.original_exception
    while error is not None:
        error.args = tuple(_QUOTED.sub("", word) if isinstance(word, str) else word for word in error.args)
        if getattr(error, "detail", None) and not isinstance(error, SQLAlchemyError):
            error.detail = None  # type: ignore[attr-defined]
        error = getattr(error, "orig", None) or error.__cause__


async def connect_sqlite(*args: Any, **kwargs: Any) -> aiosqlite.Connection:
    """Open an SQLite file. A file that can't be opened ends its connection's thread before the error leaves.

    aiosqlite lets that thread report to an event loop that may be closed by then: people would read a
    traceback of the thread's below our sentence.
    """
    connection = aiosqlite.connect(*args, **kwargs)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does where it opens
    try:
        return await connection
    except sqlite3.Error:
        await asyncio.to_thread(connection._thread.join)  # noqa: SLF001
        raise


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Durable, checked, patient; and transactions are begun by us, not by the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=30000",  # first: the others may have to wait too
        f"journal_mode={journal_mode(sqlite3.sqlite_version_info)}",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _skip_syncing(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once: a deferred one that upgrades is told 'locked' without waiting."""
    writes = connection.get_execution_options().get("steward_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
