"""Tables that we write: a cell never becomes a formula in the reader's spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

#: Spreadsheets take these at a cell's start for a formula, also behind white space, also full-width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")  # noqa: RUF001


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet runs: an apostrophe goes before what starts like a formula.

    Numbers stay numbers; None is an empty cell. NUL is taken out: no reader agrees on what it means.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    dangerous = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return ("'" if dangerous else "") + text.replace("\x00", "")


def given_cell(text: str) -> str:
    """The text of a cell that `safe_cell` made, without the apostrophe: what we handed out comes back."""
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text


def to_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV text of safe cells, for people and spreadsheets; write it as `utf-8-sig`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_cell(header) for header in headers])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()
