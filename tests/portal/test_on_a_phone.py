"""What is wide on a desk is read on a phone: rows become blocks, and words do not run together."""

import re
from pathlib import Path

from portal.naming import in_words
from portal.pictures import Bar, bars

PAGES = Path("portal/templates")
SHEET = Path("portal/static/steward.css")


def test_every_wide_table_becomes_blocks_or_fits() -> None:
    """But for the grid of schools by clauses, which has nothing but figures."""
    tables = {
        (page.name, found)
        for page in PAGES.glob("*.html")
        for found in re.findall(r"<table([^>]*)>", page.read_text())
    }
    assert {kind for _, kind in tables} <= {' class="rows"', ' class="fits"', ' class="cells"'}
    narrow = [
        one for one in SHEET.read_text().splitlines() if "max-width: 34rem" in one and ".rows td" in one
    ]
    assert len(narrow) == 1
    assert "display: block" in narrow[0]


def test_the_months_of_a_year_stand_in_two_rows() -> None:
    names = ["Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct"]
    drawn = str(bars([Bar(one, 1) for one in names], "What falls due"))
    heights = {one for one, name in re.findall(r'y="([\d.]+)" class="axis">(\w+)<', drawn) if name in names}
    assert len(heights) == 2


def test_no_tag_is_glued_to_the_word_before_it() -> None:
    glued = [page.name for page in PAGES.glob("*.html") if '</a><span class="tag' in page.read_text()]
    assert glued == []


def test_whole_sentences_stand_one_a_line() -> None:
    options = [("a", "Turn the place off."), ("b", "Hide who is there.")]
    assert in_words("privacy_done", options, ("a", "b"), {}) == "Turn the place off.\nHide who is there."
