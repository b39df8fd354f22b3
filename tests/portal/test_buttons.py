"""Every step has a button, and it leads to an act that exists, filled in as far as is known."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from policy.model import Policy
from policy.notices.base import Rows
from policy.notices.mending import how_to_mend
from portal.fields import fields, has_page
from portal.steps import buttons
from schemas.words import ItemKind, SubjectKind
from tasks.acts.table import ACTS
from tasks.items.listing import Owed
from tasks.items.step import Step
from tasks.requests.hand_in import RequestForm

#: What each kind of item is about, where that is no account.
ABOUT = {
    ItemKind.MEND_REQUEST: SubjectKind.REQUEST,
    ItemKind.DECIDE_REQUEST: SubjectKind.REQUEST,
    ItemKind.ANSWER_BRAKE: SubjectKind.BRAKE,
    ItemKind.CORRECT: SubjectKind.CORRECTION,
    ItemKind.SEE_CONTACT: SubjectKind.CONTACT,
    ItemKind.SETTLE_PAGE: SubjectKind.PAGE,
    ItemKind.DECIDE_REPORT: SubjectKind.INCIDENT,
    ItemKind.ANSWER_REPORT: SubjectKind.INCIDENT,
    ItemKind.DECIDE_LEAVE: SubjectKind.LEAVE,
    ItemKind.CONFIRM_LIST: SubjectKind.SCHOOL,
    ItemKind.READ_ADVICE: SubjectKind.PERSON,
    ItemKind.MEND_MAILBOX: SubjectKind.PERSON,
    ItemKind.SETTLE_ROW: SubjectKind.IMPORT,
}


def a_step(policy: Policy, kind: ItemKind, control: str) -> Step:
    about = ABOUT.get(kind, SubjectKind.ACCOUNT)
    owed = Owed(
        item=7, kind=kind, person=1, office=None, school=None, school_name=None, names=(), has_left=False,
        mail_refused=False, subject_kind=about, subject=5, handle=None, control=control, clause="",
        due_on=date(2026, 10, 20), days_late=0, reminders=0, climbed_to=None,
    )  # fmt: skip
    account = 5 if about is SubjectKind.ACCOUNT else None
    how = how_to_mend(control, None, policy, Rows())
    key = "enquiry:9/answer/person:1" if kind is ItemKind.ANSWER_PUBLIC else ""
    return Step(owed, "", "", "", how, key=key, account=account)


def controls(policy: Policy, kind: ItemKind) -> list[str]:
    if kind is ItemKind.MEND_FINDING:
        return [one.name for one in policy.controls]
    found = [one.name for one in policy.controls if kind in getattr(one, "asks_for", ())]
    return found or [policy.controls[0].name]


@pytest.mark.parametrize("kind", ItemKind)
def test_every_kind_of_item_has_a_button(policy: Policy, kind: ItemKind) -> None:
    for control in controls(policy, kind):
        found = buttons(a_step(policy, kind, control), policy)
        assert found, control
        for one in found:
            _leads_somewhere(one)


def _leads_somewhere(button: Any) -> None:
    if button.away:
        return
    path, asked = urlsplit(button.link).path, parse_qs(urlsplit(button.link).query)
    act = button.act or path.removeprefix("/acts/")
    if act.startswith("/"):
        assert path in {"/decide/5", "/requests/5", "/accounts/5", "/incidents/5", "/contacts/5"}
        return
    assert has_page(act)
    given = set(button.values or {}) | set(asked) - {"back"}
    assert given <= set(ACTS[act].load().form.model_fields), act


def test_only_what_may_stay_empty_for_good_is_called_optional(policy: Policy) -> None:
    """A request without a purpose comes back: to call that field optional would be a trap."""
    shown = {one.name: one for one in fields(RequestForm, policy)}
    assert {name for name, one in shown.items() if one.optional} == {"school", "again"}
    assert {name for name, one in shown.items() if one.required} == {"level", "platform", "handle"}


def test_short_pages_ask_for_every_field_once(policy: Policy) -> None:
    """But for what a link gives."""
    paged = [ACTS[name].load().form for name in ACTS if has_page(name)]
    for form in [one for one in paged if one.pages]:
        asked = [name for page in form.pages for name in page.fields]
        given = {one.name for one in fields(form, policy)} - set(asked)
        assert len(asked) == len(set(asked)), form
        assert set(asked) <= set(form.model_fields), form
        assert given == {"again"}, form
    assert RequestForm in paged
