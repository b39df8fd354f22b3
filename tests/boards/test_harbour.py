"""A made-up board with a policy of its own: nothing of it is AP 151."""

from datetime import date

from policy.model import load
from tests.boards.harbour_month import FILE


def test_it_loads_and_names_its_own() -> None:
    harbour = load(FILE)
    assert [clause.id for clause in harbour.clauses] == list("ABCDEFGHI")
    assert harbour.why("safe-sharing") == "HC 7, clause D: Safe Sharing, once"
    assert harbour.course_by_id("safe-sharing").counts_through(date(2026, 10, 12)) is None
    assert harbour.label("head") == "Head Teacher"
    assert harbour.says_account("Mastodon", "club") == "@club on Mastodon"
