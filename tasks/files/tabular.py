"""The one reader of tables (CSV and its relatives) that every import shares.

    table = read_table(path, name="users.csv", required=("email",), known=("email", "givenName"))
    for row in table.rows:      # at its end BadRows is raised for all ragged and unreadable rows at once
        row["email"]            # by the name asked for, stripped; "" where the column is not there
        row.line, row.cells     # where it starts; its cells in the order of table.headers

A caller that checks more gives `problems=Problems()`, adds to it, and calls `raise_if_any()` itself.

Values of `never` columns, and of every column whose header speaks of a password, are dropped here.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.errors import BadFile, BadRows, Place
from schemas.language import half
from schemas.secrets import says_a_password
from tasks.files.columns import Columns
from tasks.files.decoding import decode
from tasks.files.export import given_cell
from tasks.files.headers import WORKSPACE, is_workspace_list, match, not_understood, plain, sniff, to_drop
from tasks.files.parsing import Record, Records

#: What is said of a cell with a password. The cell itself is not shown.
REFUSED_CELL = half(
    "this looks like a password: take it out of the file, change it on the platform, and give the name of "
    "its entry in the vault instead"
)

__all__ = ["BYTES_LIMIT", "Problems", "Row", "Table", "plain", "read_bytes", "read_table"]

BYTES_LIMIT = 64_000_000  # of one file: what is held in memory
ROWS_LIMIT = 200_000
COLUMNS_LIMIT = 2_000
SHOWN_PROBLEMS = 20
TO_MEND = "What to mend"  # the column that rows which were left out are handed back with

_SEP_LINE = re.compile(r"""^"?sep=(.)"?\s*$""", re.IGNORECASE)
#: What people can't see, and what turns the reading direction: never part of a name or an address.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


class Problems:
    """Everything that is wrong with the rows, gathered so that a person mends all of it at once."""

    def __init__(self) -> None:
        self.found: list[tuple[str, Place]] = []
        self.secrets: set[tuple[int | None, str | None]] = set()  # lines and columns of what is not kept

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.found)

    def add(self, what: str, place: Place, *, secret: bool = False) -> None:
        """Note one. `secret`: the cell may hold a password."""
        self.found.append((what, place))
        if secret:
            self.secrets.add((place.line, place.column))

    def by_line(self, file: str) -> Mapping[int | None, list[str]]:
        """What is wrong with each line of a file, by column."""
        found: dict[int | None, list[str]] = {}
        for what, place in self.found:
            if place.file == file:
                found.setdefault(place.line, []).append(f"{place.column}: {what}" if place.column else what)
        return found

    def lines(self, file: str) -> frozenset[int]:
        """The lines of a file with which something is wrong."""
        return frozenset(
            place.line for _, place in self.found if place.file == file and place.line is not None
        )

    def raise_if_any(self) -> None:
        """Raises BadRows with the first twenty and how many there are."""
        if self.found:
            shown = [BadFile(*one) for one in self.found[:SHOWN_PROBLEMS]]
            raise BadRows(shown, self.count, secret=bool(self.secrets))


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `line` is where it starts in the file; `cells` follow the file's headers, stripped."""

    line: int
    cells: tuple[str, ...]
    _index: Mapping[str, int] = field(repr=False)

    def __getitem__(self, column: str) -> str:
        """The cell of a known column; "" where the file does not have that column."""
        position = self._index.get(column)
        return "" if position is None else self.cells[position]


@dataclass
class Table:
    """A table whose header was understood. `rows` reads on; it can be gone through once.

    `headers` are the file's own; `columns` says where each known column is; `extra` are the positions of
    the others; `notes` are sentences for the person who gave the file.
    """

    file: str
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    extra: tuple[int, ...]
    notes: list[str]
    problems: Problems
    delimiter: str
    encoding: str
    sha256: str
    _content: bytes = field(repr=False)
    _records: Iterator[Record] = field(repr=False)
    _dropped: frozenset[int] = field(repr=False)
    _rows_limit: int = field(repr=False)
    _raises: bool = field(repr=False)
    count: int = 0

    def note(self, what: str) -> None:
        """Say something to the person who gave the file, once."""
        if what not in self.notes:
            self.notes.append(what)

    def place(self, row: Row | int, column: str | None = None, value: str | None = None) -> Place:
        """Where something is wrong, for an error."""
        return Place(self.file, row if isinstance(row, int) else row.line, column, value)

    def bad_rows(self) -> Iterator[tuple[Sequence[str], str]]:
        """Each row with which something is wrong, as it stood in the file, and what is to mend.

        The file is read once more; what is never kept is blank here too.
        """
        wrong = self.problems.by_line(self.file)
        text = Records(decode(self._content, self.file), self.file)
        for record in text.records(self.delimiter):
            if record.line in wrong:
                secret = {n for one, n in self.columns.items() if (record.line, one) in self.problems.secrets}
                blank = self._dropped | secret
                cells = ["" if n in blank else cell for n, cell in enumerate(record.cells)]
                yield cells, "; ".join(dict.fromkeys(wrong[record.line]))

    @property
    def rows(self) -> Iterator[Row]:
        """Every row that has the header's number of fields and no control characters in known columns.

        The others go to `problems`, and are raised at the end unless the caller gave its own; empty lines
        are passed over. Raises BadRows, BadFile where reading on makes
        no sense: a quote never closed, a field or the file too long.
        """
        wide = len(self.headers)
        ours = plain(TO_MEND) in map(plain, self.headers)
        for record in self._records:
            cells = record.cells
            if not any(cell.strip() for cell in cells):
                continue
            self.count += 1
            if self.count > self._rows_limit:
                raise BadFile(
                    f"there are more than {self._rows_limit:,} rows: give the file in parts",
                    Place(self.file, record.line),
                )
            if len(cells) > wide and not any(cell.strip() for cell in cells[wide:]):
                cells = cells[:wide]
            if len(cells) != wide:
                self.problems.add(
                    f"{len(cells)} fields where the header has {wide}: look for a missing quote or delimiter",
                    Place(self.file, record.line),
                )
                continue
            kept = ["" if n in self._dropped else cell.strip() for n, cell in enumerate(cells)]
            row = Row(record.line, tuple(map(given_cell, kept) if ours else kept), self.columns)
            if self._is_clean(row):
                yield row
        if self._raises:
            self.problems.raise_if_any()

    def _is_clean(self, row: Row) -> bool:
        clean = True
        for column, position in self.columns.items():
            value = row.cells[position]
            if value and _CONTROL.search(value):
                clean = False
                self.problems.add(
                    "there is a control character in it: type it again at its source",
                    self.place(row, column, value),
                )
            elif value and not value.isalpha() and says_a_password(value):
                clean = False
                self.problems.add(REFUSED_CELL, self.place(row, column), secret=True)
        return clean


