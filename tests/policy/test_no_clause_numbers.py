"""No clause number stands in the code: a clause is looked up in the policy file when a person reads.

Revisions of the store name what there was, and the sample division is one of AP 151: both are left out.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.settings import ROOT

ROOMS = ("schemas", "policy", "tasks", "flows", "portal", "deployments")
LEFT_OUT = {"versions", "sample"}
NUMBER = r"(?:1[0-4]|[1-9])(?:\.\d{1,2}){0,2}"
#: A whole text that is a number with a dot, as 5.2 or 3.2.1.
ALONE = re.compile(r"(?:1[0-4]|[1-9])(?:\.\d{1,2}){1,2}")
#: How prose refers to a clause: "(5.2, 6.1)", "clause 8".
IN_PROSE = re.compile(rf"\({NUMBER}(?:(?:, | and |-){NUMBER})*\)|\b[Cc]lauses? {NUMBER}\b")
#: Versions of a file format and of a calendar, which are no clauses.
NO_CLAUSES = {"1.0", "1.0.3", "1.1", "1.2", "2.0"}
#: A version of a file format in prose.
FORMATS = {"tasks/files/oneroster.py"}


def sources() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return sorted(path for path in found if not LEFT_OUT & set(path.parts))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every string constant, docstrings among them, and every comment, with its line."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    for number, line in enumerate(source.splitlines(), start=1):
        _, mark, comment = line.partition("# ")
        if mark:
            yield number, comment


def named(text: str) -> list[str]:
    """The clause numbers in a text."""
    if ALONE.fullmatch(text) and text not in NO_CLAUSES:
        return [text]
    return IN_PROSE.findall(text)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_clause_number_stands_in(path: Path) -> None:
    found = [(line, one) for line, text in texts(path) for one in named(text)]
    if str(path.relative_to(ROOT)) in FORMATS:
        found = [one for one in found if one[1] != "(1.2)"]
    assert found == []


@pytest.mark.parametrize("text", ["5.2", "3.2.1", "as asked (5.2, 6.1)", "the notice of clause 8", "(14)"])
def test_a_clause_number_would_be_seen(text: str) -> None:
    assert named(text)


@pytest.mark.parametrize("text", ["1.1", "2.0", "0.5", "AES (256)", "f(x)", "3 days", "version 5.2 of it"])
def test_other_numbers_are_let_be(text: str) -> None:
    assert not named(text)
