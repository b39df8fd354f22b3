"""xAPI statements: who completed which activity on which day, and which statements were voided.

A file holds one statement, a list, an answer of a learning-record store (`{"statements": […]}`), or one
statement a line. Every bad one is told by its number in the file. This module knows no people and no store.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from schemas.errors import BadFile, Place
from schemas.language import half
from tasks.files.left_out import write_problems
from tasks.files.tabular import ROWS_LIMIT, Problems, read_bytes

_COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
_PASSED = "http://adlnet.gov/expapi/verbs/passed"
_VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_SATISFIED = "https://w3id.org/xapi/adl/verbs/satisfied"
_WAIVED = "https://w3id.org/xapi/adl/verbs/waived"
_CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
_IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_MAILTO = re.compile(r"mailto:([^@\s]+@[^@\s]+\.[^@\s]+)", re.IGNORECASE)
_SHA1 = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_LONGEST_ADDRESS, _LONGEST_NAME, _LONGEST_ID = 254, 200, 900
WAIVED = "waived, which is no completed training"


@dataclass(frozen=True)
class Statement:
    """One completion. `email` or `sha1` (of "mailto:" and the address) says whose; else only `name` does.

    `line` is its number in the file; `names` are what the activity is called, in any language.
    """

    line: int
    id: str
    activity: str
    names: tuple[str, ...]
    email: str
    sha1: str
    name: str
    completed_on: date


@dataclass(frozen=True)
class Statements:
    """What a file says. `voids`: ids of statements that no longer count; `counted`: what was passed over."""

    file: str
    sha256: str
    rows: tuple[Statement, ...]
    voids: frozenset[str]
    counted: Mapping[str, int]
    left_out: int = 0


class _Bad(Exception):
    """What is wrong with a statement, and where in it."""

    def __init__(self, what: str, where: str, value: object = None) -> None:
        super().__init__(what)
        self.where, self.value = where, None if value is None else str(value)[:200]


def is_statements(path: Path) -> bool:
    """Whether a file is JSON, as no report in columns is. Raises BadFile for one that can't be read."""
    return read_bytes(path, path.name)[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}


def read_statements(
    path: Path,
    *,
    zone: ZoneInfo,
    why_not: Callable[[date], str | None] = lambda _: None,
    skip_bad: Path | None = None,
) -> Statements:
    """Read statements; days are of `zone`. `why_not` says what is wrong with a day.

    `skip_bad`: where it is written what is wrong with those that can't be used, and the others are taken.
    Raises BadFile where it is no such file, and without `skip_bad` BadRows with every bad statement.
    """
    name, content = path.name, read_bytes(path, path.name)
    problems, reading = Problems(), _Reading(zone, why_not)
    for line, one in _statements(content, name):
        try:
            reading.take(line, one)
        except _Bad as bad:
            problems.add(str(bad), Place(name, line, bad.where, bad.value))
    if skip_bad is None:
        problems.raise_if_any()
    left_out = 0 if skip_bad is None else write_problems(problems, skip_bad)
    rows = tuple(one for one in reading.rows if one.id not in reading.voids)
    if gone := len(reading.rows) - len(rows):
        reading.count("voided in the same file", gone)
    sha256 = hashlib.sha256(content).hexdigest()
    return Statements(name, sha256, rows, frozenset(reading.voids), reading.counted, left_out)


