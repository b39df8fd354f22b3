"""Accounts are named by handle and platform wherever a page speaks of them."""

import re
from pathlib import Path

import pytest

from portal.naming import in_words, with_names
from schemas.accounts import Account
from schemas.findings import Finding
from schemas.language import speaking
from schemas.settings import ROOT
from tests.clauses.driving import acted
from tests.portal.browser import Portal, hidden
from tests.support.stages import awaiting, live
from tests.support.world import CO, PRINCIPAL, TEACHER

NAMES = {"1": "@lakeside on Instagram", "26": "@lakeside on YouTube"}


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Account 1 is suspended.", "Account 1 (@lakeside on Instagram) is suspended."),
        (
            "Accounts 1, 26 are stopped until 10:26.",
            "Accounts 1 (@lakeside on Instagram), 26 (@lakeside on YouTube) are stopped until 10:26.",
        ),
        ("Le compte 26 est suspendu.", "Le compte 26 (@lakeside on YouTube) est suspendu."),
        ("There is no account 127.", "There is no account 127."),
        ("Request 26 is for accounts.", "Request 26 is for accounts."),
    ],
)
def test_a_sentence_has_handle_and_platform_beside_each_number(sentence: str, shown: str) -> None:
    assert with_names(sentence, NAMES) == shown


def test_an_answer_has_no_blanks_and_accounts_by_name() -> None:
    assert in_words("administrators", (), ("ada@x.example", "", " "), {}) == "ada@x.example"
    assert in_words("administrators", (), ("", ""), {}) == ""
    assert in_words("accounts", (), ("1", "26", "9"), NAMES) == (
        "@lakeside on Instagram, @lakeside on YouTube, 9"
    )
    assert in_words("request", (), ("26",), NAMES) == "26"


async def test_two_accounts_of_one_handle_are_told_apart_when_they_are_stopped(portal: Portal) -> None:
    world = portal.world
    await live(world)
    same = dict((await world.rows("account"))[0])
    await world.put(
        Account(**{**same, "id": 2, "platform": "Facebook", "request_id": None, "platform_id": None})
    )
    sent = {"accounts": ["1\n2"], "reason": "A stranger posts at both of them."}
    async with portal.as_person(CO) as browser, portal.as_person(TEACHER) as teacher:
        form = hidden((await browser.get("/acts/stop-accounts")).text)
        check = (await browser.send_form("/acts/stop-accounts", {**form, **sent})).text
        answers = check.split("Your answers")[1].split("</section>")[0]
        assert "@lakeside.school on Instagram, @lakeside.school on Facebook" in answers
        assert "Accounts 1 (@lakeside.school on Instagram), 2 (@lakeside.school on Facebook) are" in check
        draft = (await browser.get("/")).text.split("Begun and not recorded")[1]
        assert "@lakeside.school on Instagram, @lakeside.school on Facebook" in draft
        await acted(world, "stop-accounts", CO, accounts=(1, 2), reason="A stranger posts there.")
        stops = (await browser.get("/stops")).text
        form = hidden((await teacher.get("/acts/check-in")).text)
        other = (await teacher.send_form("/acts/check-in", {**form, "accounts": "2"})).text
    named = re.findall(r'Bring back<span class="unseen"> ([^<]*)<', stops)
    assert named == ["@lakeside.school on Instagram", "@lakeside.school on Facebook"]
    assert "account 2:" in other, "what somebody may not read is not named"


async def test_what_is_misleading_is_told_apart_in_the_queue(portal: Portal) -> None:
    world = portal.world
    await live(world)
    for number, account in ((1, 1), (2, None)):
        said = {"account": account, "says": f"The opening hours of {number} are wrong."}
        await acted(world, "report-misleading-information", CO, **{k: v for k, v in said.items() if v})
    async with portal.as_person(CO) as browser:
        page = (await browser.get("/queue?whose=all")).text
    assert "@lakeside.school on Instagram: The opening hours of 1 are wrong." in page
    assert "· The opening hours of 2 are wrong." in page


async def test_who_decided_reads_of_a_second_press_that_it_was_they(portal: Portal) -> None:
    await awaiting(portal.world)
    async with portal.as_person(CO) as browser:
        old = hidden((await browser.get("/decide/1")).text)
        await portal.world.decide(1, CO, "decline")
        answer = await browser.send_form("/decide/1", {**old, "verdict": "approve", "reason": ""})
    assert answer.status_code == 409
    assert "You decided it already: decline." in answer.text


#: An address of ours, a part of one in a page to copy, and words that are not a handle.
_NO_NAME = re.compile(r"account_called\([^)]*\)|\w+\.handle \| urlencode")


@pytest.mark.parametrize(
    "template", sorted((ROOT / "portal/templates").glob("*.html")), ids=lambda one: one.stem
)
def test_no_page_shows_a_handle_by_itself(template: Path) -> None:
    assert ".handle" not in _NO_NAME.sub("", template.read_text())


async def test_lists_of_a_school_name_platform_and_handle(portal: Portal) -> None:
    world, called = portal.world, "@lakeside.school on Instagram"
    await live(world)
    today = world.now.date()
    await world.put(Finding(control="notice-on-page", account_id=1, due_on=today, opened_at=world.now))
    own = await acted(world, "check-in", TEACHER, accounts=(1,))
    async with portal.as_person(PRINCIPAL) as principal, portal.as_person(CO) as office:
        pages = [
            (await principal.get("/month")).text,
            *[(await office.get(path)).text for path in ("/schools/1", "/accounts", "/accounts/1")],
        ]
    for page in (*pages, own.says):
        bare = page.replace(called, "")
        assert called in page
        assert "@lakeside.school" not in bare
    assert pages[1].split("What was found")[1].count(called) == 1


def test_a_platform_is_called_in_the_language_spoken_or_by_its_name(portal: Portal) -> None:
    policy = portal.world.policy
    assert policy.says_account("website or blog", "www.x.example") == "the website www.x.example"
    with speaking("fr"):
        assert policy.says_account("website or blog", "www.x.example") == "le site web www.x.example"
        assert policy.says_account("other", "Ours") == "Ours (autre)"
        assert policy.says_account("Instagram", "@x") == "@x sur Instagram"
