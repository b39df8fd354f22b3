"""What of the store counts as evidence or authority, and the digest of one such row.

The audit chain holds a digest of each row of `SEALED` in the entry that made or changed it. A column
without a value adds nothing to the digest: a later revision may add a column which old rows leave empty.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    Select,
    Table,
    literal_column,
    select,
)

from schemas.columns import UtcDateTime
from schemas.tables import metadata

#: Tables that are in no entry, and why nothing rests on them.
UNSEALED_TABLES: Mapping[str, str] = {
    "audit_entry": "the chain itself: each entry's hash is over the one before",
    "action_item": "a wait for a person: the sweep asks again for whatever a gate or a finding lacks",
    "notice": "the outbox: senders change it without a turn at the chain; what was told is in the records",
    "event": "tells Prefect of what is in the chain already",
    "wake": "asks for a run; the sweep does what a lost one would have done",
    "import_run": "spares the same file a second reading; what an import changed is sealed",
    "unmatched_row": "a question about a row of a file; its answer is a completion, which is sealed",
    "portal_session": "who is signed in: it is read at each request, and audit entries name it by its number",
    "sign_in_attempt": "a sign-in under way, for ten minutes",
    "kept_page": "a form under way, or its answer: locked, for a day, and nobody's record of anything",
    "handed_in": "spares the same form a second record; what it recorded is sealed",
    "left_head": "what left is kept elsewhere; verifying holds the chain against each that is still noted",
    "remembered": "spares a question about the next file; whatever that brings is sealed",
}

#: Columns of sealed tables that are in no digest, and why.
UNSEALED_COLUMNS: Mapping[tuple[str, str], str] = {
    (table, "latest"): "follows from the rows themselves: verifying derives it and compares"
    for table in ("page_check", "privacy_review", "profile_check")
} | {("person", "language"): "how pages and letters speak to somebody: it decides nothing"}

#: The tables whose rows are sealed: every other one, so that a new table is sealed unless it says why not.
SEALED: Mapping[str, Table] = {
    name: table for name, table in sorted(metadata.tables.items()) if name not in UNSEALED_TABLES
}


class Unreadable(ValueError):
    """A cell holds what its column can't hold."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


#: Made once: `json.dumps` would make one for each of thousands of records.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, ASCII."""
    return _ENCODER.encode(value)


@cache
def _places(table: Table) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """The columns that are read of a table, and how a raw cell of each becomes a plain value."""
    return tuple(
        (one.name, _plain_of(one)) for one in table.columns if (table.name, one.name) not in UNSEALED_COLUMNS
    )


@cache
def raw_columns(table: Table) -> tuple[ColumnElement[Any], ...]:
    """The same columns as the database has them: a damaged cell must not end the reading of the others."""
    quoted = [
        (f'"{table.name}"."{name}"', isinstance(table.c[name].type, JSON)) for name, _ in _places(table)
    ]
    # PostgreSQL's driver would read JSON itself, and keep one of two equal keys
    return tuple(literal_column(f"CAST({one} AS TEXT)" if is_json else one) for one, is_json in quoted)


def raw_rows(table: Table) -> Select[*tuple[Any, ...]]:
    """A select of whole rows, cell by cell as the database has them."""
    return select(*raw_columns(table)).select_from(table)


def plain(table: Table, cells: Sequence[Any]) -> dict[str, Any]:
    """A row of `raw_rows` as plain JSON values; cells without a value are left out. Raises Unreadable."""
    row = {}
    for (name, convert), cell in zip(_places(table), cells, strict=True):
        if cell is not None:
            try:
                row[name] = convert(cell)
            except (ValueError, TypeError, AttributeError, RecursionError):
                raise Unreadable(name) from None
    return row


@cache
def _written(table: Table) -> tuple[tuple[str, int, Callable[[Any], str]], ...]:
    """The columns in a digest, by name: the name as JSON has it, the cell's place, and how it is written."""
    places = sorted((name, place) for place, (name, _) in enumerate(_places(table)))
    converts = dict(_places(table))
    return tuple((f"{canonical(name)}:", place, _IN_JSON[converts[name]]) for name, place in places)


def as_canonical(table: Table, cells: Sequence[Any]) -> str:
    """The same as `canonical` of `plain`, in one go. Raises Unreadable naming the column."""
    try:
        parts = [
            begin + write(cell)
            for begin, place, write in _written(table)
            if (cell := cells[place]) is not None
        ]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return canonical(plain(table, cells))  # which says the first that is damaged
    return "{" + ",".join(parts) + "}"


def digest(table: Table, cells: Sequence[Any]) -> str:
    """SHA-256 over a row's table and its plain values. Raises Unreadable naming the column."""
    return hashlib.sha256(f"{table.name}\n{as_canonical(table, cells)}".encode()).hexdigest()


def digest_or_damaged(table: Table, cells: Sequence[Any]) -> str:
    """The same; for a damaged row, which one cell damaged."""
    try:
        return digest(table, cells)
    except Unreadable as damaged:
        return f"unreadable: {damaged.column}"


def id_of(cells: Sequence[Any]) -> int:
    """The row's number: the first column of every sealed table."""
    return int(cells[0])


def _plain_of(column: Column[Any]) -> Callable[[Any], Any]:
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return _moment
    for its, convert in ((JSON, _json), (Boolean, _truth), (Date, _day), (Integer, _number)):
        if isinstance(kind, its):
            return convert
    return _text


def _number(cell: Any) -> int:
    if type(cell) is not int:
        raise ValueError(cell)
    return cell


def _truth(cell: Any) -> bool:
    if cell not in (0, 1) or isinstance(cell, float):
        raise ValueError(cell)
    return bool(cell)


def _text(cell: Any) -> str:
    if not isinstance(cell, str):
        raise TypeError
    return cell


@lru_cache(maxsize=4096)  # the rows of a night have few days and moments
def _day(cell: Any) -> str:
    return (cell if isinstance(cell, date) else date.fromisoformat(cell)).isoformat()


@lru_cache(maxsize=4096)
def _moment(cell: Any) -> str:
    """An instant in UTC, to the microsecond. SQLite keeps it without its zone."""
    moment = cell if isinstance(cell, datetime) else datetime.fromisoformat(cell)
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")


def _json(cell: Any) -> Any:
    return json.loads(cell, object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once: readers differ on which of two counts."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError("a key is there twice")
        found[key] = value
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(word)


#: How a cell of each kind stands in JSON. Dates and moments need no escapes.
_IN_JSON: Mapping[Callable[[Any], Any], Callable[[Any], str]] = {
    _moment: lambda cell: f'"{_moment(cell)}"',
    _day: lambda cell: f'"{_day(cell)}"',
    _json: lambda cell: canonical(_json(cell)),
    _truth: lambda cell: "true" if _truth(cell) else "false",
    _number: lambda cell: str(_number(cell)),
    _text: lambda cell: encode_basestring_ascii(_text(cell)),
}