def _statements(content: bytes, name: str) -> Iterator[tuple[int, Any]]:
    """Each statement with its number, or its line. Raises BadFile."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile("statements are JSON in UTF-8", Place(name)) from None
    try:
        whole = json.loads(text)
    except RecursionError:
        raise BadFile("it is nested too deeply for statements", Place(name)) from None
    except ValueError:
        yield from _lines(text, name)
        return
    if isinstance(whole, dict) and isinstance(whole.get("statements"), list):
        if whole.get("more"):
            raise BadFile(
                "there is more of it ('more' is filled in): give each page of it, or all in one file",
                Place(name),
            )
        whole = whole["statements"]
    every = whole if isinstance(whole, list) else [whole]
    if len(every) > ROWS_LIMIT:
        raise BadFile(f"there are more than {ROWS_LIMIT:,} statements: give them in parts", Place(name))
    yield from enumerate(every, start=1)


def _lines(text: str, name: str) -> Iterator[tuple[int, Any]]:
    lines = [(number, one) for number, one in enumerate(text.splitlines(), start=1) if one.strip()]
    for number, one in lines[:ROWS_LIMIT]:
        try:
            yield number, json.loads(one)
        except (ValueError, RecursionError):
            what = half("this is no JSON: give a list of statements, or one statement a line")
            raise BadFile(what, Place(name, number)) from None


class _Reading:
    """Takes one statement after the other."""

    def __init__(self, zone: ZoneInfo, why_not: Callable[[date], str | None]) -> None:
        self.zone, self.why_not = zone, why_not
        self.rows: list[Statement] = []
        self.voids: set[str] = set()
        self.counted: dict[str, int] = {}
        self.seen: dict[str, Any] = {}

    def count(self, what: str, more: int = 1) -> None:
        """Count what is passed over."""
        self.counted[what] = self.counted.get(what, 0) + more

    def take(self, line: int, one: Any) -> None:
        """Take a statement in. Raises _Bad."""
        if not isinstance(one, dict):
            raise _Bad("a statement is an object", "statement")
        its_id = _id(one.get("id"), "id") if "id" in one else ""
        if its_id and its_id in self.seen:
            if self.seen[its_id] != one:
                raise _Bad("another statement of this file has the same id", "id", its_id)
            self.count("repeated within the file")
            return
        self.seen[its_id] = one
        version = str(one.get("version", "1.0"))
        if not version.startswith(("1.0", "2.0")):
            raise _Bad("xAPI 1.0 and 2.0 are understood", "version", version)
        verb, about = _text(_object(one, "verb").get("id"), "verb.id"), _object(one, "object")
        if verb == _VOIDED:
            if about.get("objectType") != "StatementRef":
                raise _Bad("what is voided is a StatementRef", "object.objectType", about.get("objectType"))
            self.voids.add(_id(about.get("id"), "object.id"))
            return
        email, sha1, name = _agent(_object(one, "actor"))
        if not self._completes(verb, one):
            return
        kind = about.get("objectType", "Activity")
        if kind != "Activity":
            raise _Bad("what is completed is an Activity", "object.objectType", kind)
        activity = _text(about.get("id"), "object.id")
        if len(activity) > _LONGEST_ID:
            raise _Bad(f"longer than {_LONGEST_ID} characters", "object.id", activity)
        named = about.get("definition", {})
        names = named.get("name", {}) if isinstance(named, dict) else {}
        said = tuple(str(text) for text in names.values()) if isinstance(names, dict) else ()
        day = self._day(one)
        self.rows.append(Statement(line, its_id, activity, said, email, sha1, name, day))

    def _completes(self, verb: str, one: Mapping[str, Any]) -> bool:
        """Whether it says that something was completed. In cmi5 only the course's being satisfied does."""
        result = one.get("result") or {}
        if not isinstance(result, dict):
            raise _Bad("a result is an object", "result")
        for name in ("success", "completion"):
            if name in result and not isinstance(result[name], bool):
                raise _Bad("this is true or false", f"result.{name}", result[name])
        if verb == _WAIVED:
            self.count(WAIVED)
            return False
        if verb == _SATISFIED:
            return True
        done = verb == _COMPLETED or (verb == _PASSED and result.get("completion") is True)
        if not done:
            self.count("of other verbs")
        elif _is_cmi5(one):
            self.count("of units of cmi5: their course says when it is satisfied")
        elif False in (result.get("success"), result.get("completion")):
            self.count("not passed, or not complete")
        else:
            return True
        return False

    def _day(self, one: Mapping[str, Any]) -> date:
        where = "timestamp" if "timestamp" in one else "stored"
        value = one.get(where)
        try:
            moment = datetime.fromisoformat(_text(value, where))
        except ValueError:
            raise _Bad("a moment is written 2026-09-14T13:05:09Z", where, value) from None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        day = moment.astimezone(self.zone).date()
        if strange := self.why_not(day):
            raise _Bad(strange, where, value)
        return day


def _is_cmi5(one: Mapping[str, Any]) -> bool:
    context = one.get("context")
    groups = context.get("contextActivities") if isinstance(context, dict) else None
    categories = groups.get("category") if isinstance(groups, dict) else None
    every = categories if isinstance(categories, list) else [categories]
    return any(isinstance(entry, dict) and entry.get("id") == _CMI5 for entry in every)


def _agent(actor: Mapping[str, Any]) -> tuple[str, str, str]:
    """Address, digest of an address, and name of who did it. Raises _Bad."""
    if actor.get("objectType", "Agent") != "Agent":
        raise _Bad("a group completes nothing: an Agent does", "actor.objectType", actor["objectType"])
    given = [one for one in _IDENTIFIERS if actor.get(one)]
    if len(given) != 1:
        raise _Bad("an agent has exactly one identifier", "actor", ", ".join(given) or "none")
    (by,) = given
    name = _one_line(actor.get("name") or "")
    if by == "mbox":
        found = _MAILTO.fullmatch(_text(actor[by], "actor.mbox"))
        if found is None or len(found[1]) > _LONGEST_ADDRESS:
            raise _Bad("this is not mailto: and an address", "actor.mbox", actor[by])
        return found[1].lower(), "", name
    if by == "mbox_sha1sum":
        if not _SHA1.fullmatch(_text(actor[by], "actor.mbox_sha1sum")):
            raise _Bad("a SHA-1 has 40 hexadecimal digits", "actor.mbox_sha1sum", actor[by])
        return "", actor[by].lower(), name or f"address of SHA-1 {actor[by][:8]}"
    if by == "openid":
        return "", "", name or _one_line(_text(actor[by], "actor.openid"))
    account = _object(actor, "account", "actor.")
    home, its = (_text(account.get(one), f"actor.account.{one}") for one in ("homePage", "name"))
    address = _MAILTO.fullmatch(f"mailto:{its}")
    if address is not None and len(its) <= _LONGEST_ADDRESS:
        return its.lower(), "", name
    return "", "", name or _one_line(f"{its} at {home}")


def _object(one: Mapping[str, Any], name: str, within: str = "") -> Mapping[str, Any]:
    found = one.get(name)
    if not isinstance(found, dict):
        raise _Bad("this must be there, as an object", within + name)
    return found


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Bad("this must be there, as a text", where, value)
    return value.strip()


def _id(value: Any, where: str) -> str:
    try:
        return str(UUID(_text(value, where)))
    except ValueError:
        raise _Bad("an id is a UUID", where, value) from None


def _one_line(text: Any) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return " ".join(shown.split())[:_LONGEST_NAME]
