"""With web pages every letter that wants something has one button, and it opens a page of ours."""

import re

import pytest

from policy.model import Policy
from policy.notices import KINDS, NoticeKind
from policy.notices.monitoring import LookToday
from policy.notices.requests import DecisionWanted
from schemas.words import ItemState, SubjectKind
from tasks.mail.mime import sender_of
from tasks.mail.opening import asks_for_steps, page_for
from tasks.mail.writing import entry, view_for
from tests.mail.mail_cases import context
from tests.mail.variations import variations

HOME = "https://accounts.example.org"
SENDER = sender_of("Steward <steward@example.org>", "communications@example.org", HOME)
PAGE = re.compile(r"/(?:(?:steps|decide|accounts|requests|incidents|contacts)/\d+)?")


def test_each_letter_that_wants_something_has_one_button_that_opens_a_page(policy: Policy) -> None:
    opened = set()
    for kind in KINDS.values():
        made = context(kind, policy)
        letter = entry(made, SENDER).body
        links = re.findall(r'class="button" href="([^"]+)"', letter.html)
        wants = bool(view_for(made).actions) or asks_for_steps(made)
        assert len(links) == wants, kind
        for link in links:
            assert link.startswith(HOME)
            assert PAGE.fullmatch(link.removeprefix(HOME)), kind
            assert f"Open the page where you do it: {link}" in letter.text
            opened.add(link.removeprefix(HOME).strip("0123456789"))
        assert "mailto:" not in letter.html or not links
        assert "“steward " not in letter.text, kind  # the page does what the command would
    assert opened >= {"/", "/steps/", "/accounts/", "/incidents/"}
    assert page_for(context(LookToday, policy)) == "/"
    decide = context(DecisionWanted, policy)
    # where the decision is made, in one press
    assert page_for(decide) == f"/decide/{decide.notice.subject_id}"


#: What only a letter without pages says: do it by an answer, at a terminal, in prepared words.
BY_MAIL = re.compile(
    "answer that you|by your answer|answer with|instead of answering|steward account|tell us by",
    re.IGNORECASE,
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_letter_with_a_button_asks_for_nothing_by_mail(kind: type[NoticeKind], policy: Policy) -> None:
    for one in variations(kind, policy):
        body = entry(one.context, SENDER).body
        if 'class="button"' in body.html:
            assert not BY_MAIL.search(body.text), (one.name, body.text)
            assert "with these words" not in body.text, one.name


def test_a_step_that_is_done_is_not_opened(policy: Policy) -> None:
    for kind in KINDS.values():
        made = context(kind, policy)
        if page_for(made).startswith("/steps/") and made.notice.subject_kind is not SubjectKind.ITEM:
            for one in made.rows.asked:
                one.state = ItemState.DONE
            assert not page_for(made).startswith("/steps/"), kind
