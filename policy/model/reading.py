"""Reads the policy file. A refusal names every problem at once: file, line, key and reason."""

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from policy.controls import KINDS
from policy.model.checks import Location, Problem, near_word, nearest, problems
from policy.model.lines import line_of, within
from policy.model.meaning import slips
from policy.model.toml_words import in_plain_words
from policy.model.whole import Policy
from schemas.errors import BadPolicy, Slip
from schemas.language import half

SHOWN = 60


@dataclass(frozen=True)
class PolicyWarning:
    """What fits and is probably a slip: where it stands, and what to do. As a text, one sentence."""

    file: Path
    line: int
    key: str
    value: str  # as JSON; empty for a table, a list, or a key that is left out
    said: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.key}{self.value and f' = {self.value}'}: {self.said}."


_LONGEST_LINE = 10_000


def load(path: Path) -> Policy:
    """Read a policy file. Raises BadPolicy: it can't be read, is not TOML, or does not fit."""
    return parse(text_of(path), path)


def text_of(path: Path) -> str:
    """What stands in a policy file. Raises BadPolicy: it can't be read, or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadPolicy(
            f"The policy file {path} can't be read ({error.strerror}): look at the path that was "
            "given, or at STEWARD_POLICY_FILE."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _at(path, line, half("not UTF-8 text; save the file as UTF-8")) from None


def _at(path: Path, line: int, said: str) -> BadPolicy:
    """A line that can't be read."""
    return BadPolicy(f"{path}, line {line}: {said}.", (Slip(line, "", said),), path.name)


def parse(text: str, path: Path) -> Policy:
    """The policy of a text; `path` is what its problems are told of. Raises BadPolicy."""
    return _read(text, path)[1]


def refused(text: str, path: Path, found: Iterable[Problem]) -> BadPolicy:
    """The error for a text that fits and still can't be taken: each problem with its line."""
    file, _ = _read(text, path)
    return file.refuses([(f"{_key(file.data, one.where)}{_value(file.at(one.where))}", one) for one in found])


def warnings(path: Path, held: Collection[str] | None = None) -> tuple[PolicyWarning, ...]:
    """What is probably a slip in a policy file that fits, in the order of its lines. Raises BadPolicy.

    `held`: the ids of the offices that somebody holds today; None where nobody has looked.
    """
    return warnings_of(text_of(path), path, held)


def warnings_of(
    text: str, path: Path, held: Collection[str] | None = None, *, used: Policy | None = None
) -> tuple[PolicyWarning, ...]:
    """As `warnings`, of a text that is read already; without those that the policy in use has as well."""
    file, policy = _read(text, path)
    had = {(one.where[-1], one.said) for one in slips(used, held)} if used is not None else set()
    found = (file.warning(one) for one in slips(policy, held) if (one.where[-1], one.said) not in had)
    return tuple(sorted(found, key=lambda one: one.line))


@lru_cache(maxsize=4)  # whoever asks twice has the same text; a policy is never changed in place
def _read(text: str, path: Path) -> "tuple[_File, Policy]":
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > _LONGEST_LINE:  # keys of a thousand parts take a parser minutes
            said = half("it is longer than {most} characters: break it up", most=_LONGEST_LINE)
            raise _at(path, number, said)
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise BadPolicy(f"{path} has brackets in brackets, far deeper than a policy: mend them.") from None
    except tomllib.TOMLDecodeError as error:
        raise _at(path, *in_plain_words(text, str(error))) from None
    file = _File(path, text, data)
    try:
        # Through JSON, for its kind of strictness: texts become dates and members, nothing else is bent.
        policy = Policy.model_validate_json(json.dumps(data, default=_plain))
    except ValidationError as error:
        raise file.refuses(_found(data, error)) from None
    if unfit := problems(policy):
        raise file.refuses([(_key(data, one.where), one) for one in unfit])
    return file, policy


@dataclass(frozen=True)
class _File:
    path: Path
    text: str
    data: dict[str, Any]

    def at(self, where: Location) -> Any:
        """What stands at a place of the file; None where nothing does."""
        value: Any = self.data
        for part in where:
            value = within(value, part)
        return value

    def refuses(self, found: list[tuple[str, Problem]]) -> BadPolicy:
        """One sentence a problem, in the order of the file's lines; the first line counts them."""
        placed = sorted((line_of(self.text, self.data, one.where), key, one.said) for key, one in found)
        slips = [Slip(*one) for one in placed]
        lines = [f"line {one.line}, {one.key}: {one.said}." for one in slips]
        if len(lines) == 1:
            return BadPolicy(f"{self.path}, {lines[0]}", slips, self.path.name)
        said = "\n  ".join((f"{self.path}: {len(placed)} problems.", *lines))
        return BadPolicy(said, slips, self.path.name)

    def warning(self, one: Problem) -> PolicyWarning:
        """A slip, with its place in the file."""
        value = self.at(one.where)
        shown = "" if value is None else _value(value).removeprefix(" = ")
        return PolicyWarning(
            self.path, line_of(self.text, self.data, one.where), _key(self.data, one.where), shown, one.said
        )


