"""SQLite's statements in one turn of its thread each.

aiosqlite gives a connection a thread, and SQLAlchemy asks it for a cursor, for the statement, for its rows
and for the cursor's end: four turns, each with two changes of thread and a wake of the event loop. That was
half of a web page's processor time. Here a statement and its rows are one turn. What is read bit by bit
(`stream`) keeps SQLAlchemy's own cursor.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, Self

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)
from sqlalchemy.util import await_only


class OneTurn:
    """A cursor that is made, used up and ended where its statement is executed."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection: Any = connection  # its own way to its thread has no types
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount, self.lastrowid, self.arraysize = -1, 0, 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> "OneTurn":
        """Execute one statement. Raises what sqlite3 raises."""
        await self._connection._execute(self._used_up, "execute", statement, values)  # noqa: SLF001
        return self

    async def executemany(self, statement: str, several: Sequence[Sequence[Any]]) -> "OneTurn":
        """The same statement for each of several rows of values."""
        await self._connection._execute(self._used_up, "executemany", statement, several)  # noqa: SLF001
        return self

    def _used_up(self, how: str, statement: str, values: Sequence[Any]) -> None:
        """In the connection's thread."""
        raw: sqlite3.Cursor = self._connection._conn.cursor()  # noqa: SLF001
        try:
            getattr(raw, how)(statement, values)
            self.description = raw.description
            self._rows = raw.fetchall() if raw.description else []
            self.rowcount, self.lastrowid = raw.rowcount, raw.lastrowid or 0
        finally:
            raw.close()

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open."""


class OneTurnCursor(AsyncAdapt_aiosqlite_cursor):
    """SQLAlchemy's cursor over it."""

    __slots__ = ()

    def _make_new_cursor(self, connection: Any) -> Any:
        return OneTurn(connection)

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor


class OneTurnConnection(AsyncAdapt_aiosqlite_connection):
    """SQLAlchemy's connection, with such cursors."""

    __slots__ = ()

    _cursor_cls = OneTurnCursor


def connect(dialect: Any, _record: Any, args: Sequence[Any], options: dict[str, Any]) -> OneTurnConnection:
    """What an engine's event `do_connect` asks for."""
    given = dict(options)
    opened = given.pop("async_creator_fn")(*args, **given)
    return OneTurnConnection(dialect.dbapi, await_only(opened))
