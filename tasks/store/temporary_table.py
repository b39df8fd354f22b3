"""A select's rows, kept in a table for a part of a transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.visitors import InternalTraversal

from tasks.store.session import Session

#: What PostgreSQL may keep in memory for each step of such a select, before it goes to files.
WORK_MEMORY = "64MB"


async def give_room(session: Session) -> None:
    """More memory for a select over all accounts: else PostgreSQL searches lists again for each account."""
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SET LOCAL work_mem = '{WORK_MEMORY}'"))


@asynccontextmanager
async def temporary_table(
    session: Session, name: str, rows: Select[*tuple[Any, ...]], *, by: str | None = None
) -> AsyncIterator[None]:
    """For the block, a table of that name has the select's rows; found by the columns `by`, where some are.

    It belongs to the session's transaction; nobody else sees it.
    """
    await give_room(session)
    connection = await session.connection()
    await connection.execute(CreateTemporaryTable(name, rows))
    if by is not None:
        await connection.execute(text(f"CREATE INDEX {name}_by ON {name} ({by})"))
        if connection.dialect.name == "postgresql":
            await connection.execute(text(f"ANALYZE {name}"))
    yield
    await connection.execute(text(f"DROP TABLE {name}"))


class CreateTemporaryTable(Executable, ClauseElement):
    """CREATE TEMPORARY TABLE … AS a select: seen by this connection alone, and gone with its transaction.

    On SQLite, which knows no such end, whoever keeps it drops it.
    """

    inherit_cache = True  # compiled once for each shape of select, as the select itself would be
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own name and form
        ("name", InternalTraversal.dp_string),
        ("rows", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, name: str, rows: Select[*tuple[Any, ...]]) -> None:
        self.name, self.rows = name, rows


@compiles(CreateTemporaryTable)
def _create(element: CreateTemporaryTable, compiler: SQLCompiler, **options: Any) -> str:
    ends = "ON COMMIT DROP " if compiler.dialect.name == "postgresql" else ""
    return f"CREATE TEMPORARY TABLE {element.name} {ends}AS {compiler.process(element.rows, **options)}"
