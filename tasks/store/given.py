"""What statements are asked with that are built once: the day, the moment, and some numbers.

SQLAlchemy takes longer to build a select than a database takes for many an answer. So one that is asked again
and again stands as a constant of its module, or is kept with the policy that it follows from (`Policy.once`);
what differs from one asking to the next is given when it is executed, under the name that stands here.
"""

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Date,
    Dialect,
    SQLColumnExpression,
    Text,
    bindparam,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import coercions, roles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine

from schemas.columns import UtcDateTime

#: A day of the division's zone, given as `today`.
TODAY: BindParameter[date] = bindparam("today", type_=Date())
#: A day that is known, or one that a statement is given when it is executed.
Day = date | BindParameter[date]
#: An instant, given as `now`.
NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())
#: The name under which the numbers are given of what is asked about.
IDS = "ids"


class _Many(TypeDecorator[Collection[Any]]):
    """Many values of one type in one parameter: an array of PostgreSQL's; for SQLite a list in JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, one: TypeEngine[Any]) -> None:
        super().__init__()
        self.one = one

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """How the dialect keeps it."""
        return dialect.type_descriptor(ARRAY(self.one) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """Each value as its own type gives it to the database."""
        several = list(value or ())
        if dialect.name == "postgresql":
            return several
        bind = self.one.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps(several if bind is None else [bind(one) for one in several])


class among(ColumnElement[bool]):  # noqa: N801 - it stands where `in_` would, and reads as a function
    """Whether a column has one of many values: those that are given, or given later under a name.

    `in_` has a parameter for each value. So each number of values is a statement of its own, to be written,
    sent and planned anew: for five hundred that takes longer than the answer. Here all are one parameter.
    """

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own name and form
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: SQLColumnExpression[Any], these: str | Collection[Any]) -> None:
        self.column = coercions.expect(roles.ExpressionElementRole, column)
        many = _Many(self.column.type)
        self.values = (
            bindparam(these, type_=many)
            if isinstance(these, str)
            else bindparam("these", these, type_=many, unique=True)
        )

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002 - SQLAlchemy's own form
        """As it stands: with the `= 1` that SQLite's truths get, SQLite would read all rows."""
        return self


@compiles(among, "postgresql")
def _in_array(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in (element.column, element.values))
    return f"{column} = ANY ({values})"


@compiles(among, "sqlite")
def _in_list(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in (element.column, element.values))
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled, no text of anybody's
