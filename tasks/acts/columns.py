"""What was said of the columns of files: kept with the import that it was said for, and listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select

from schemas.forms import ActForm
from schemas.gates import Remembered
from schemas.people import Person
from tasks.files.columns import Columns, SaidColumns, said_columns
from tasks.files.headers import plain
from tasks.store import Store
from tasks.store.import_runs import remember
from tasks.store.session import Session

#: The kind of what is remembered: its key is "kind of file/set of headers/their header".
COLUMNS = "columns"


class ColumnsForm(ActForm):
    """The root of the forms of imports whose columns may have other names."""

    kind: ClassVar[str]

    columns: SaidColumns = ()


@dataclass(frozen=True)
class Mapping:
    """A column that is read as one of ours, who said so, and when."""

    number: int
    file: str
    theirs: str
    ours: str
    said_by: str
    said_at: datetime


async def columns_for(store: Store, form: ActForm) -> Columns:
    """What is known of the columns of a form's file, from the form and from before. Raises BadInput."""
    if not isinstance(form, ColumnsForm):
        return Columns()
    said = said_columns(form.columns)
    before: dict[str, dict[str, str]] = {}
    async with store.read() as session:
        for one in await _rows(session, form.kind):
            _, headers, theirs = one.key.split("/", 2)
            before.setdefault(headers, {})[plain(theirs)] = one.value
    return Columns(said, before)


async def keep_columns(
    session: Session, form: ActForm, columns: Columns, by_id: int | None, now: datetime
) -> None:
    """Remember what was said now; not where nobody is stored yet who could have said it."""
    if not isinstance(form, ColumnsForm) or by_id is None:
        return
    for one in columns.used:
        key = f"{form.kind}/{one.headers}/{one.theirs}"
        await remember(session, COLUMNS, key, one.ours, by_id=by_id, now=now)


async def mappings(store: Store) -> tuple[Mapping, ...]:
    """Every column that is read as another, oldest first."""
    async with store.read() as session:
        rows = await _rows(session)
        people = select(Person).where(col(Person.id).in_({one.said_by_id for one in rows}))
        names = {one.id: one.name for one in (await session.exec(people)).all()}
    return tuple(
        Mapping(
            one.id or 0,
            one.key.split("/", 2)[0],
            one.key.split("/", 2)[2],
            one.value,
            names.get(one.said_by_id, ""),
            one.said_at,
        )
        for one in rows
    )


async def _rows(session: Session, kind: str = "") -> Sequence[Remembered]:
    asked = (
        select(Remembered)
        .where(col(Remembered.kind) == COLUMNS, col(Remembered.key).startswith(kind, autoescape=True))
        .order_by(col(Remembered.id))
    )
    return (await session.exec(asked)).all()
