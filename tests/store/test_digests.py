"""The digest of a row: written in one go, as its plain values would be."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table

from tasks.store import records
from tasks.store.records import SEALED, Unreadable, as_canonical, canonical, digest, plain

MOMENTS = st.datetimes() | st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=5, minutes=30))])
)
#: What the two databases give for a cell of each kind, and some of what they never should.
SOUND: dict[Callable[[Any], Any], st.SearchStrategy[Any]] = {
    records._moment: MOMENTS | MOMENTS.map(str),
    records._day: st.dates() | st.dates().map(date.isoformat),
    records._json: st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ).map(canonical),
    records._truth: st.booleans() | st.sampled_from([0, 1]),
    records._number: st.integers(),
    records._text: st.text(),
}
DAMAGED = st.sampled_from([b"\xff", 1.5, "not this", "[", '{"a":1,"a":2}', 7, "NaN", datetime(2026, 1, 1)])  # noqa: DTZ001 - as SQLite has it


def said(written: Callable[[Table, Any], str], table: Table, cells: list[Any]) -> str:
    try:
        return written(table, cells)
    except Unreadable as damaged:
        return f"unreadable: {damaged.column}"


@settings(max_examples=400)
@given(data=st.data(), name=st.sampled_from(sorted(SEALED)), damaged=st.integers(0, 3))
def test_a_row_is_written_as_its_plain_values_would_be(data: st.DataObject, name: str, damaged: int) -> None:
    table = SEALED[name]
    kinds = [convert for _, convert in records._places(table)]
    cells: list[Any] = [data.draw(st.none() | SOUND[kind]) for kind in kinds]
    for place in range(damaged):
        cells[data.draw(st.integers(0, len(cells) - 1), label=f"damaged {place}")] = data.draw(DAMAGED)
    plainly = said(lambda its, row: canonical(plain(its, row)), table, cells)
    assert said(as_canonical, table, cells) == plainly


def test_two_damaged_cells_are_named_by_the_first_of_the_table() -> None:
    table = SEALED["access"]
    names = [name for name, _ in records._places(table)]
    cells: list[Any] = [None] * len(names)
    cells[names.index("version")] = cells[names.index("account_id")] = "no number"
    first = min(("version", "account_id"), key=names.index)
    with pytest.raises(Unreadable, match=first):
        digest(table, cells)


def test_a_digest_is_what_it_always_was() -> None:
    """Entries of years ago hold it: it may never change."""
    row = {"id": 7, "starts_on": "2026-09-01", "source": "a rôle"}
    cells = [row.get(name) for name, _ in records._places(SEALED["role"])]
    text = 'role\n{"id":7,"source":"a r\\u00f4le","starts_on":"2026-09-01"}'
    assert digest(SEALED["role"], cells) == sha256(text.encode()).hexdigest()
