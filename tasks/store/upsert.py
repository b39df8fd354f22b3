"""Writing a row once, by its unique key, on either database."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from tasks.store.changes import INTO
from tasks.store.session import Session


async def insert_once(
    session: Session, table: Table, values: Mapping[str, Any], *, unique: Sequence[str]
) -> bool:
    """Insert the row unless one with the same `unique` columns is there. Whether it was inserted."""
    row = {**_defaults(table), **values}
    statement = _written(table, tuple(row), tuple(unique))
    return (await session.run(statement, row)).rowcount == 1


@cache
def _defaults(table: Table) -> Mapping[str, Any]:
    """What the table's class gives to columns that are not named."""
    return {
        one.name: one.default.arg for one in table.c if isinstance(one.default, ScalarElementColumnDefault)
    }


@cache
def _written(table: Table, columns: tuple[str, ...], unique: tuple[str, ...]) -> TextClause:
    """The statement as text, the same for both databases (SQLAlchemy has two classes for ON CONFLICT).

    Its parts are names of our tables and columns; every value is bound, with its column's type.
    """
    quoted = ", ".join(f'"{name}"' for name in columns)
    bound = ", ".join(f":{name}" for name in columns)
    once = ", ".join(f'"{name}"' for name in unique)
    sql = f'INSERT INTO "{table.name}" ({quoted}) VALUES ({bound}) ON CONFLICT ({once}) DO NOTHING'  # noqa: S608
    bound_values = (bindparam(name, type_=table.c[name].type) for name in columns)
    return text(sql).bindparams(*bound_values).execution_options(**{INTO: table.name})
