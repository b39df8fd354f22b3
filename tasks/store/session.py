"""The store's session: SQLModel's, and verbs for what is read and written without making records."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVarTuple, overload

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.sql.selectable import TypedReturnsRows
from sqlmodel.ext.asyncio.session import AsyncSession

Columns = TypeVarTuple("Columns")
#: What a statement is given: values by their names; or several times such values, for as many times.
Given = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Session(AsyncSession):
    """One moment of the store, or one transaction. `get`, `add` and `exec` are for whole records.

    `rows` and `run` are for statements about columns. They make no records, and write none: what was changed
    in records is written by `flush`, before they are asked about it.
    """

    @overload
    async def rows(
        self, asked: TypedReturnsRows[*Columns], given: Given | None = None
    ) -> Sequence[Row[*Columns]]: ...

    @overload
    async def rows(
        self, asked: Executable, given: Given | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]: ...

    async def rows(self, asked: Executable, given: Given | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows that a select finds."""
        return (await self.run(asked, given)).all()

    @overload
    async def run(
        self, statement: TypedReturnsRows[*Columns], given: Given | None = None
    ) -> CursorResult[*Columns]: ...

    @overload
    async def run(
        self, statement: Executable, given: Given | None = None
    ) -> CursorResult[*tuple[Any, ...]]: ...

    async def run(self, statement: Executable, given: Given | None = None) -> CursorResult[*tuple[Any, ...]]:
        """Execute a statement. What it answers is iterated, or asked for its `scalars`, or how many rows."""
        return await self.run_sync(lambda session: session.connection().execute(statement, given))
