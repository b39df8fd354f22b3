"""Where in a policy file something stands: the line of a key, as well as it can be told."""

import re
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")


def line_of(text: str, data: dict[str, Any], location: tuple[int | str, ...]) -> int:
    """The number of the line, from 1, where a key stands, or else the list or table that it is missing in."""
    lines = text.splitlines()
    start, end, rest = _table(lines, location)
    at: Any = data
    for part in location[: len(location) - len(rest)]:
        at = within(at, part)
    for part in rest:
        at = within(at, part)
        found = _entry(lines, start, end, at) if isinstance(part, int) else _key(lines, start, end, part)
        start = start if found is None else found
    return start + 1


def within(at: Any, part: int | str) -> Any:
    """What stands at one step of a location; None where nothing does."""
    if isinstance(part, int):
        return at[part] if isinstance(at, list) and part < len(at) else None
    return at.get(part) if isinstance(at, dict) else None


def _table(lines: list[str], location: tuple[int | str, ...]) -> tuple[int, int, tuple[int | str, ...]]:
    """The lines of the innermost table with a header of its own, and what of the location lies within it."""
    headers = [
        (number, match[1], match[2]) for number, line in enumerate(lines) if (match := _HEADER.match(line))
    ]
    best = (0, headers[0][0] if headers else len(lines), location)
    counted: dict[str, int] = {}
    path: dict[str, tuple[int | str, ...]] = {}
    for place, (number, bracket, name) in enumerate(headers):
        outer, _, last = name.rpartition(".")
        here: tuple[int | str, ...] = (*path.get(outer, (outer,) if outer else ()), last)
        if bracket == "[[":
            counted[name] = counted.get(name, -1) + 1
            here = (*here, counted[name])
        for inner in [other for other in counted if other.startswith(f"{name}.")]:
            counted.pop(inner)
        path[name] = here
        if location[: len(here)] == here:
            end = headers[place + 1][0] if place + 1 < len(headers) else len(lines)
            best = (number, end, location[len(here) :])
    return best


def _key(lines: list[str], start: int, end: int, key: str) -> int | None:
    wanted = re.compile(rf"(?:^|[\s{{,]){re.escape(key)}\s*=")
    return next((number for number in range(start, end) if wanted.search(lines[number])), None)


def _entry(lines: list[str], start: int, end: int, entry: Any) -> int | None:
    """The line of a list's entry that is written on one line: found by the first text in it."""
    words = entry.values() if isinstance(entry, dict) else (entry,)
    word = next((value for value in words if isinstance(value, str)), None)
    if word is None:
        return None
    return next((number for number in range(start, end) if f'"{word}"' in lines[number]), None)
