"""Column types that both databases treat alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

#: Every constraint has the same name on both databases, so that a migration can speak of it.
#: Set here because every module of tables imports this one before it defines its first table.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
#: A row is not validated by pydantic, whose validator of each table would take a megabyte of every process.
SQLModel.model_config["defer_build"] = True


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only, keeps and gives back UTC (SQLite would lose the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse an instant without a zone: it would mean another moment on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone can't be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back that SQLite dropped."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Text(TypeDecorator[StrEnum]):
    """An enum member, kept as its value in a plain text column.

    Text and not a database enum: adding a state is then no migration of a type.
    """

    impl = String(40)
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum
        self._members = {member.value: member for member in enum}

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Only members go in: `enum(value)` raises ValueError for anything else."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        """The member again. Looked up and not called: a night reads a million of them."""
        return None if value is None else self._members.get(value) or self.enum(value)


def table_of(model: type[SQLModel]) -> Table:
    """The plain table behind a table model, for statements that build no objects."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
