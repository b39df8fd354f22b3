"""Putting a division of any size into a store, by the database's own means for many rows.

Up to `DRAWN` accounts are drawn one by one, with their schools and people (benchmarks.division). A larger
division repeats those with other numbers, which the database does by itself: a million accounts have thirty
million rows.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Insert,
    Integer,
    String,
    Table,
    case,
    cast,
    column,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    values,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import col

from benchmarks.division import AT_ONCE, DRAWN, FIRST, OFFICER, SEED, SHARE, TODAY, Maker, Row
from policy.model import Policy
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.evidence import CheckIn
from schemas.people import Designation
from schemas.words import (
    Via,
)
from tasks.store import Store


async def fill(
    store: Store,
    accounts: int,
    policy: Policy,
    seed: int = SEED,
    *,
    schools: int | None = None,
    count: bool = True,
) -> None:
    """Put a division of so many accounts into an empty, migrated store, as one that has been there for long.

    `schools`: other than the usual number of them, for as many people as are needed. `count`: whether the
    database counts what its tables hold, as each sweep lets it.

    Raises ValueError for a number above `DRAWN` that is no multiple of it.
    """
    times = max(1, accounts // DRAWN)
    if times > 1 and accounts % DRAWN:
        raise ValueError(f"{accounts} accounts: choose at most {DRAWN}, or a multiple of it")
    maker = Maker(accounts // times, policy, seed, schools=schools)
    async with store.write(audited=False) as session:
        connection = await session.connection()
        for model, rows in maker.tables():
            table = table_of(model)
            await _put(connection, table, rows)
            if times > 1 and model is not Designation:
                await connection.execute(_repeat(table, maker, times))
            await _count_on(connection, table)
        await connection.execute(_check_ins(maker))
    if not store.is_sqlite:  # as PostgreSQL does it by itself, sooner or later
        async with store._engine.connect() as connection:  # noqa: SLF001 - VACUUM is no transaction
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text("VACUUM"))
    if count:
        await store.count_anew()


def _repeat(table: Table, maker: Maker, times: int) -> Insert:
    """The rows again and again, each time with the next numbers for accounts, people and schools."""
    again = values(column("again", Integer()), name="again").data([(one,) for one in range(1, times)]).cte()
    steps = {"account": maker.count, "person": maker.people, "school": maker.schools}

    def moved(one: Column[Any]) -> ColumnElement[Any]:
        if one.foreign_keys:
            step = steps[next(iter(one.foreign_keys)).column.table.name]
        elif one.primary_key and table.name in steps:
            step = steps[table.name]
        elif one.name in {"handle", "handle_key", "email", "source_id"}:  # nobody shares them
            return one.concat(literal(".")).concat(cast(again.c.again, String))
        else:
            return one
        later = one + step * again.c.again
        is_person = step == maker.people
        return case((one >= FIRST, later), else_=one) if is_person else later

    columns = [one for one in table.columns if not (one.name == "id" and table.name not in steps)]
    # what is said of the division's own office alone is there once
    once = table.c.id if table.name == "person" else None
    if "person_id" in table.c and "account_id" not in table.c:
        once = table.c.person_id
    rows = select(*(moved(one) for one in columns)).select_from(table.join(again, true()))
    if once is not None:
        rows = rows.where(once >= FIRST)
    order = [again.c.again, *([table.c.id] if "id" in table.c else [])]
    return insert(table).from_select([one.name for one in columns], rows.order_by(*order))


async def _put(connection: AsyncConnection, table: Table, rows: Iterator[Row]) -> None:
    """Insert the rows as they come, a part at a time; what a row leaves out has the column's default."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    while some := list(islice(rows, AT_ONCE)):
        columns = [column for column in table.columns if column.name in some[0]]
        made = [
            (column.name, column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect))
            for column in columns
        ]
        missing = [
            (column.name, column.default.arg)
            for column in table.columns
            if column.name not in some[0] and isinstance(column.default, ScalarElementColumnDefault)
        ]
        names = [*(name for name, _ in made), *(name for name, _ in missing)]
        fixed = tuple(value for _, value in missing)
        records = [
            (*(row[name] if bind is None else bind(row[name]) for name, bind in made), *fixed) for row in some
        ]
        if connection.dialect.name == "postgresql":
            await driver.copy_records_to_table(table.name, records=records, columns=names)
        else:
            places = ", ".join("?" * len(names))
            listed = ", ".join(f'"{name}"' for name in names)
            await driver.executemany(f'INSERT INTO "{table.name}" ({listed}) VALUES ({places})', records)  # noqa: S608


async def _count_on(connection: AsyncConnection, table: Table) -> None:
    """PostgreSQL draws the next id after those that were given."""
    if connection.dialect.name == "postgresql" and "id" in table.columns:
        highest = f'SELECT coalesce(max(id), 0) + 1 FROM "{table.name}"'  # noqa: S608 - our own tables
        await connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), ({highest}), false)")
        )


def _check_ins(maker: Maker) -> Insert:
    """A month of daily looks at each account; a few were missed for the last days (9)."""
    table = table_of(CheckIn)
    days = [day for number in range(1, 30) if (day := TODAY - timedelta(days=number)).isoweekday() <= 5]
    looks = (
        values(column("day", table.c.day.type), column("said_at", table.c.said_at.type), name="look")
        .data([(day, datetime.combine(day, time(18), UTC)) for day in days])
        .cte()
    )
    account = col(Account.id)
    late = (account % 10_007 * 7919 + maker.seed) % 1000 < SHARE * 1000
    return insert(table).from_select(
        ["account_id", "day", "person_id", "said_at", "recorded_via"],
        select(account, looks.c.day, literal(OFFICER), looks.c.said_at, literal(Via.COMMAND.value))
        .select_from(table_of(Account).join(looks, true()))
        .where(or_(~late, looks.c.day <= TODAY - timedelta(days=20))),
    )
