"""What a story has lived through once is put into the next store as it was then.

A stage depends on the rows of the store, the policy and the moment, and on nothing else. So where all three
are the same, its rows are copied; where any differs, it is lived through.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from io import BytesIO
from typing import Any, Protocol, TypeVar

from sqlalchemy import text

from policy.model import Policy
from schemas.tables import metadata
from tasks.store import Store

TABLES = sorted(metadata.tables)
R = TypeVar("R")


class InAStore(Protocol):
    """A store, a policy and a clock."""

    store: Store
    policy: Policy
    now: datetime


@dataclass(frozen=True)
class _Lived:
    """What a stage left: rows, moment, what it returned. It holds the policy, so that its id stays taken."""

    rows: Any
    now: datetime
    returned: Any
    policy: Policy


_LIVED: dict[tuple[Any, ...], _Lived] = {}


def remembered(stage: Callable[..., Awaitable[R]]) -> Callable[..., Awaitable[R]]:
    """Live through a stage once for each store that it begins from."""

    @wraps(stage)
    async def once(world: InAStore, *details: Any) -> R:
        key = (stage.__qualname__, details, world.now, id(world.policy), await contents(world.store))
        if found := _LIVED.get(key):
            await (_put_sqlite if world.store.is_sqlite else _put_postgresql)(world.store, found.rows)
            world.now = found.now
            return found.returned  # type: ignore[no-any-return]  # what this stage returned
        returned = await stage(world, *details)
        rows = await (_take_sqlite if world.store.is_sqlite else _take_postgresql)(world.store)
        _LIVED[key] = _Lived(rows, world.now, returned, world.policy)
        return returned

    return once


async def contents(store: Store) -> tuple[Any, ...]:
    """Every row of every table, and every counter, in one question."""
    if store.is_sqlite:
        each = "SELECT '{0}', group_concat(row) FROM (SELECT {1} AS row FROM \"{0}\" ORDER BY 1)"
        question = " UNION ALL ".join(
            each.format(
                name, " || ',' || ".join(f'quote("{one.name}")' for one in metadata.tables[name].columns)
            )
            for name in TABLES
        )
    else:
        each = "SELECT '{0}', string_agg(row::text, ',' ORDER BY row::text) FROM \"{0}\" AS row"
        question = " UNION ALL ".join(each.format(name) for name in TABLES)
        question += " UNION ALL SELECT sequencename, last_value::text FROM pg_sequences"
    async with store.read() as session:
        found = await session.run(text(question))
        rows = sorted(map(tuple, found), key=lambda row: str(row[0]))  # counters come in any order
        return ("sqlite" if store.is_sqlite else "postgresql", *rows)


async def _take_sqlite(store: Store) -> sqlite3.Connection:
    taken = sqlite3.connect(":memory:", check_same_thread=False)
    source = sqlite3.connect(store._engine.url.database or "")
    source.backup(taken)
    source.close()
    return taken


async def _put_sqlite(store: Store, rows: sqlite3.Connection) -> None:
    target = sqlite3.connect(store._engine.url.database or "")
    rows.backup(target)
    target.close()


async def _take_postgresql(store: Store) -> tuple[dict[str, bytes], list[str]]:
    taken: dict[str, bytes] = {}
    async with store.read() as session:
        connection = await session.connection()
        counters = await connection.execute(
            text(
                "SELECT format('SELECT setval(%L, %s)', sequencename, last_value) FROM pg_sequences "
                "WHERE last_value IS NOT NULL"
            )
        )
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for name in TABLES:
            copied = BytesIO()
            if await driver.copy_from_table(name, output=copied, format="binary") != "COPY 0":
                taken[name] = copied.getvalue()
        return taken, list(counters.scalars())


async def _put_postgresql(store: Store, rows: tuple[dict[str, bytes], list[str]]) -> None:
    taken, counters = rows
    async with store.write(audited=False) as session:
        connection = await session.connection()
        await connection.execute(text("SET LOCAL session_replication_role = replica"))  # begins it, too
        driver: Any = (await connection.get_raw_connection()).driver_connection
        emptied = [f'DELETE FROM "{name}"' for name in TABLES]  # noqa: S608 - our tables
        await driver.execute(";".join([*emptied, *counters]))
        for name, copied in taken.items():
            await driver.copy_to_table(name, source=BytesIO(copied), format="binary")
