"""The first store that a process of the tests migrates from nothing is migrated; later ones do as it did.

Walking through all revisions is a second of processor time, most of it spent on asking the database what its
tables are like by then. Where a store has nothing in it, the answers are always the same, and so are the
statements. That they lead to the same tables, and the walk itself, are tried in
tests/store/test_migrations.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, inspect

from deployments import migrations

#: What only asks.
_ASKS = ("SELECT", "PRAGMA", "WITH", "SHOW")

#: By the database's name: each statement that changes something, with its parameters.
_REMEMBERED: dict[str, list[tuple[str, Any]]] = {}


def upgrade_as_before(config: Config, revision: str) -> None:
    """What stands in for Alembic's own `command.upgrade`."""
    connection: Connection = config.attributes["connection"]
    if revision != "head" or inspect(connection).get_table_names():
        command.upgrade(config, revision)
        return
    name = connection.dialect.name
    if name not in _REMEMBERED:
        with _noted(connection) as statements:
            command.upgrade(config, revision)
        _REMEMBERED[name] = statements
        return
    for statement, parameters in _REMEMBERED[name]:
        connection.exec_driver_sql(statement, parameters or None)


@contextmanager
def _noted(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(_ASKS):
            statements.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", note)


@contextmanager
def remembering() -> Iterator[None]:
    """For as long as the block runs, no second store is migrated from nothing step by step."""
    with pytest.MonkeyPatch.context() as patch:
        standing_in = SimpleNamespace(upgrade=upgrade_as_before, downgrade=command.downgrade)
        patch.setattr(migrations, "command", standing_in)
        yield
