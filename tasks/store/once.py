"""Writing a row once, by its unique key, on either database."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.ext.asyncio.session import AsyncSession


async def insert_once(
    session: AsyncSession, table: Table, values: Mapping[str, Any], *, unique: Sequence[str]
) -> bool:
    """Insert the row unless one with the same `unique` columns is there. Whether it was inserted."""
    connection = await session.connection()
    statement = _written(connection.dialect.name == "sqlite", table, tuple(values), tuple(unique))
    return (await connection.execute(statement, dict(values))).rowcount == 1


@cache
def _written(is_sqlite: bool, table: Table, columns: tuple[str, ...], unique: tuple[str, ...]) -> TextClause:
    """The statement as text, written once: SQLAlchemy compiles one with ON CONFLICT anew each time."""
    # the two dialects' inserts share no class that knows ON CONFLICT
    make: Any = sqlite.insert if is_sqlite else postgresql.insert
    dialect = sqlite.dialect(paramstyle="named") if is_sqlite else postgresql.dialect(paramstyle="named")
    held = {name: bindparam(name, type_=table.c[name].type) for name in columns}
    statement = make(table).values(held).on_conflict_do_nothing(index_elements=list(unique))
    return text(str(statement.compile(dialect=dialect))).bindparams(*held.values())
