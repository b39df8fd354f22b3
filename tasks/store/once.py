"""Writing a row once, by its unique key, on either database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.ext.asyncio.session import AsyncSession


async def insert_once(
    session: AsyncSession, table: Table, values: Mapping[str, Any], *, unique: Sequence[str]
) -> bool:
    """Insert the row unless one with the same `unique` columns is there. Whether it was inserted."""
    connection = await session.connection()
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table).values(**values).on_conflict_do_nothing(index_elements=list(unique))
    return (await connection.execute(statement)).rowcount == 1
