"""Asking for an account page by page: what is wrong is said at its page at once, and all of it together."""

import re
from typing import Any

import pytest

from policy.account_request import too_little
from policy.controls.application_form import ApplicationForm
from tests.portal.browser import Browser, Portal, hidden
from tests.support.world import PRINCIPAL, TEACHER, mail

ASK = "/acts/ask-for-an-account"
WHOLE: dict[str, Any] = {
    "level": "school",
    "school": "Sample School 1",
    "channel": "social media account",
    "platform": "Instagram",
    "handle": "@lakeside.school",
    "audience": "Families of the school.",
    "purpose": "News of the school for its families.",
    "tools_considered": "division or school website",
    "why_not": "Families read Instagram every day, and the website rarely.",
    "administrators": [mail(PRINCIPAL), mail(TEACHER)],
    "custody": "shared password",
}


async def sent(browser: Browser, typed: dict[str, Any], **more: str) -> str:
    key = hidden((await browser.get(ASK)).text)
    return (await browser.send_form(ASK, {**key, "page": "1", **typed, **more})).text


def wrong(page: str) -> list[str]:
    listed = page.partition('role="alert"')[2].partition("</ul>")[0]
    return re.findall(r"<li><a[^>]*>([^<]+)</a>", listed)


@pytest.mark.parametrize(
    ("page", "changed", "said"),
    [
        ("1", {"school": "Nowhere School"}, "There is no school called"),
        ("2", {"handle": "https://www.instagram.com/"}, "names no account on Instagram"),
        (
            "3",
            {"purpose": "News."},
            "What the account is for is said too shortly: use at least 20 characters.",
        ),
        ("4", {"why_not": "Because."}, "do not serve is said too shortly: use at least 20 characters."),
        ("5", {"administrators": ["nobody@example.org"]}, "Nobody here"),
        ("5", {"administrators": ["Robin Nobody"]}, "Nobody here"),
    ],
)
async def test_what_is_not_known_is_said_at_its_own_page(
    portal: Portal, page: str, changed: dict[str, Any], said: str
) -> None:
    async with portal.as_person(TEACHER) as browser:
        answer = await sent(browser, {**WHOLE, **changed}, page=page)
        assert said in answer.replace("&#39;", "'")
        assert wrong(answer) != []
        assert f'name="page" value="{page}"' in answer
        whole = await sent(browser, {**WHOLE, **changed}, page="5", then="check")
        assert wrong(whole) == wrong(answer), "one page alone: there, from the summary, too"


async def test_what_is_wrong_on_several_pages_is_said_all_at_once(portal: Portal) -> None:
    typed = {**WHOLE, "school": "Nowhere School", "handle": "@", "audience": ""}
    async with portal.as_person(TEACHER) as browser:
        summary = await sent(browser, typed, page="5", then="check")
        assert wrong(summary) == ["School", "Wished handle", "Audience"]
        assert "Record it" not in summary
        assert "the list of schools" in summary, "a page, and no command"
        assert summary.count("Change<") == len(WHOLE)
        mended = await sent(browser, WHOLE, page="5", then="check")
        assert "Record it" in mended
        assert wrong(mended) == []


async def test_another_language_at_the_foot_of_an_open_page_keeps_what_is_typed(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        key = hidden((await browser.get(ASK)).text)
        typed = {**key, "page": "2", "platform": "TikTok", "handle": "@ada.back", "language": "fr"}
        page = (await browser.send_form(ASK, typed)).text
        assert '<html lang="fr">' in page
        assert 'name="page" value="2"' in page
        assert 'value="@ada.back"' in page
        assert re.search(
            r'<button class="link" form="act" formnovalidate[^>]* name="language" value="en"', page
        )


async def test_what_is_too_short_is_not_said_to_be_missing(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        page = await sent(browser, {**WHOLE, "purpose": "News"}, page="5", then="check")
        assert "What the account is for is said too shortly: use at least 20 characters." in page
        assert "Say why the tools" not in page
        page = await sent(browser, {**WHOLE, "purpose": ""}, page="5", then="check")
        assert "Say what the account is for." in page


async def test_too_few_tools_are_counted_at_their_page_and_none_comes_back_later(portal: Portal) -> None:
    policy, few = portal.world.policy, ("division or school website",)
    form = policy.first(ApplicationForm)
    assert form is not None
    clauses = [
        clause.model_copy(
            update={
                "controls": tuple(
                    one.model_copy(update={"tools_considered_at_least": 2}) if one == form else one
                    for one in clause.controls
                )
            }
        )
        for clause in policy.clauses
    ]
    stricter = policy.model_copy(update={"clauses": tuple(clauses)})
    enough = ("Families read Instagram every day.", "News of the school for its families.")
    assert too_little(stricter, "school", few, *enough) == {
        "tools_considered": "Say which of the tools that are provided you considered, at least 2."
    }
    assert too_little(stricter, "school", (), *enough) == too_little(policy, "school", few, *enough) == {}


async def test_who_asks_finds_their_school_and_themself_filled_in(portal: Portal) -> None:
    """What a link gives stands as it was given, and whoever is of no school finds nothing."""
    async with portal.as_person(TEACHER) as browser:
        page = (await browser.get(ASK, follow_redirects=True)).text
        assert 'name="school" value="Sample School 1"' in page
        assert f'name="administrators" value="{mail(TEACHER)}"' in page
        assert "empty only for an account of all schools." in page
        given = (await browser.get(f"{ASK}?level=division", follow_redirects=True)).text
        assert 'name="school" value=""' in given
