"""Understanding a header line: its delimiter, its columns by name, its typos, its secrets."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from schemas.errors import BadFile, Place
from schemas.language import half

_DELIMITERS = (",", ";", "\t")


#: What somebody reads who gives Google Workspace's export of its users to another import.
WORKSPACE = half(
    "this is Google Workspace's list of users: give it to `steward import roster`, which reads people from it"
)


def is_workspace_list(headers: Iterable[str]) -> bool:
    """Whether these are the headers of Google Workspace's export of its users."""
    return {"emailaddress[required]", "orgunitpath[required]"} <= {plain(one) for one in headers}


def plain(header: str) -> str:
    """A header as it is compared: without case, white space, underscores and hyphens."""
    return re.sub(r"[\s_\-]+", "", header).casefold()


def sniff(line: str, wanted: Sequence[str]) -> str:
    """The delimiter by which the header line shows most of the columns asked for; then the most columns."""
    names = {plain(one) for one in wanted}
    outside = re.sub(r'"(?:[^"]|"")*"', lambda quoted: "q" * len(quoted[0]), line)

    def worth(delimiter: str) -> tuple[int, int]:
        cells = [plain(cell.strip().strip('"')) for cell in line.split(delimiter)]
        return sum(cell in names for cell in cells), outside.count(delimiter)

    return max(_DELIMITERS, key=worth)


def match(
    headers: Sequence[str], wanted: Sequence[str], required: Sequence[str], place: Place
) -> Mapping[str, int]:
    """Where each wanted column is. Raises BadFile for missing and doubled ones, all of them named."""
    positions: dict[str, list[int]] = {}
    for number, header in enumerate(headers):
        positions.setdefault(plain(header), []).append(number)
    if doubled := [one for one in wanted if len(positions.get(plain(one), ())) > 1]:
        raise BadFile(f"the header has {_listed(doubled)} more than once: keep one of each", place)
    found = {one: positions[plain(one)][0] for one in wanted if plain(one) in positions}
    if missing := [one for one in required if one not in found]:
        others = [header for number, header in enumerate(headers) if number not in found.values()]
        said = []
        for one in missing:
            near = _nearest(one, others)
            said.append(f"{one!r} (did you mean {near!r}?)" if near else repr(one))
        raise BadFile(
            f"the header lacks {', '.join(said)}; export the file with its header line, or, where a column "
            f"has another name, say so once: --map 'Its header={missing[0]}'",
            place,
        )
    return found


def _nearest(name: str, among: Iterable[str]) -> str | None:
    by_plain = {plain(one): one for one in among if one}
    near = difflib.get_close_matches(plain(name), by_plain, n=1, cutoff=0.8)
    return by_plain[near[0]] if near else None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(one) for one in names)


def _is_secret(header: str, never: Sequence[str]) -> bool:
    name = plain(header)
    return "password" in name or name in {plain(one) for one in never}


def to_drop(
    headers: Sequence[str], extra: Sequence[int], never: Sequence[str], *, keep_extra: bool
) -> frozenset[int]:
    """The positions whose values are never kept: secrets, and with `keep_extra=False` all that is extra."""
    secret = {n for n, header in enumerate(headers) if _is_secret(header, never)}
    return frozenset(secret if keep_extra else secret | set(extra))


def not_understood(
    name: str,
    extra: Sequence[str],
    wanted: Sequence[str],
    columns: Mapping[str, int],
    never: Sequence[str],
) -> list[str]:
    """Sentences about columns that are not used; where one looks like a typo, the right name is offered."""
    absent = [one for one in wanted if one not in columns]
    typos, strange = [], []
    for header in extra:
        if not header or _is_secret(header, never):
            continue
        near = _nearest(header, absent)
        if near:
            typos.append(
                f"{name}: the column {header!r} was not understood; did you mean {near!r}?"
                f" Then say so once: --map '{header}={near}'."
            )
        else:
            strange.append(header)
    if strange:
        typos.append(f"{name}: columns not understood and not read: {_listed(strange)}.")
    return typos
