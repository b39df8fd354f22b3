"""A select's rows, kept in a table for the rest of a transaction."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.visitors import InternalTraversal


class Kept(Executable, ClauseElement):
    """CREATE TEMPORARY TABLE … AS a select: seen by this connection alone, and gone with its transaction.

    On SQLite, which knows no such end, whoever keeps it drops it.
    """

    inherit_cache = True  # compiled once for each shape of select, as the select itself would be
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own name and form
        ("name", InternalTraversal.dp_string),
        ("rows", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, name: str, rows: Select[Any]) -> None:
        self.name, self.rows = name, rows


@compiles(Kept)
def _kept(element: Kept, compiler: SQLCompiler, **options: Any) -> str:
    ends = "ON COMMIT DROP " if compiler.dialect.name == "postgresql" else ""
    return f"CREATE TEMPORARY TABLE {element.name} {ends}AS {compiler.process(element.rows, **options)}"
