"""Columns that have other names at their source: said once, remembered for files with the same headers."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from policy.model.checks import nearest
from schemas.errors import BadFile, BadInput, Place
from schemas.forms import OnCommand, Pair
from tasks.files.headers import plain

#: The field of a form that says which column is which.
SaidColumns = Annotated[
    tuple[Pair, ...],
    OnCommand("--map"),
    Field(
        title="Columns",
        description="A column with another name, as 'Their header=our column'; several may be given. "
        "It is remembered for files with the same headers.",
    ),
]


_UNIT = "unit"  # stands in place of a set of headers, for org units


@dataclass(frozen=True)
class Renamed:
    """A column of a file and the one that it is read as. `headers` says which set of headers it stood in."""

    headers: str
    theirs: str
    ours: str


@dataclass
class Columns:
    """What is said of columns for one kind of file, now and before; `used` is what a file had of it now.

    `said`: their header, by its plain name, and our column. `before`: the same, for each set of headers.
    """

    said: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    used: list[Renamed] = field(default_factory=list)

    def read_as(
        self, headers: Sequence[str], known: Sequence[str], place: Place
    ) -> tuple[list[str], list[str]]:
        """The headers with our names where theirs differ, and a note for each of those.

        Raises BadFile for a column that we do not have.
        """
        its = fingerprint(headers)
        ours = {plain(one): one for one in known}
        named, notes = [], []
        for header in headers:
            now = self.said.get(plain(header))
            column = now[1] if now else self.before.get(its, {}).get(plain(header))
            if column is None:
                named.append(header)
                continue
            if plain(column) not in ours:
                raise BadFile(
                    f"there is no column {column!r} to read {header!r} as{nearest(column, tuple(known))}",
                    place,
                )
            named.append(ours[plain(column)])
            told = "" if now else ", as somebody said before (`steward import mappings`)"
            notes.append(f"{place.file}: the column {header!r} is read as {named[-1]!r}{told}.")
            if now:
                self.used.append(Renamed(its, header, named[-1]))
        return named, notes

    def unit(self, path: str) -> str | None:
        """What somebody said that an org unit is, or the nearest one above it; None where nobody did."""
        parts = path.rstrip("/").split("/")
        for length in range(len(parts), 0, -1):
            above = "/".join(parts[:length]) or "/"
            now = self.said.get(plain(above))
            if now is not None:
                renamed = Renamed(_UNIT, above, now[1])
                self.used += [] if renamed in self.used else [renamed]
                return now[1]
            if (before := self.before.get(_UNIT, {}).get(plain(above))) is not None:
                return before
        return None

    def check(self) -> None:
        """Raises BadInput for what was said of a column that no file has."""
        used = {plain(one.theirs) for one in self.used}
        left = [theirs for key, (theirs, _) in self.said.items() if key not in used]
        if left:
            raise BadInput(
                f"No header is called {', '.join(map(repr, left))}: write it as it stands in the file."
            )


def fingerprint(headers: Sequence[str]) -> str:
    """By what files with the same headers are known, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(plain, headers))).encode()).hexdigest()[:16]


def said_columns(words: Sequence[str]) -> dict[str, tuple[str, str]]:
    """What a form says, by their header's plain name. Raises BadInput for what is no such sentence."""
    said = {}
    for one in words:
        theirs, equals, ours = (part.strip() for part in one.rpartition("="))
        if not (theirs and equals and ours):
            raise BadInput(
                f"{one!r} does not say which column is which: write --map 'Their header=our column'."
            )
        said[plain(theirs)] = (" ".join(theirs.split()), ours)
    return said
