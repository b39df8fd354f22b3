"""Reads the policy file. Every refusal names the file, the key and the reason."""

import json
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from policy.model.whole import Policy
from schemas.errors import BadPolicy

SHOWN = 60


def load(path: Path) -> Policy:
    """Read a policy file. Raises BadPolicy: it can't be read, is not TOML, or does not fit."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadPolicy(
            f"The policy file {path} can't be read ({error.strerror}): set STEWARD_POLICY_FILE."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadPolicy(f"{path}, line {line}: not UTF-8 text; save the file as UTF-8.") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(f"{path}: not TOML: {error}.") from None
    try:
        # Through JSON, for its kind of strictness: texts become dates and members, nothing else is bent.
        return Policy.model_validate_json(json.dumps(data, default=_plain))
    except ValidationError as error:
        raise BadPolicy(_sentence(path, data, error)) from None


def _plain(value: object) -> str:
    """TOML's own dates and times as ISO text."""
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"TOML has no {type(value).__name__}")


def _sentence(path: Path, data: dict[str, Any], error: ValidationError) -> str:
    """One sentence about the first thing wrong, and how many more there are."""
    problems = error.errors(include_url=False, include_context=False)
    # A key too many is told first: a slip in a name also leaves the right name missing.
    first = next((one for one in problems if one["type"] == "extra_forbidden"), problems[0])
    key = _key(data, first["loc"])
    match first["type"]:
        case "missing":
            said = f"{path}, {key}: this key is missing"
        case "extra_forbidden":
            said = f"{path}, {key}: the policy has no such key; look for a slip in its name"
        case "too_short" | "string_too_short":
            said = f"{path}, {key}: this must not be empty"
        case "value_error":
            said = f"{path}, {key}{_value(first['input'])}: {first['msg'].removeprefix('Value error, ')}"
        case _:
            reason = first["msg"].replace("Input should", "it should").replace("String should", "it should")
            said = f"{path}, {key}{_value(first['input'])}: {reason}"
    more = len(problems) - 1
    return f"{said} (and {more} more after it)." if more else f"{said}."


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
        else:
            at = at.get(part) if isinstance(at, dict) else None
            said += f".{part}" if said else part
    return said


def _name(entry: object) -> str:
    """What tells one entry of a list from the others: its id, or the first text in it."""
    if not isinstance(entry, dict):
        return ""
    for key, value in entry.items():
        if isinstance(value, str):
            return f"{key} {value}" if len(value) <= SHOWN and value.isprintable() else ""
    return ""


def _value(value: object) -> str:
    """A single value, shortened; nothing for tables and lists."""
    if isinstance(value, dict | list):
        return ""
    shown = json.dumps(value, ensure_ascii=False)
    return f" = {shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + '…'}"
