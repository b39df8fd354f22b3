"""Every row of the store that speaks of one person. The tables are walked: a new one can't be left out."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, String, Table, and_, cast, not_, or_, select
from sqlmodel.sql.sqltypes import AutoString

from schemas.accounts import Access, AccountChange, AccountRequest
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.machinery import ActionItem, AuditEntry
from schemas.people import Person
from schemas.tables import metadata
from schemas.words import Changed, SubjectKind
from tasks.people.scrubbing import Traces
from tasks.store.entries import reports_about
from tasks.store.session import Session

#: Columns that say whose a row is; any other column with a person in it says who did something.
_WHOSE = frozenset({"person_id", "requester_id", "settled_person_id", "merged_id"})
_OWNERS: Mapping[SubjectKind, tuple[Table, str]] = {
    SubjectKind.ACCESS: (table_of(Access), "person_id"),
    SubjectKind.REQUEST: (table_of(AccountRequest), "requester_id"),
    SubjectKind.FINDING: (table_of(Finding), "person_id"),
    SubjectKind.LEAVE: (table_of(Leave), "person_id"),
    SubjectKind.ITEM: (table_of(ActionItem), "person_id"),
}
#: What stands where a cell is not given out.
WITHHELD = "(withheld)"
#: Why cells are not given out, said in the export itself.
REASONS = (
    "what signs somebody in: codes, cookies and their digests",
    "texts in rows that are about somebody else, unless they name the person",
    "who reported the person, and a report that they were not heard on yet",
    "nothing at all of reports about whoever made these files: they are left out",
    "what a report of a private contact says: few may see it, and it may lead to a student",
)
_SIGNS_IN = frozenset({"token_hash", "browser_hash", "code_hash", "link_hash", "said", "forgotten_key"})
_FEW_SEE = frozenset({("contact_report", "says"), ("contact_report", "did")})
_UNHEARD = frozenset({"reported", "dismissed"})


class Part(StrEnum):
    """How a row speaks of the person."""

    THEIRS = "theirs"
    DID = "did it"
    NAMED = "named in it"


@dataclass(frozen=True)
class Found:
    """The rows of one table: how each speaks of the person, and its cells by column, as plain values."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Part, Mapping[str, Any]], ...]


async def everything_of(session: Session, ids: Collection[int], traces: Traces, reader: int) -> list[Found]:
    """Every row of a person's records (`ids`: theirs, and those merged into it), table by table.

    Found by number, by what an entry is about, and by name or address in any text. Cells that are not
    theirs to have are withheld. `reader` makes the files of somebody else: what that one may have reported
    of `reader` is left out. Serves requests for access.
    """
    found = []
    for table in metadata.sorted_tables:
        its = _Its(table, ids, traces)
        conditions = [one for one in its.conditions() if one is not None]
        if not conditions:
            continue
        keys = list(table.primary_key.columns)
        theirs = or_(*its.theirs()) if its.theirs() else None
        flag = [theirs.label("_theirs")] if theirs is not None else []
        rows = (
            await session.run(
                select(table, *flag).where(or_(*conditions), *its.not_for(reader)).order_by(*keys)
            )
        ).mappings()
        kept = tuple(its.shown(dict(row), theirs=bool(row.get("_theirs"))) for row in rows)
        if kept:
            found.append(Found(table.name, tuple(one.name for one in table.c), kept))
    return found


def people_in(table: Table) -> tuple[Column[Any], ...]:
    """The columns of a table that hold a person's number."""
    return tuple(
        one
        for one in table.c
        if any(key.column.table.name == Person.__tablename__ for key in one.foreign_keys)
        or one.name in {"person_id", "actor_id"}
        or (table.name == Person.__tablename__ and one.name == "id")
    )


def texts_in(table: Table) -> tuple[Column[Any], ...]:
    """The columns of a table in which words of people may stand: no closed list, no key of another table."""
    return tuple(
        one for one in table.c if isinstance(one.type, AutoString | String | JSON) and not one.foreign_keys
    )


