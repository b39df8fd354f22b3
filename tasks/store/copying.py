"""Every row of a store into another one, whichever database each is on."""

from sqlalchemy import Integer, delete, insert, select, text

from schemas.tables import metadata
from tasks.store.session import Session

ROWS_AT_ONCE = 1000


async def copy_rows(source: Session, target: Session) -> dict[str, int]:
    """Copy every row of every table, tables that others point to first; how many, by table.

    The target has the same tables, with nothing in them that the source has.
    """
    reads, writes = await source.connection(), await target.connection()
    copied = {}
    for table in metadata.sorted_tables:
        key, copied[table.name] = list(table.primary_key.columns), 0
        rows = await reads.stream(select(table).order_by(*key))
        async for some in rows.mappings().partitions(ROWS_AT_ONCE):
            await writes.execute(insert(table), [dict(row) for row in some])
            copied[table.name] += len(some)
    return copied


async def empty(target: Session) -> None:
    """Take every row out of every table. Only for a store that holds nothing of anybody."""
    connection = await target.connection()
    for table in reversed(metadata.sorted_tables):
        await connection.execute(delete(table))


async def count_on(target: Session) -> None:
    """Let PostgreSQL draw the next numbers after those that were copied; SQLite does so by itself."""
    connection = await target.connection()
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            if not isinstance(column.type, Integer) or column.foreign_keys:
                continue
            of = {"table": f'"{table.name}"', "column": column.name}
            drawn = await connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), of)
            if drawn.scalar() is not None:
                highest = f'SELECT coalesce(max("{column.name}"), 0) + 1 FROM "{table.name}"'  # noqa: S608 - ours
                await connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence(:table, :column), ({highest}), false)"), of
                )
