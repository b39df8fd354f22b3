"""docs/letters.md is of these notices, and tells of each of them who gets it, when and why."""

import pytest

from policy.model import Policy
from policy.notices import KINDS, NoticeKind
from tests.mail.letter_table import PAGE, who_and_why, written


def test_the_page_is_of_these_notices(policy: Policy) -> None:
    """Else: `python -m tests.mail.letter_table`."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == written(text, policy)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_each_class_says_to_whom_and_what(kind: type[NoticeKind]) -> None:
    who, why = who_and_why(kind)
    assert who, kind.kind
    assert len(why) > 5, kind.kind
