"""What a file calls somebody's position, as it stands within a sentence."""

import pytest

from tasks.files.roster_parts import as_position


@pytest.mark.parametrize(
    ("title", "position"),
    [
        ("Assistant Principal", "assistant principal"),
        ("IT Operator", "IT operator"),
        ("Teacher, ESL", "teacher, ESL"),
        ("  Head  of HR ", "head of HR"),
        ("", ""),
    ],
)
def test_a_shortened_word_keeps_its_capitals(title: str, position: str) -> None:
    """ "it operator" was read twice."""
    assert as_position(title) == position
