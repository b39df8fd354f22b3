"""From text to records: quoted fields, every kind of line end, and limits that hold before memory runs out.

The standard library's reader has one field limit for the whole process, and does not say which column passed
it. That is why we have our own.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.errors import BadFile, Place
from tasks.files.decoding import Decoded

FIELD_LIMIT = 100_000  # characters in one field
LINE_LIMIT = 4_000_000  # characters in one line of the file


@dataclass(frozen=True)
class Record:
    """One record; `line` is the physical line on which it starts, counted from 1."""

    line: int
    cells: list[str]


class Records:
    """The records of a text. Lines end with LF, CRLF or CR; quotes as in RFC 4180."""

    def __init__(self, decoded: Decoded, name: str) -> None:
        self._text = io.TextIOWrapper(
            io.BytesIO(decoded.content), encoding=decoded.encoding, errors="strict", newline=""
        )
        self.name = name
        self.line = 0  # the physical line read last
        self.columns: tuple[str, ...] = ()  # names for errors, once the header is known

    def next_line(self) -> str | None:
        """The next physical line with its end; None after the last."""
        text = self._text.readline(LINE_LIMIT + 1)
        if not text:
            return None
        self.line += 1
        if len(text) > LINE_LIMIT:
            raise BadFile(
                f"the line is longer than {LINE_LIMIT:,} characters: export the file again",
                Place(self.name, self.line),
            )
        return text

    def records(self, delimiter: str, first: str | None = None) -> Iterator[Record]:
        """Every record from here on; `first` is a line that was read already."""
        text = first if first is not None else self.next_line()
        while text is not None:
            start = self.line
            if '"' in text:
                cells = self._quoted(text, delimiter, start)
            else:
                cells = text.rstrip("\r\n").split(delimiter)
                if len(text) > FIELD_LIMIT:
                    for number, cell in enumerate(cells):
                        self._check_length(len(cell), start, number)
            yield Record(start, cells)
            text = self.next_line()

    def _quoted(self, text: str, delimiter: str, start: int) -> list[str]:
        """Cells of a record in which there are quotes; reads on while one is open."""
        cells: list[str] = []
        position = 0
        while True:
            if text.startswith('"', position):
                cell, text, position = self._one_quoted(text, position + 1, start, len(cells))
                rest = text[position:].rstrip("\r\n")
                if rest and not rest.startswith(delimiter):
                    raise self._error(
                        "there is text after the closing quote of this field", start, len(cells)
                    )
                more = bool(rest)
            else:
                end = text.find(delimiter, position)
                more = end >= 0
                cell = text[position:end] if more else text[position:].rstrip("\r\n")
                self._check_length(len(cell), start, len(cells))
                position += len(cell)
            cells.append(cell)
            if not more:
                return cells
            position += len(delimiter)

    def _one_quoted(self, text: str, position: int, start: int, number: int) -> tuple[str, str, int]:
        """A quoted cell, the line in which it ends, and the position after its closing quote."""
        parts: list[str] = []
        length = 0
        while True:
            end = text.find('"', position)
            part = text[position:] if end < 0 else text[position:end]
            parts.append(part)
            length += len(part)
            self._check_length(length, start, number)
            if end < 0:
                following = self.next_line()
                if following is None:
                    raise self._error("a quote is opened here and never closed", start, number)
                text, position = following, 0
            elif text.startswith('"', end + 1):
                parts.append('"')
                length += 1
                position = end + 2
            else:
                return "".join(parts), text, end + 1

    def _check_length(self, length: int, start: int, number: int) -> None:
        if length > FIELD_LIMIT:
            raise self._error(
                f"the field is longer than {FIELD_LIMIT:,} characters; look for a quote that is never closed",
                start,
                number,
            )

    def _error(self, what: str, line: int, number: int) -> BadFile:
        named = self.columns[number] if number < len(self.columns) else ""
        return BadFile(what, Place(self.name, line, named or str(number + 1)))