def _plain(value: object) -> str:
    """TOML's own dates and times as ISO text."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"TOML has no {type(value).__name__}")


def _found(data: dict[str, Any], error: ValidationError) -> list[tuple[str, Problem]]:
    """Each problem once, as a person would put it."""
    details = error.errors(include_url=False)
    too_many = {one["loc"]: str(one["loc"][-1]) for one in details if one["type"] == "extra_forbidden"}
    found = []
    for one in details:
        where = one["loc"]
        if one["type"] == "missing" and any(
            place[:-1] == where[:-1] and nearest(name, (str(where[-1]),)) for place, name in too_many.items()
        ):
            continue  # a slip in its name, which is told by itself
        value, said = _said(dict(one), details)
        found.append((f"{_key(data, where)}{value}", Problem(where, said)))
    return found


#: What a value should be, by the kind of error; what stands in braces comes with it.
_SHOULD: Mapping[str, str] = {
    "int_type": half("it should be a valid integer"),
    "int_from_float": half("it should be a valid integer"),
    "float_type": half("it should be a valid number"),
    "finite_number": half("it should be a finite number"),
    "string_type": half("it should be a valid string"),
    "bool_type": half("it should be a valid boolean"),
    "date_type": half("it should be a valid date"),
    "date_parsing": half("it should be a valid date"),
    "date_from_datetime_parsing": half("it should be a valid date"),
    "time_type": half("it should be a valid time"),
    "time_parsing": half("it should be a valid time"),
    "tuple_type": half("it should be a valid list"),
    "list_type": half("it should be a valid list"),
    "model_type": half("it should be a table"),
    "model_attributes_type": half("it should be a table"),
    "dict_type": half("it should be a table"),
    "greater_than": half("it should be greater than {gt}"),
    "greater_than_equal": half("it should be greater than or equal to {ge}"),
    "less_than": half("it should be less than {lt}"),
    "less_than_equal": half("it should be less than or equal to {le}"),
    "string_too_long": half("it should have at most {max_length} characters"),
    "string_pattern_mismatch": half("it should match pattern '{pattern}'"),
    "too_long": half("it should have at most {max_length} entries"),
}


def _said(one: dict[str, Any], details: list[Any]) -> tuple[str, str]:
    """What stands behind the key, its value, and the end of the sentence about one problem: the reason."""
    value, kind = _value(one["input"]), str(one["type"])
    said = one["msg"].replace("Input should", "it should").replace("String should", "it should")
    match kind:
        case "missing":
            value, said = "", half("this key is missing")
        case "extra_forbidden":
            value, said = "", half("the policy has no such key{hint}", hint=_meant(one["loc"], details))
        case "too_short" | "string_too_short":
            value, said = "", half("this must not be empty")
        case "value_error":
            said = one["msg"].removeprefix("Value error, ")
        case "enum" | "literal_error":
            said = _one_of(str(one["input"]), str(one["ctx"]["expected"]))
        case "union_tag_invalid":
            used = str(one["ctx"]["tag"])
            hint = nearest(used, tuple(KINDS)) or half("; there are {kinds}", kinds=", ".join(KINDS))
            value = f'.use = "{used}"'
            said = half("the code has no such kind of control{hint}", hint=hint)
        case "union_tag_not_found":
            value, said = ".use", half("this key is missing; it says which kind of control it is")
        case _ if kind in _SHOULD:
            said = _SHOULD[kind].format(**one.get("ctx", {}))
    return value, said


def _meant(where: tuple[int | str, ...], details: list[Any]) -> str:
    """The key that was probably meant: first among those that are missing beside it."""
    key = str(where[-1])
    missing = [
        str(other["loc"][-1])
        for other in details
        if other["type"] == "missing" and other["loc"][:-1] == where[:-1]
    ]
    return nearest(key, missing) or nearest(key, _keys(where)) or half("; look for a slip in its name")


def _one_of(word: str, expected: str) -> str:
    """The words that may stand there, and the nearest of them."""
    known = re.findall(r"'([^']*)'", expected)
    if near := near_word(word, known):  # two values side by side could not be told apart
        return half('it should be {expected}; did you mean "{word}"?', expected=expected, word=near)
    return half("it should be {expected}", expected=expected)


def _keys(where: tuple[int | str, ...]) -> list[str]:
    """The keys that a table of this place may have: of its kind of control, its list, or the file."""
    kind = next((KINDS[part] for part in where if isinstance(part, str) and part in KINDS), None)
    table: type[BaseModel] = kind or Policy
    for part in where[:-1] if kind is None else ():
        if isinstance(part, str) and part in table.model_fields:
            parts = (table.model_fields[part].annotation, *get_args(table.model_fields[part].annotation))
            table = next(
                (one for one in parts if isinstance(one, type) and issubclass(one, BaseModel)), table
            )
    return [field.alias or name for name, field in table.model_fields.items()]


def _key(data: dict[str, Any], location: tuple[int | str, ...]) -> str:
    """Where it is, as a person would point to it: clauses[3, id 2.3].title."""
    if not location:
        return "the whole file"
    at: Any = data
    said = ""
    for part in location:
        if isinstance(part, int):
            at = at[part] if isinstance(at, list) and part < len(at) else None
            named = _name(at)
            said += f"[{part + 1}, {named}]" if named else f"[{part + 1}]"
        elif not (part in KINDS and isinstance(at, dict) and at.get("use") == part):
            at = at.get(part) if isinstance(at, dict) else None
            said += f".{part}" if said else part
    return said


def _name(entry: object) -> str:
    """What tells one entry of a list from the others: a control's name, an id, or the first text in it."""
    if not isinstance(entry, dict):
        return ""
    keys = ("as", *entry) if "as" in entry else tuple(entry)
    for key in keys:
        value = entry[key]
        if isinstance(value, str):
            return f"{key} {value}" if len(value) <= SHOWN and value.isprintable() else ""
    return ""


def _value(value: object) -> str:
    """A single value, shortened; nothing for tables and lists."""
    if isinstance(value, dict | list):
        return ""
    shown = json.dumps(value, ensure_ascii=False)
    return f" = {shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + '…'}"
