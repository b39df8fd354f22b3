"""Rows that were left out of an import, written to a file of their own: mended there, it is taken in next."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schemas.errors import BadInput
from schemas.forms import OnCommand
from tasks.files.export import safe_cell
from tasks.files.tabular import TO_MEND, Problems, Table

#: The field of a form that lets the good rows in and writes the others to a file.
SkipBad = Annotated[
    Path | None,
    OnCommand("--skip-bad"),
    Field(
        title="Leave out bad rows",
        description="Take the good rows in, and write the others to this file, each with what to mend.",
    ),
]


def write_bad_rows(table: Table, to: Path) -> int:
    """Write the rows of a table with which something is wrong, in the form that they came in; how many."""
    rows = [[*cells, what] for cells, what in table.bad_rows()]
    return _write(to, [*table.headers, TO_MEND], rows, table.delimiter)


def write_problems(problems: Problems, to: Path) -> int:
    """Write what is wrong with the files of a bundle, which is mended at its source; how many."""
    rows = [
        [place.file, str(place.line or ""), place.column or "", place.value or "", what]
        for what, place in problems.found
    ]
    return _write(to, ["File", "Line", "Column", "Value", TO_MEND], rows, ",")


def _write(to: Path, headers: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str) -> int:
    """Only its owner reads it: it holds names. Raises BadInput for a file that is something else."""
    every = list(rows)
    if to.exists() and TO_MEND not in _first_line(to):
        raise BadInput(f"There is a file {to.name} already, and it is no list of rows to mend: name another.")
    try:
        number = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BadInput(f"The file {to.name} can't be written ({error.strerror}): name another.") from None
    with os.fdopen(number, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow([safe_cell(one) for one in headers])
        writer.writerows([safe_cell(one) for one in row] for row in every)
    return len(every)


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.readline()
    except OSError:
        return ""
