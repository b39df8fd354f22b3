"""One cell of one table is changed behind the door, and `steward audit verify` finds it. Each time.

The store has rows in every sealed table, no cell empty. What stands in no digest is listed, with its reason,
in `tasks.store.records`; docs/store.md has that list.
"""

import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Any, cast

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Integer, Table, insert, text
from sqlalchemy.exc import DBAPIError

from schemas.columns import UtcDateTime
from schemas.errors import ChainBroken
from schemas.tables import metadata
from tasks.store import Store, verifying
from tasks.store.records import SEALED, UNSEALED_COLUMNS, UNSEALED_TABLES
from tasks.store.session import Session
from tests.support.any_row import a_row
from tests.support.databases import ROOT

SEED = 151
ROWS = 3
#: Before a release; a fifth of them each time (docs/adr/0099).
TRIES = {"sqlite": 1000, "postgresql": 100}
EVERY_TABLE = {*SEALED, "audit_entry"}
#: In no digest, and not derived from the rows either: whoever writes there is not found.
NOT_FOUND = {one for one in UNSEALED_COLUMNS if one[1] != "latest"}


async def fill(store: Store) -> None:
    """Rows in every sealed table."""
    async with store.write() as session:
        for table in metadata.sorted_tables:
            if table.name in SEALED or table.name == "import_run":  # which others refer to
                for number in range(1, ROWS + 1):
                    await session.run(insert(table).values(**a_row(table, number)))


def another(random: random.Random, column: Column[Any], sqlite: bool) -> str:  # noqa: PLR0911 - as above
    """SQL for what a forger might write there: another value of its type; on SQLite now and then of none."""
    kind, name = column.type, f'"{column.name}"'
    if column.nullable and random.random() < 0.2:
        return "NULL"
    if sqlite and random.random() < 0.2:
        return random.choice(["'forged'", "x'ff00'", "'2026-02-30'", "9.5", "''"])
    if isinstance(kind, Boolean):
        return f"NOT {name}"
    if isinstance(kind, Integer):
        return f"{name} + {random.randint(1, 5)}" if random.random() < 0.7 else f"-{name}"
    if isinstance(kind, Date):
        return f"'2027-01-{random.randint(1, 28):02}'"
    if isinstance(kind, UtcDateTime):
        return f"'2026-01-01 00:00:{random.randint(1, 59):02}.000000{'' if sqlite else '+00'}'"
    if isinstance(kind, JSON):
        return random.choice(["'{\"number\": 9}'", '\'{"number": 1, "number": 2}\'', "'[]'", "'true'"])
    return random.choice([f"{name} || 'x'", "'forged'", f"UPPER({name}) || ' '"])


def drawn(seed: int, *, sqlite: bool) -> Iterator[tuple[Table, str, str, int]]:
    """A random column, new value and row of each table, the tables in random order, again and again."""
    chosen = random.Random(seed)  # noqa: S311 - fixed on purpose
    tables = [*SEALED.values(), metadata.tables["audit_entry"]]
    while True:
        for table in chosen.sample(tables, len(tables)):
            column = chosen.choice([one for one in table.columns if (table.name, one.name) not in NOT_FOUND])
            rows = 1 if table.name == "audit_entry" else ROWS
            yield table, column.name, another(chosen, column, sqlite), chosen.randint(1, rows)


class Behind:
    """The store as verifying reads it, within a transaction that is never committed."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        yield self.session


class _PutBack(Exception):
    """Ends the transaction: the cell is as it was."""


async def test_every_change_of_a_cell_is_found(
    store: Store, database: str, pytestconfig: pytest.Config
) -> None:
    tries = TRIES[database] if pytestconfig.getoption("release") else TRIES[database] // 5
    await fill(store)
    await verifying.verify(store)
    tried: Counter[str] = Counter()
    missed: list[str] = []
    for table, column, value, row in islice(drawn(SEED, sqlite=store.is_sqlite), 25 * tries):
        if tried.total() >= tries and set(tried) == EVERY_TABLE:
            break
        with suppress(_PutBack, DBAPIError):  # what a constraint refuses, nobody can write
            async with store.write(audited=False) as session:
                if not await change(session, table, column, value, row):
                    raise _PutBack
                tried[table.name] += 1
                try:
                    await verifying.verify(cast("Store", Behind(session)))
                except ChainBroken as told:
                    if table.name.replace("_", " ") not in str(told).lower():
                        missed.append(f"{table.name} is not named: {told}")
                else:
                    missed.append(f"{table.name}.{column} = {value} in row {row}")
                raise _PutBack
    assert missed == []
    assert tried.total() >= tries
    assert set(tried) == EVERY_TABLE, "all that was drawn for a table was refused: no test of it"
    await verifying.verify(store)


async def change(session: Session, table: Table, column: str, value: str, row: int) -> bool:
    """Change a cell as somebody with a database client would; whether it is different now."""
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    key = next(iter(table.primary_key)).name
    cells = text(f'SELECT CAST("{column}" AS TEXT) FROM "{table.name}" ORDER BY "{key}"')  # noqa: S608
    before = (await connection.execute(cells)).all()
    await connection.execute(
        text(f'UPDATE "{table.name}" SET "{column}" = {value} WHERE "{key}" = {row}')  # noqa: S608
    )
    if value.startswith("x'"):  # bytes that are no text can't be read back to be compared
        return True
    return before != (await connection.execute(cells)).all()


def test_what_is_in_no_digest_is_explained_where_people_look() -> None:
    said = " ".join((ROOT / "docs" / "store.md").read_text(encoding="utf-8").split())
    for name, reason in UNSEALED_TABLES.items():
        assert f"| `{name}` | {reason} |" in said
    for (table, column), reason in UNSEALED_COLUMNS.items():
        assert f"`{table}.{column}`" in said
        assert reason in said
    assert f"{TRIES['sqlite']:,} of {TRIES['sqlite']:,}" in said
    assert f"{TRIES['postgresql']} of {TRIES['postgresql']}" in said


def test_a_table_is_sealed_unless_it_says_why_not() -> None:
    assert SEALED.keys() | UNSEALED_TABLES.keys() == metadata.tables.keys()
    assert not SEALED.keys() & UNSEALED_TABLES.keys()
