"""A row of any table, no cell of it empty: for tests that need one in each, whatever it says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, Table

from schemas.columns import Text, UtcDateTime

DAY = datetime(2026, 10, 1, 12, tzinfo=UTC)


def a_cell(column: Column[Any], number: int) -> Any:  # noqa: PLR0911 - one answer a kind
    """A value of its own for each row of a column. What refers to a row refers to the one of that number."""
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return DAY + timedelta(minutes=number)
    if isinstance(kind, Text):
        return list(kind.enum)[number % len(kind.enum)]
    if isinstance(kind, Boolean):
        return True if column.name == "latest" else number % 2 == 0
    if isinstance(kind, Date):
        return date(2026, 9, number)
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, JSON):
        return {"number": number}
    longest = getattr(kind, "length", None) or 1000
    return f"{column.name} {number}" if longest > 30 else f"{number}"  # room for what a forger adds


def a_row(table: Table, number: int) -> dict[str, Any]:
    """Its cells by name, without the number that the database gives."""
    return {one.name: a_cell(one, number) for one in table.columns if one.name != "id"}
