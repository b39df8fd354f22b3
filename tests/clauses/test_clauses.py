"""docs/clauses.md says what each clause does: every row is driven, and the page is held against it."""

from pathlib import Path

from policy.model import Policy
from tests.clauses.table import PAGE, drive, rows, written


async def test_the_page_says_what_the_store_said(
    policy: Policy, sqlite_template: Path, tmp_path: Path
) -> None:
    """Else: `python -m tests.clauses.table`, and read what changed."""
    said = await drive(policy, sqlite_template, tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    assert text == written(text, policy, said)


def test_every_row_is_of_clauses_that_ask_something(policy: Policy) -> None:
    asking = {clause.id for clause in policy.clauses if clause.asks}
    assert {clause for one in rows() for clause in one.clauses} <= asking
