"""Stores of the tests: they don't wait for the disk, and don't compile again what another has compiled.

Each test opens a store of its own. Compiling its statements anew was a third of the tests' time, and handing
each statement for SQLite to another thread and back a quarter of what was left.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite
from sqlalchemy import Engine, event

from tasks.store import Store
from tasks.store.engine import connect_sqlite

#: The real thing, for tests of what it promises.
open_durable = Store.open

#: By the database's name: an engine that has connected, whose dialect and compiled statements all share.
_CONNECTED: dict[str, Engine] = {}

#: What never waits for anybody else's lock.
_AT_ONCE = frozenset({"cursor", "fetchone", "fetchmany", "fetchall"})
#: What does not wait either, once a transaction has its lock.
_IN_A_TRANSACTION = frozenset({"execute", "executemany"})


class _Quick:
    """Runs on the loop's own thread what can't wait for a lock; everything else on the connection's.

    Who writes has the lock from the beginning of a transaction, and waits again at its end. What
    waited on the loop's thread could wait for another task of the same loop, and so for ever.
    """

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._on_its_thread = connection._execute  # of the class: it hands over to the thread
        self._has_lock = False

    async def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Stands in for the connection's own way to run what it is asked."""
        opened: sqlite3.Connection = self._connection._conn  # raises ValueError where it is closed
        name = getattr(function, "__name__", "")
        if name in _AT_ONCE or (name in _IN_A_TRANSACTION and self._has_lock and opened.in_transaction):
            return function(*args, **kwargs)
        result = await self._on_its_thread(function, *args, **kwargs)  # type: ignore[no-untyped-call]
        if name in _IN_A_TRANSACTION and str(args[0]).startswith("BEGIN"):
            self._has_lock = "IMMEDIATE" in str(args[0])  # only who writes has it from the beginning
        return result


async def _connect_quick(*args: Any, **kwargs: Any) -> aiosqlite.Connection:
    connection = await connect_sqlite(*args, **kwargs)
    connection._execute = _Quick(connection)  # type: ignore[method-assign, assignment]
    return connection


def _keep_in_memory(connection: Any, _record: Any) -> None:
    """A transaction with many changes takes the whole lock at its end and not on the way."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA cache_spill=OFF")
    cursor.close()


def open_quick(url: str, **engine_options: Any) -> Store:
    """What stands in for `Store.open` while tests run."""
    options = {"lasting": False, "query_cache_size": 2000, **engine_options}
    if url.startswith("sqlite"):
        options.setdefault("connect_args", {"async_creator_fn": _connect_quick})
    store = open_durable(url, **options)
    engine = store._engine.sync_engine
    if store.is_sqlite:
        event.listen(engine, "connect", _keep_in_memory)
    if first := _CONNECTED.get(engine.dialect.name):
        for one in (engine, store._writer.sync_engine):
            one.dialect, one._compiled_cache = first.dialect, first._compiled_cache
        engine.pool._dialect = first.dialect
    else:
        event.listen(engine, "connect", lambda *_: _CONNECTED.setdefault(engine.dialect.name, engine))
    return store
