"""The beginning of a list, and how long it is in all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, func, select

from tasks.store.session import Session

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """The first rows of a list; `in_all` counts those that are not here too."""

    rows: tuple[T, ...]
    in_all: int


async def first(
    session: Session, wanted: Select[*tuple[Any, ...]], at_most: int | None
) -> tuple[Sequence[Row[*tuple[Any, ...]]], int]:
    """The first rows of a select, all of them for None, and how many it has in all."""
    rows = await session.rows(wanted.limit(at_most))
    if at_most is None or len(rows) < at_most:
        return rows, len(rows)
    counted = await session.run(select(func.count()).select_from(wanted.order_by(None).subquery()))
    return rows, int(counted.scalar_one())


async def first_lines(
    session: Session, wanted: Select[*tuple[Any, ...]], at_most: int | None, line: Callable[..., T]
) -> Page[T]:
    """The same as a page of lines, whose fields are the select's columns by their labels."""
    rows, in_all = await first(session, wanted, at_most)
    return Page(tuple(line(**row._asdict()) for row in rows), in_all)
