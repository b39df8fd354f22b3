"""docs/situations.md names a test for each situation, and every small file that people really had."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "situations.md").read_text(encoding="utf-8")
#: The situations: lines of a table that are neither its head nor the rule under it.
ROWS = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| what happened")
]
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:50])
def test_a_situation_is_shown_by_tests_that_are_there(row: str) -> None:
    situation, now, shown_by = row.strip("| ").split(" | ")
    assert situation
    assert now
    named = NAMED.findall(shown_by)
    assert named, "nothing shows it"
    for file, test in named:
        assert re.search(rf"^(async )?def {test}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_file_that_people_had_is_named() -> None:
    given = TESTS / "commands" / "given"
    files = [one for kind in ("accounts", "people", "training") for one in (given / kind).iterdir()]
    named = [f"given/{one.relative_to(given)}" for one in (*files, *(given / "roster").iterdir())]
    named += [f"cases/{one.name}" for one in (TESTS / "pages" / "cases").iterdir()]
    assert len(named) > 25
    assert [one for one in named if f"`{one}`" not in PAGE] == []


def test_each_part_has_its_rows() -> None:
    assert PAGE.count("\n## ") == 10
    assert len(ROWS) > 70