def read_table(
    source: Path | bytes,
    *,
    name: str,
    required: Sequence[str] = (),
    known: Sequence[str] = (),
    never: Sequence[str] = ("password",),
    keep_extra: bool = True,
    rows_limit: int = ROWS_LIMIT,
    problems: Problems | None = None,
    unmentioned: Collection[str] = (),
    said: Columns | None = None,
    workspace: bool = False,
) -> Table:
    """Open a table and understand its header; `name` is what errors call the file.

    `required` columns must be there, `known` ones (required ones are known) may be; both are matched
    without regard to case, spaces, underscores and hyphens. Others are named in `notes`, but for those in
    `unmentioned` (plain names); with `keep_extra=False` their values are dropped. Columns without a header
    are kept and not named. `said`: which columns have another name in this file. `workspace`: a list of
    Google Workspace's users is wanted.

    Raises BadFile: no such file, too large, no table, a required column missing, a known one doubled.
    """
    content = source if isinstance(source, bytes) else read_bytes(source, name)
    if len(content) > BYTES_LIMIT:
        raise BadFile(f"the file is larger than {BYTES_LIMIT // 1_000_000} MB", Place(name))
    decoded = decode(content, name)
    wanted = tuple(dict.fromkeys((*required, *known)))
    text = Records(decoded, name)
    first = text.next_line() or ""
    given = _SEP_LINE.match(first)
    if given:
        first = text.next_line() or ""
    while first and not first.strip():
        first = text.next_line() or ""
    if not first:
        raise BadFile("there is no header line: export the file again", Place(name))
    delimiter = given[1] if given else sniff(first, wanted)
    records = text.records(delimiter, first)
    header = next(records)
    headers = tuple(" ".join(cell.split()) for cell in header.cells)
    while headers and not headers[-1] and len(headers) > 1 and not keep_extra:
        headers = headers[:-1]
    if len(headers) > COLUMNS_LIMIT:
        raise BadFile(f"there are more than {COLUMNS_LIMIT:,} columns", Place(name, header.line))
    if bad := next((one for one in headers if _CONTROL.search(one)), None):
        raise BadFile("there is a control character in this header", Place(name, header.line, None, bad))
    if is_workspace_list(headers) and not workspace:
        raise BadFile(WORKSPACE, Place(name))
    place = Place(name, header.line)
    named, renamed = said.read_as(headers, wanted, place) if said is not None else (list(headers), [])
    columns = match(named, wanted, required, place)
    text.columns = headers
    extra = tuple(n for n in range(len(headers)) if n not in columns.values())
    return Table(
        file=name,
        headers=headers,
        columns=columns,
        extra=extra,
        notes=[
            *([decoded.note] if decoded.note else []),
            *renamed,
            *not_understood(
                name,
                [headers[n] for n in extra if plain(headers[n]) not in (*unmentioned, plain(TO_MEND))],
                wanted,
                columns,
                never,
            ),
        ],
        problems=problems if problems is not None else Problems(),
        delimiter=delimiter,
        encoding=decoded.encoding,
        sha256=hashlib.sha256(content).hexdigest(),
        _content=content,
        _records=records,
        _dropped=to_drop(headers, extra, never, keep_extra=keep_extra),
        _rows_limit=rows_limit,
        _raises=problems is None,
    )


def read_bytes(path: Path, name: str, limit: int = BYTES_LIMIT) -> bytes:
    """The bytes of a file, or BadFile with what is the matter with it."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError:
        raise BadFile("there is no such file", Place(name)) from None
    except IsADirectoryError:
        raise BadFile("this is a folder: give the file in it", Place(name)) from None
    except OSError as error:
        raise BadFile(f"it can't be read ({error.strerror})", Place(name)) from None
    if len(content) > limit:
        raise BadFile(f"the file is larger than {limit // 1_000_000} MB", Place(name))
    return content
