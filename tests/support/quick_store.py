"""Stores of the tests: they don't wait for the disk, and don't compile again what another has compiled.

Each test opens a store of its own. Compiling its statements anew was a third of the tests' time, and handing
each statement for SQLite to another thread and back a quarter of what was left.
"""

import re
import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite
from sqlalchemy import Engine, event

from tasks.store import Store
from tasks.store.engine import connect_sqlite
from tasks.store.one_turn import OneTurn

#: The real thing, for tests of what it promises.
open_durable = Store.open

#: By the database's name: an engine that has connected, whose dialect and compiled statements all share.
_CONNECTED: dict[str, Engine] = {}

#: What never waits for anybody else's lock.
_AT_ONCE = frozenset({"cursor", "fetchone", "fetchmany", "fetchall"})
#: What executes a statement: a cursor of sqlite3, and ours, which is told which of the two.
_EXECUTES = frozenset({"execute", "executemany", OneTurn._used_up.__name__})
#: What ends a transaction: who only read gives a lock back then, and waits for none.
_ENDS = frozenset({"commit", "rollback"})
#: What asks for a lock that whoever reads has, and for no other.
_READS = re.compile(r"\s*(SELECT|WITH)\b.*\bFROM\b", re.DOTALL)


class _Quick:
    """Runs on the loop's own thread what can't wait for a lock; everything else on the connection's.

    Who writes has the lock from the beginning of a transaction, and waits again at its end. Who reads has
    theirs from their first statement on. What waited on the loop's thread could wait for another task of
    the same loop, and so for ever.
    """

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._on_its_thread = connection._execute  # of the class: it hands over to the thread
        self._writes = self._has_lock = False

    async def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Stands in for the connection's own way to run what it is asked."""
        opened: sqlite3.Connection = self._connection._conn  # raises ValueError where it is closed
        name = getattr(function, "__name__", "")
        statement = self._statement(name, args)
        begins = statement.startswith("BEGIN")
        if begins or not opened.in_transaction:
            self._writes, self._has_lock = "IMMEDIATE" in statement, False
        if name in _AT_ONCE or self._waits_for_nobody(name, statement):
            return function(*args, **kwargs)
        result = await self._on_its_thread(function, *args, **kwargs)  # type: ignore[no-untyped-call]
        if statement and not self._has_lock:
            self._has_lock = self._writes or _READS.match(statement) is not None
        return result

    def _statement(self, name: str, args: tuple[Any, ...]) -> str:
        """The statement that is to be executed; nothing where none is."""
        if name not in _EXECUTES:
            return ""
        return str(args[1] if name == OneTurn._used_up.__name__ else args[0])

    def _waits_for_nobody(self, name: str, statement: str) -> bool:
        if name in _ENDS or statement == "BEGIN":  # which asks for no lock by itself
            return not self._writes
        return self._has_lock and (self._writes or _READS.match(statement) is not None)


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
