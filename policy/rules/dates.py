"""Arithmetic with days inside a select, alike on both databases."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class plus_days(FunctionElement[Any]):  # noqa: N801 - reads as the function that it is in a select
    """A day that many days after the one in a column."""

    type = Date()
    inherit_cache = True
    name = "plus_days"

    def __init__(self, day: ColumnElement[Any], days: int) -> None:
        super().__init__(day, bindparam(None, days, type_=Integer()))


@compiles(plus_days, "postgresql")
def _postgresql(element: plus_days, compiler: SQLCompiler, **options: Any) -> str:
    day, days = element.clauses
    return f"({compiler.process(day, **options)} + {compiler.process(days, **options)})"


@compiles(plus_days, "sqlite")
def _sqlite(element: plus_days, compiler: SQLCompiler, **options: Any) -> str:
    day, days = element.clauses
    return f"date({compiler.process(day, **options)}, {compiler.process(days, **options)} || ' days')"
