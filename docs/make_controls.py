"""The kinds of control in docs/policy-file.md, made from the code's own docstrings and parameters.

python docs/make_controls.py           writes them between the markers
python docs/make_controls.py --check   exits with 1 where the document is not current
"""

import inspect
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from made import MadePart  # noqa: E402 - the document's own checkout comes first
from pydantic_core import PydanticUndefined  # noqa: E402

from policy.controls import KINDS, Control  # noqa: E402


def of_all(kind: type[Control]) -> list[str]:
    """The parameters that only this kind has."""
    return [name for name in kind.model_fields if name not in Control.model_fields]


def parameter(kind: type[Control], name: str) -> str:
    """A parameter as it is written in the file, with its default if it may be left out."""
    default = kind.model_fields[name].get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return f"`{name}`"
    return f"`{name}` (else {as_written(default)})"


def as_written(value: object) -> str:
    """A default as somebody would write it in the file."""
    if value is None:
        return "nothing"
    if isinstance(value, tuple):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def section(word: str, kind: type[Control]) -> str:
    """One kind: what it promises, its parameters, what it does not do yet."""
    parts = [f"### {word}", inspect.getdoc(kind) or ""]
    if names := of_all(kind):
        parts.append("Parameters: " + ", ".join(parameter(kind, name) for name in names) + ".")
    if kind.missing:
        parts.append("Not there yet:\n\n" + "\n".join(f"- {one}" for one in kind.missing))
    return "\n\n".join(parts)


def made() -> str:
    """Everything between the markers."""
    return "\n\n".join(section(word, KINDS[word]) for word in sorted(KINDS))


if __name__ == "__main__":
    raise SystemExit(MadePart("docs/make_controls.py", "docs/policy-file.md", made).main())
