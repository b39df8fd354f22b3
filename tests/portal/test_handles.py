"""An account is given by its handle on every form: no page shows its number."""

import re
from html import unescape
from pathlib import Path

import pytest

from policy.model import Policy
from portal.fields import fields, has_page
from portal.naming import OF_ACCOUNTS
from schemas.accounts import Account
from schemas.states import AccountState
from tasks.acts.table import ACTS
from tests.portal.browser import Portal, hidden
from tests.support.stages import live
from tests.support.world import CO, TEACHER


async def _twins(portal: Portal) -> None:
    """Account 2 has the handle of account 1, on Facebook; 3 is one that nobody but its people knows of."""
    await live(portal.world)
    same = dict((await portal.world.rows("account"))[0])
    apart = {"request_id": None, "platform_id": None, "platform_key": None, "address": None, "page_key": None}
    await portal.world.put(Account(**{**same, **apart, "id": 2, "platform": "Facebook"}))
    secret = {"handle": "@plan", "handle_key": "plan", "state": AccountState.PREPARING, "school_id": None}
    await portal.world.put(Account(**{**same, **apart, **secret, "id": 3}))


def test_every_field_of_an_account_takes_words_and_is_called_so(policy: Policy) -> None:
    asked = {
        (name, one.name): (one.label, one.widget)
        for name in ACTS
        if has_page(name)
        for one in fields(ACTS[name].load().form, policy)
        if one.name in OF_ACCOUNTS
    }
    assert len(asked) > 25
    assert {widget for _, widget in asked.values()} <= {"text", "several"}
    assert [where for where, (label, _) in asked.items() if "umber" in label] == []


def test_no_field_has_a_pattern_that_stops_the_browser_without_a_word() -> None:
    templates = Path("portal/templates").glob("*.html")
    assert [one.name for one in templates if re.search(r'\bpattern="', one.read_text())] == []


@pytest.mark.parametrize("said", ["@lakeside.school on Instagram", " lakeside.school  ON instagram", "1"])
async def test_an_account_is_found_by_what_it_is_called(portal: Portal, said: str) -> None:
    await _twins(portal)
    async with portal.as_person(CO) as browser:
        page = (await browser.get("/acts/report-what-was-broken", follow_redirects=True)).text
        assert '<option value="@lakeside.school on Facebook">' in page
        assert 'name="account" value="" list="offer-accounts" aria-describedby' in page
        sent = {
            **hidden(page),
            "account": said,
            "rule": "AP 140",
            "tells": "Something was posted that should not be.",
        }
        check = unescape((await browser.send_form("/acts/report-what-was-broken", sent)).text)
        assert '<dt>Account</dt><dd class="words">@lakeside.school on Instagram</dd>' in check
        key = hidden(check)["key"]
        again = await browser.get(f"/acts/report-what-was-broken?key={key}")
        assert 'value="@lakeside.school on Instagram"' in again.text, "the form has what people know"


async def test_of_several_with_a_handle_the_page_names_the_choices(portal: Portal) -> None:
    await _twins(portal)
    async with portal.as_person(TEACHER) as browser:
        page = (await browser.get("/acts/report-what-was-broken", follow_redirects=True)).text
        typed = {**hidden(page), "rule": "AP 140", "tells": "Something was posted that should not be."}
        answer = await browser.send_form(
            "/acts/report-what-was-broken", {**typed, "account": "@lakeside.school"}
        )
        shown = unescape(answer.text)
        assert answer.status_code == 400
        assert "“@lakeside.school on Instagram”, “@lakeside.school on Facebook”" in shown
        assert 'value="@lakeside.school"' in shown, "what was typed stands there still"


async def test_a_handle_that_is_not_theirs_to_know_is_nobodys(portal: Portal) -> None:
    await _twins(portal)
    said = {}
    for who, handle in ((TEACHER, "@plan"), (TEACHER, "@nobodys"), (CO, "@plan")):
        async with portal.as_person(who) as browser:
            page = (await browser.get("/acts/report-what-was-broken", follow_redirects=True)).text
            typed = {
                **hidden(page),
                "account": handle,
                "rule": "AP 140",
                "tells": "Something was posted that should not be.",
            }
            answer = await browser.send_form("/acts/report-what-was-broken", typed)
            said[who, handle] = "there is no account called" in unescape(answer.text)
    assert said == {(TEACHER, "@plan"): True, (TEACHER, "@nobodys"): True, (CO, "@plan"): False}


async def test_handles_of_several_accounts_are_found_line_by_line(portal: Portal) -> None:
    await _twins(portal)
    async with portal.as_person(CO) as browser:
        page = (await browser.get("/acts/stop-accounts", follow_redirects=True)).text
        lines = ["@lakeside.school on Facebook\n@lakeside.school on Instagram"]
        typed = {**hidden(page), "accounts": lines, "reason": "A stranger posts at both of them."}
        check = (await browser.send_form("/acts/stop-accounts", typed)).text
        assert "Accounts 1 (@lakeside.school on Instagram), 2 (@lakeside.school on Facebook) are" in check
        typed["accounts"] = ["@lakeside.school on Facebook\n@nobodys"]
        wrong = unescape((await browser.send_form("/acts/stop-accounts", typed)).text)
        assert "there is no account called “@nobodys”" in wrong
        assert "whole number" not in wrong
