"""Which rows of evidence a transaction changed, and what they were before: noticed as its statements run.

No caller has to say what it changed, and none can forget to: the engine's own hook looks at every INSERT,
UPDATE and DELETE of a writing session before it runs.
"""

from asyncio import sleep
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Table,
    TextClause,
    Update,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.operators import eq

from tasks.store.given import among
from tasks.store.records import SEALED, digest_or_damaged, id_of, raw_rows
from tasks.store.session import Session

#: Where a connection has the changes of its transaction.
_KEY = "steward_changes"

#: The execution option of a statement that is written as text: the table it inserts into.
INTO = "steward_into"

#: Rows that are read at once: no more are in memory.
AT_ONCE = 500


@dataclass
class Changes:
    """The rows that were touched with their digests before, and the last numbers before an insert."""

    before: dict[str, dict[int, str | None]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)


@contextmanager
def watching(connection: AsyncConnection) -> Iterator[Changes]:
    """Notice, for the block, what the connection's transaction changes."""
    assert connection.sync_connection is not None  # noqa: S101 - it has begun
    info = connection.sync_connection.info
    changes = info[_KEY] = Changes()
    try:
        yield changes
    finally:
        del info[_KEY]  # the connection goes to somebody else


def notice(
    connection: Connection,
    statement: Any,
    many: Sequence[Mapping[str, Any]],
    given: Mapping[str, Any],
    _options: Mapping[str, Any],
) -> None:
    """The hook before each statement: keep what it is going to change."""
    changes: Changes | None = connection.info.get(_KEY)
    if changes is None:
        return
    if isinstance(statement, Update | Delete):
        table = statement.table
        if isinstance(table, Table) and table.name in SEALED:
            _keep_before(connection, changes, table, statement.whereclause, many or [given])
    elif isinstance(statement, Insert):
        _keep_last(connection, changes, statement.table.name)
        for each in many or [given]:  # where a number was chosen, it may be lower
            if "id" in each and statement.table.name in SEALED:
                changes.before.setdefault(statement.table.name, {}).setdefault(each["id"], None)
    elif isinstance(statement, TextClause) and (name := statement.get_execution_options().get(INTO)):
        _keep_last(connection, changes, name)


def _keep_last(connection: Connection, changes: Changes, name: str) -> None:
    """New rows have higher numbers than any before: writers of evidence take turns."""
    if name in SEALED and name not in changes.last:
        number = SEALED[name].c.id
        changes.last[name] = connection.scalar(select(func.max(number))) or 0


def _keep_before(
    connection: Connection,
    changes: Changes,
    table: Table,
    where: ColumnElement[bool] | None,
    parameters: Sequence[Mapping[str, Any]],
) -> None:
    """The digests of the rows that are going to change; the first time in the transaction."""
    kept, first_new = changes.before.setdefault(table.name, {}), changes.last.get(table.name)
    for statement, given in _asked(table, where, parameters):
        for cells in connection.execute(statement, given):
            number = id_of(cells)
            if number not in kept and (first_new is None or number <= first_new):
                kept[number] = digest_or_damaged(table, cells)


def _asked(
    table: Table, where: ColumnElement[bool] | None, parameters: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """The selects of what a statement changes: one for each set of parameters, fewer where they are ids."""
    if where is None:
        yield raw_rows(table), {}
        return
    if len(parameters) > 1 and (name := _by_id(table, where)) is not None:
        yield from ((one, {}) for one in rows_of(table, [each[name] for each in parameters]))
        return
    for each in parameters:
        yield raw_rows(table).where(where), each


def _by_id(table: Table, where: ColumnElement[bool]) -> str | None:
    """The parameter's name, where a statement names its row by its number alone."""
    if isinstance(where, BinaryExpression) and where.operator is eq and where.left is table.c.id:
        return where.right.key if isinstance(where.right, BindParameter) else None
    return None


def rows_of(table: Table, numbers: Collection[int]) -> Iterator[Any]:
    """The selects of these rows."""
    listed = sorted(numbers)
    for start in range(0, len(listed), AT_ONCE):
        yield raw_rows(table).where(among(table.c.id, listed[start : start + AT_ONCE]))


async def changed(session: Session, changes: Changes) -> dict[str, list[list[Any]]]:
    """What is different now: for each table a list of number, digest before and digest now; None: no row."""
    found: dict[str, list[list[Any]]] = {}
    for name in sorted(changes.before.keys() | changes.last.keys()):
        table, before = SEALED[name], changes.before.get(name, {})
        now: dict[int, str] = {}
        selects = list(rows_of(table, before))
        if name in changes.last:
            selects.append(raw_rows(table).where(table.c.id > changes.last[name]).order_by(table.c.id))
        for one in selects:
            for place, cells in enumerate(await session.run(one), start=1):
                now[id_of(cells)] = digest_or_damaged(table, cells)
                if not place % AT_ONCE:
                    await sleep(0)  # of very many, the process's other work goes on between
        different = [
            [number, before.get(number), now.get(number)]
            for number in sorted(before.keys() | now.keys())
            if before.get(number) != now.get(number)
        ]
        if different:
            found[name] = different
    return found
