"""The tests as a suite: packages, no test that leans on another test, and none that is left out."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent
DOUBLES = TESTS / "stack" / "doubles"  # a project of its own for Prefect
CLOCKS = {"monotonic", "perf_counter", "process_time"}
LEFT_OUT = {"skip", "skipif", "xfail", "importorskip", "skipIf", "skipUnless", "SkipTest", "expectedFailure"}


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Every module of the tests: its path, and what it says."""
    return [
        (str(path.relative_to(TESTS)), ast.parse(path.read_text())) for path in sorted(TESTS.rglob("*.py"))
    ]


def imported(tree: ast.Module) -> Iterator[str]:
    """The dotted names that a module imports, at its top or further in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{one.name}" for one in node.names)


def said(words: set[str]) -> list[tuple[str, int]]:
    """Where a module of the tests says one of these names: path and line."""
    return [
        (path, node.lineno)
        for path, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in words)
        or (isinstance(node, ast.Name) and node.id in words)
    ]


def test_every_folder_is_a_package() -> None:
    folders = {path.parent for path in TESTS.rglob("*.py")} - {DOUBLES}
    assert [str(one) for one in sorted(folders) if not (one / "__init__.py").is_file()] == []


def test_no_test_imports_from_another_test() -> None:
    guilty = [
        (path, name)
        for path, tree in modules()
        for name in imported(tree)
        if any(part.startswith("test_") for part in name.split("."))
    ]
    assert guilty == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    assert said(LEFT_OUT) == []


def test_no_test_looks_at_how_long_something_took() -> None:
    """How busy the machine is decides nothing. Only what waits for the stack gives up some day."""
    assert {path for path, _ in said(CLOCKS)} <= {"stack/story.py"}
