"""Sentences that were written for a terminal, as a page says them."""

import pytest

from portal.fields import has_page
from portal.saying import on_page
from schemas.forms import OnCommand
from tasks.acts.table import ACTS


@pytest.mark.parametrize(
    ("act", "sentence", "said"),
    [
        (
            "import-accounts",
            "the header lacks 'level'; say so once: --map 'Its header=level'",
            "the header lacks 'level'; say so once: “Columns”: 'Its header=level'",
        ),
        (
            "import-training",
            "say which comes first, --dates dmy or --dates mdy",
            "say which comes first, “Order of dates” dmy or “Order of dates” mdy",
        ),
        ("report-what-was-broken", "say with --person who it was", "say with “By whom” who it was"),
        ("decide-a-request", "read it again: --revision 3.", "read it again: “Revision that you read”: 3."),
        ("decide-a-request", "use `steward account reinstate 7`", "use “Reinstate an account”"),
        ("decide-a-request", "see `steward mail list`", "see “Letters that could not leave” in “What waits”"),
        ("decide-a-request", "start `steward up` -- and not --else", "start `steward up` -- and not --else"),
    ],
)
def test_a_page_names_what_is_on_pages(act: str, sentence: str, said: str) -> None:
    assert on_page(sentence, ACTS[act].load().form) == said


def test_every_option_and_command_has_a_name_on_the_page() -> None:
    for name in [one for one in ACTS if has_page(one) or one.startswith("import-")]:
        form = ACTS[name].load().form
        said = [
            one.option
            for field in form.model_fields.values()
            for one in field.metadata
            if isinstance(one, OnCommand) and one.option
        ]
        for option in said:
            assert "--" not in on_page(f"say it with {option} yes", form), (name, option)
        assert "steward" not in on_page(f"use `steward {ACTS[name].command} 3`", form), name
