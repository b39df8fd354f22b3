"""The reader of tables: what it takes, what it refuses and how it says so."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadFile, BadRows
from tasks.files.export import safe_cell, to_csv
from tasks.files.tabular import read_table

ASKED = ("email", "givenName")


def rows(content: bytes) -> list[tuple[int, str, str]]:
    table = read_table(content, name="u.csv", required=ASKED)
    return [(row.line, row["email"], row["givenName"]) for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_dialect_reads_the_same(encoding: str, delimiter: str, end: str) -> None:
    lines = ["E Mail,Given_Name", 'a@x.org,"Zoë', '""Z"" Sample"', "", "b@x.org,Ann"]
    content = end.join(lines).replace(",", delimiter).encode(encoding)
    assert rows(content) == [(2, "a@x.org", f'Zoë{end}"Z" Sample'), (5, "b@x.org", "Ann")]


def test_excels_first_line_names_the_delimiter() -> None:
    assert rows(b"sep=;\r\nemail;givenName\r\na,b;c\r\n") == [(3, "a,b", "c")]


def test_commas_in_the_data_do_not_decide_the_delimiter() -> None:
    assert rows(b"email;givenName\na,b,c,d,e;f\n") == [(2, "a,b,c,d,e", "f")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "u.csv: the file is empty"),
        (b"\n\n", "u.csv: the file is empty"),
        (b"emial,givenName\n", "line 1: the header lacks 'email' (did you mean 'emial'?)"),
        (b"email,givenName,E-Mail\n", "line 1: the header has 'email' more than once"),
        (b"email,givenName\na\n", "line 2: 1 fields where the header has 2"),
        (b"email,givenName\na,b,c\n", "line 2: 3 fields where the header has 2"),
        (b"email,givenName\na,b\x00c\n", r"line 2, column givenName, value 'b\x00c': there is a control"),
        (b"email,givenName\na,b\xe2\x80\xaec\n", r"column givenName, value 'b\u202ec': there is a control"),
        (b"email,givenName\na," + b"x" * 1_000_000, "line 2, column givenName: the field is longer"),
        (b'email,givenName\na,"' + b"x\n" * 500_000, "line 2, column givenName: the field is longer"),
        (b'email,givenName\na,"b\n', "line 2, column givenName: a quote is opened here and never closed"),
        (b'email,givenName\na,"b"c\n', "line 2, column givenName: there is text after"),
        (b"email,givenName\na,\xc3\xa9\nb,\x81\n", "line 3: the bytes here can't be read as text"),
        (b"<!DOCTYPE html><html>", "u.csv: this is a web page"),
        (b"PK\x03\x04 [Content_Types].xml", "u.csv: this is an Excel workbook"),
        (b"PK\x03\x04 users.csv", "u.csv: this is a zip archive"),
        (b"\xd0\xcf\x11\xe0rest", "u.csv: this is an old Excel workbook"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises((BadFile, BadRows)) as error:
        rows(content)
    assert said in str(error.value)
    assert error.value.exit_code == 2


def test_all_bad_rows_are_told_at_once_up_to_twenty() -> None:
    with pytest.raises(BadRows, match="30 values can't be used") as error:
        rows(b"email,givenName\n" + b"a\n" * 30)
    assert len(error.value.problems) == 20
    assert str(error.value).endswith("and 10 more")


def test_too_many_rows_are_refused() -> None:
    table = read_table(b"email\na\nb\nc\n", name="u.csv", required=("email",), rows_limit=2)
    with pytest.raises(BadFile, match="line 4: there are more than 2 rows"):
        list(table.rows)


def test_the_standard_librarys_field_limit_is_no_concern() -> None:
    before = csv.field_size_limit(10)
    try:
        assert rows(b"email,givenName\na," + b"x" * 5000)[0][2] == "x" * 5000
    finally:
        csv.field_size_limit(before)


def test_passwords_are_dropped_and_extra_columns_named() -> None:
    table = read_table(
        b"email,Pass Word,PASSWORD [Required],shoe,givenNam\na,hush,hush,7,x\n",
        name="u.csv",
        required=("email",),
        known=("givenName",),
    )
    assert [row.cells for row in table.rows] == [("a", "", "", "7", "x")]
    assert table.notes == [
        (
            "u.csv: the column 'givenNam' was not understood; did you mean 'givenName'? "
            "Then say so once: --map 'givenNam=givenName'."
        ),
        "u.csv: columns not understood and not read: 'shoe'.",
    ]


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"], blacklist_characters="\ufeff"))
PRINTABLE = CELL.map(lambda text: "".join(c for c in text if not "\u202a" <= c <= "\u202e"))
SAFE = PRINTABLE.map(lambda text: "".join(c for c in text if not "\u2066" <= c <= "\u2069").strip())
WITH_LINES = st.lists(SAFE, min_size=1, max_size=3).map(lambda parts: "\r\n".join(parts).strip())


@given(
    cells=st.lists(st.tuples(WITH_LINES, WITH_LINES), max_size=6),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_cell_survives_writing_and_reading(
    cells: list[tuple[str, str]], delimiter: str, encoding: str, end: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerows([ASKED, *cells])
    found = rows(out.getvalue().encode(encoding))
    assert [row[1:] for row in found] == [pair for pair in cells if any(pair)]


FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\x00=", " =", *FULL_WIDTH])
def test_a_written_cell_is_never_a_formula(start: str) -> None:
    assert safe_cell(f"{start}cmd|' /C calc'!A0").startswith("'")


def test_plain_cells_are_written_as_they_are() -> None:
    assert to_csv(["a", "b", "c"], [["Zoë", -3, None], ["=1+1", "x,y", ""]]) == (
        'a,b,c\r\nZoë,-3,\r\n\'=1+1,"x,y",\r\n'
    )
