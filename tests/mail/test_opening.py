"""With web pages every letter that wants something has one button, and it opens a page of ours."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest

from deployments.sample.words import RoleKind
from policy.model import Policy
from policy.notices import KINDS, NoticeContext, NoticeKind, read
from policy.notices.monitoring import LookToday
from policy.notices.offices import OfficeChange, OfficeChanged, OfficeEnded, OfficeEnds
from policy.notices.people import MissingFromRoster
from policy.notices.requests import DecisionWanted
from policy.notices.stops import StopToConfirm
from schemas.outcome import RoleAt
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.acts.table import ACTS
from tasks.mail.mime import sender_of
from tasks.mail.opening import is_done_there, page_for
from tasks.mail.writing import entry, view_for
from tests.mail.mail_cases import context
from tests.mail.variations import asked, variations

HOME = "https://accounts.example.org"
SENDER = sender_of("Steward <steward@example.org>", "communications@example.org", HOME)
PAGE = re.compile(r"/(?:(?:steps|decide|accounts|requests|incidents|contacts)/\d+|acts/([a-z-]+)(?:\?\S+)?)?")


def test_each_letter_that_wants_something_has_one_button_that_opens_a_page(policy: Policy) -> None:
    opened = set()
    for kind in KINDS.values():
        made = context(kind, policy)
        letter = entry(made, SENDER).body
        links = re.findall(r'class="button" href="([^"]+)"', letter.html)
        view = view_for(made)
        done = is_done_there(made, view)
        # what only an answer does: the page of what it is about, if that has one, is there to be looked at
        looked_at = bool(view.actions) and page_for(made) != "/"
        assert len(links) == (done or looked_at), kind
        for link in map(unescape, links):
            assert link.startswith(HOME)
            path = PAGE.fullmatch(link.removeprefix(HOME))
            assert path, (kind, link)
            assert path[1] is None or path[1] in ACTS, kind
            says = "Open the page where you do it" if done else "See it on its page"
            assert f"{says}: {link}" in letter.text, kind
            opened.add(link.removeprefix(HOME).strip("0123456789"))
        assert "mailto:" not in letter.html or not links
        assert "“steward " not in letter.text, kind  # the page does what the command would
    assert opened >= {"/", "/steps/", "/accounts/", "/incidents/"}
    assert page_for(context(LookToday, policy)) == "/"
    decide = context(DecisionWanted, policy)
    # where the decision is made, in one press
    assert page_for(decide) == f"/decide/{decide.notice.subject_id}"


#: Items whose own page is where they are done: the letter opens that, and not the step that leads there.
THERE = {ItemKind.DECIDE_REQUEST: "/decide/12", ItemKind.MEND_REQUEST: "/requests/12"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_letter_that_asks_for_an_open_item_opens_its_step(kind: type[NoticeKind], policy: Policy) -> None:
    """Or the page where it is done; never one on which the step is to be looked for."""
    for one in variations(kind, policy):
        made = one.context
        for ask, about, number in items_of(made):
            to_reader = {"person_id": made.notice.person_id}
            made.rows.asked = [asked(ask, policy, subject_kind=about, subject_id=number, **to_reader)]
            opened = page_for(made)
            assert opened in {"/steps/21", THERE.get(ask)}, (one.name, ask, opened)


def items_of(made: NoticeContext) -> Iterator[tuple[ItemKind, SubjectKind, int]]:
    """What the letter asks for: what it enters into the calendar, and what its class says."""
    kind, notice = read(made.notice), made.notice
    if notice.subject_kind is SubjectKind.ITEM:
        return
    wanted, about = kind.wanted(), kind.asks_about(notice)
    if (due := view_for(made).due) is not None:
        ask, _, subject = due.key.partition("/")
        name, _, number = subject.partition(":")
        found = next(one for one in ItemKind if one.value.replace(" ", "-") == ask)
        entered = (SubjectKind(name.replace("-", " ")), int(number))
        if entered[0] is SubjectKind.PERSON and entered[1] != notice.person_id:
            return  # it is told to somebody else too
        assert entered in about
        assert found in {*wanted, *THERE}
        yield found, *entered
    if len(wanted) == 1 and len(about) == 1:
        yield wanted[0], *next(iter(about))


def test_a_letter_opens_no_step_of_an_office_that_its_reader_does_not_hold(policy: Policy) -> None:
    made = context(StopToConfirm, policy)
    office = asked(ItemKind.DECIDE_REINSTATEMENT, policy, person_id=None, role=RoleKind.SUPERINTENDENT)
    made.rows.asked = [office]
    for holders, opens in ((frozenset({1}), "/steps/21"), (frozenset({2}), "/accounts/5")):
        made.rows.held = {RoleAt(RoleKind.SUPERINTENDENT): holders}
        assert page_for(made) == opens


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


@pytest.mark.parametrize("change", get_args(OfficeChange))
def test_who_may_act_is_changed_back_by_the_form_that_the_letter_opens(
    change: OfficeChange, policy: Policy
) -> None:
    """ "End it the same way" led nowhere: no link, no page."""
    made = context(OfficeChanged, policy)
    office: dict[str, Any] = {"school_id": 1} if change in {"given", "ends"} else {}
    facts = OfficeChanged(by_id=2, change=change, office="superintendent" if office else "", **office)
    made.notice.facts = facts.stored()
    opened = urlsplit(page_for(made))
    filled = parse_qs(opened.query)
    assert set(filled) <= set(ACTS[opened.path.removeprefix("/acts/")].load().form.model_fields)
    assert filled.get("person", []) == ([] if change == "bound" else [str(made.subject_id)])
    assert ("office" in filled) == bool(office)
    assert made.recipient.name not in opened.query


def test_an_objection_opens_no_page_where_nothing_is_done(policy: Policy) -> None:
    """The end of an office is objected to by an answer: one's own page has nothing to press."""
    for kind in (OfficeEnded, OfficeEnds, MissingFromRoster):
        assert 'class="button"' not in entry(context(kind, policy), SENDER).body.html
