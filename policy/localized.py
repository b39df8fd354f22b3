"""A policy file made one's own: other values under `[organization]`, and every other line as it was. Pure."""

import json
import re
from collections.abc import Mapping

from schemas.errors import BadPolicy

_SECTION = re.compile(r"^\s*\[")
_KEY = re.compile(r"^(?P<key>[a-z_]+)(?P<gap>\s*=\s*)\"(?:[^\"\\]|\\.)*\"(?P<rest>.*)$")


def with_organization(text: str, values: Mapping[str, str]) -> str:
    """The file's text with these values under `[organization]`; its comments stay.

    Raises BadPolicy where a value has no line of its own there.
    """
    lines, inside, left = list[str](), False, dict(values)
    for line in text.splitlines(keepends=True):
        if _SECTION.match(line):
            inside = line.strip().startswith("[organization]")
        found = _KEY.match(line.rstrip("\r\n")) if inside else None
        if found and found["key"] in left:
            value = json.dumps(left.pop(found["key"]), ensure_ascii=False)  # as TOML writes a text
            end = line[len(line.rstrip("\r\n")) :]
            lines.append(f"{found['key']}{found['gap']}{value}{found['rest']}{end}")
        else:
            lines.append(line)
    if left:
        raise BadPolicy(
            f"The policy file has no line for {', '.join(sorted(left))} under [organization]: add it there, "
            'as in  zone = "America/Edmonton".'
        )
    return "".join(lines)
