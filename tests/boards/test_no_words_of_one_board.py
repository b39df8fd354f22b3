"""What the code says to people holds no word of one board: those come from the adopted policy."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.settings import ROOT

WORDS = re.compile(
    r"AP ?151|communications|principal|classroom|division|superintendent|focus on privacy|privacy course",
    re.IGNORECASE,
)
#: Words of file formats: of the policy file (where an office or a level is), of OneRoster (its roles, and
#: what a person's position is called by them), and of the store's columns.
OF_FORMATS = {"division", "division office", "is_division", "principal", "assistant principal"}
#: Columns of School Data Sync.
OF_FORMATS |= {"Principal SIS ID", "Principal Name", "Principal Secondary Email"}
#: Where the words of one board may stand: the sample is one of AP 151, revisions name what there was.
LEFT_OUT = ("deployments/sample/", "deployments/migrations/", "deployments/local/")
#: The name of the distribution, the file that is shipped and the reply address of the sample.
NAMES = {"ap151-steward", "ap151.toml", "communications@example.org"}
#: What the policy file itself is told in its own words.
OF_THE_FILE = {"policy/model/checks.py": {"name an office of the whole division; each school has its "}}
CODE = [
    path
    for room in ("schemas", "policy", "tasks", "flows", "portal", "deployments")
    for path in sorted((ROOT / room).rglob("*.py"))
    if not str(path.relative_to(ROOT)).startswith(LEFT_OUT)
]
TEMPLATES = sorted(
    [*(ROOT / "tasks" / "mail" / "templates").glob("*.md"), *(ROOT / "portal" / "templates").glob("*.html")]
)


def said(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that can reach a person: every literal, and the first lines that forms and
    commands show. Docstrings beside them are for who reads the code.
    """
    tree = ast.parse(path.read_text())
    docs = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
            continue
        docs.add(first.value)
        if is_shown(node, path):
            yield first.lineno, str(first.value.value).split("\n\n")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docs:
            yield node.lineno, node.value


def is_shown(node: ast.AST, path: Path) -> bool:
    """Whether a docstring is a form's, an act's, a flow's or a command's."""
    if isinstance(node, ast.ClassDef):
        return any(ast.unparse(one).endswith("Form") for one in node.bases)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    marks = [ast.unparse(one).split("(")[0] for one in node.decorator_list]
    return bool({"act", "flow"} & set(marks)) or (path.parent.name == "cli" and path.stem in COMMANDS)


#: The modules of the command line whose functions are commands.
COMMANDS = {
    path.stem for path in (ROOT / "deployments" / "cli").glob("*.py") if "typer." in path.read_text()
} - {"up", "output"}


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_says_nothing_of_one_board(path: Path) -> None:
    allowed = OF_FORMATS | NAMES | OF_THE_FILE.get(str(path.relative_to(ROOT)), set())
    found = [(line, text) for line, text in said(path) if text not in allowed and WORDS.search(text)]
    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_letters_and_pages_say_nothing_of_one_board(path: Path) -> None:
    assert WORDS.findall(path.read_text()) == []