class _Its:
    """What makes a row of one table one that speaks of the person."""

    def __init__(self, table: Table, ids: Collection[int], traces: Traces) -> None:
        self.table, self.ids, self.traces = table, tuple(ids), traces
        self.people, self.texts = people_in(table), texts_in(table)

    def theirs(self) -> list[ColumnElement[bool]]:
        """What makes it their own."""
        own = [
            one.in_(self.ids)
            for one in self.people
            if one.name in _WHOSE or (one.name == "id" and self.table.name == Person.__tablename__)
        ]
        return [*own, *self._about()]

    def _about(self) -> Iterator[ColumnElement[bool]]:
        """By what it is about: the person, or something that is theirs."""
        columns = self.table.c
        if "subject_kind" in columns and "subject_id" in columns:
            kind, number = columns["subject_kind"], columns["subject_id"]
            yield and_(kind == SubjectKind.PERSON, number.in_(self.ids))
            for its, (owner, column) in _OWNERS.items():
                mine = select(owner.c.id).where(owner.c[column].in_(self.ids))
                yield and_(kind == its, number.in_(mine))
        if self.table is table_of(AccountChange):
            numbers = [str(one) for one in self.ids]
            yield and_(
                columns["what"].in_((Changed.ADMINISTRATOR, Changed.LAST_DAY)),
                columns["before"].in_(numbers),
            )

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What makes it speak of them in any way."""
        yield from self.theirs()
        yield from (one.in_(self.ids) for one in self.people)
        yield from (
            cast(column, String).icontains(written, autoescape=True)
            for column in self.texts
            for written in self.traces.written
        )
        if self.table is table_of(AuditEntry):
            body = self.table.c["body"]
            yield from (body[key].as_integer().in_(self.ids) for key in ("in_name_of", "recorded_by"))

    def not_for(self, reader: int) -> Iterator[ColumnElement[bool]]:
        """What leaves out the rows of reports about the reader, where they are none of their own files."""
        about, columns = reports_about(reader), self.table.c
        if reader in self.ids:
            return
        if self.table is table_of(Incident):
            yield columns["id"].not_in(about)
        if "subject_kind" in columns and "subject_id" in columns:
            its = and_(columns["subject_kind"] == SubjectKind.INCIDENT, columns["subject_id"].in_(about))
            yield or_(columns["subject_kind"].is_(None), not_(its))

    def shown(self, row: Mapping[str, Any], *, theirs: bool) -> tuple[Part, dict[str, Any]]:
        """How it speaks of them, and what is given out of it."""
        did = any(row[one.name] in self.ids for one in self.people)
        part = Part.THEIRS if theirs else Part.DID if did else Part.NAMED
        texts = {one.name for one in self.texts}
        return part, {
            one.name: WITHHELD if self._is_withheld(one.name, row, texts, part) else _plain(row[one.name])
            for one in self.table.c
        }

    def _is_withheld(self, name: str, row: Mapping[str, Any], texts: set[str], part: Part) -> bool:
        value, table = row[name], self.table.name
        if value is None:
            return False
        if name in _SIGNS_IN or (table, name) in _FEW_SEE:
            return True
        others_report = table == "incident" and row["reported_by_id"] not in self.ids
        if others_report and (name == "reported_by_id" or (name in texts and row["state"] in _UNHEARD)):
            return True
        if part is Part.THEIRS or name not in texts or table == AuditEntry.__tablename__:
            return False  # entries of the chain hold no names
        return bool(self.traces.clean_json(value) == value)


def _plain(value: Any) -> Any:
    """A cell as JSON has it: moments in UTC and days as ISO 8601."""
    return value.isoformat() if isinstance(value, datetime | date) else value


def as_cells(found: Found) -> Iterator[Sequence[object]]:
    """The rows as cells of a table, the part first; what is a list or an object is written as JSON."""
    for part, row in found.rows:
        cells = (row[name] for name in found.columns)
        yield [
            str(part),
            *(
                json.dumps(one, ensure_ascii=False, sort_keys=True) if isinstance(one, dict | list) else one
                for one in cells
            ),
        ]
