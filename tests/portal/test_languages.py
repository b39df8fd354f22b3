"""The language of pages: chosen at their foot, kept with the person, asked for by the browser before that."""

import re
from html import unescape
from urllib.parse import unquote

import pytest

from tests.portal.browser import Portal, hidden
from tests.roster.roster_bundles import bundle11, user11
from tests.support.stages import awaiting, live
from tests.support.world import CO, TEACHER

_LANGUAGE = re.compile(r'<html lang="(\w+)">')


def spoken(page: str) -> str:
    """What a page says of its language."""
    found = _LANGUAGE.search(page)
    assert found is not None
    return found[1]


async def test_a_person_chooses_once_and_every_browser_of_theirs_speaks_it(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(TEACHER) as browser:
        first = await browser.get("/")
        assert spoken(first.text) == "en"
        assert 'value="fr" lang="fr">Français</button>' in first.text
        answer = await browser.send_form("/language", {"language": "fr", "back": "/away"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/away")
    async with portal.as_person(TEACHER) as another:
        page = await another.get("/")
        assert spoken(page.text) == "fr"
        assert "vérifié @lakeside.school sur Instagram aujourd" in page.text
        assert 'lang="en">English</button>' in page.text
        day = re.search(r'<h2 id="today">([^<]+)</h2>', page.text)
        assert day is not None
        assert re.fullmatch(
            r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) \d\w* \w+ \d{4}", day[1]
        )
        assert spoken((await another.get("/steps/987654")).text) == "fr"
    people = await portal.world.rows("person")
    assert [row["id"] for row in people if row["language"]] == [TEACHER]


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en-CA,fr;q=0.9", "en"),
        ("de, fr;q=0.2", "fr"),
        ("fr;q=rubbish, de", "en"),
        ("fr;q=0", "en"),
        ("fr;q=nan", "en"),
        ("", "en"),
    ],
)
async def test_before_the_sign_in_the_browser_is_asked(portal: Portal, asked: str, language: str) -> None:
    async with portal.browser(headers={"Accept-Language": asked}) as browser:
        assert spoken((await browser.get("/sign-in")).text) == language
        await browser.send_form(
            "/language", {"language": "fr" if language == "en" else "en", "back": "/sign-in"}
        )
        assert spoken((await browser.get("/sign-in")).text) != language


async def test_words_of_ours_that_a_policy_has_too_are_said_in_french(portal: Portal) -> None:
    """A policy's list of items has the same words; what stands on a page is not the policy's sentence."""
    await awaiting(portal.world)
    async with portal.as_person(CO) as browser:
        await browser.send_form("/language", {"language": "fr", "back": "/"})
        queue, decide = [(await browser.get(path)).text for path in ("/queue", "/decide/1")]
        assert "Décider de la demande" in queue
        assert "en attente de décision" in decide
        assert "compte de média social" in decide
        for path in ("/queue?whose=all", "/away?back=/queue"):  # the question of an address is not lost
            page = unquote((await browser.get(path)).text)
            assert f'name="back" value="{path}"' in page or f'"/language?back={path}"' in page


async def test_a_language_that_there_is_not_is_refused_and_nothing_is_kept(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        answer = await browser.send_form("/language", {"language": "tlh", "back": "https://example.org/"})
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers
        answer = await browser.send_form("/language", {"language": "fr", "back": "https://example.org/"})
        assert answer.headers["location"] == "/"


def pressed(page: str) -> dict[str, str]:
    """The button of the other language: its form and what else it says of where it goes."""
    found = re.search(r'<button class="link"([^>]*)name="language" value="fr"', page)
    assert found is not None
    return dict(re.findall(r'([\w-]+)="([^"]*)"', unescape(found[1])))


@pytest.mark.parametrize(
    ("path", "action", "typed", "there"),
    [
        (
            "/sign-in?next=/away",
            "/sign-in/mail",
            {"next": "/away", "address": "a@example.org"},
            "a@example.org",
        ),
        ("/report", "/report", {"says": "Not ours.", "address": "https://x.example.org"}, "Not ours."),
    ],
)
async def test_what_anybody_typed_is_there_in_the_other_language(
    portal: Portal, path: str, action: str, typed: dict[str, str], there: str
) -> None:
    async with portal.browser() as browser:
        page = await browser.get(path)
        its_form = pressed(page.text)["form"]
        assert re.search(rf'<form method="post" action="{action}"[^>]* id="{its_form}"', page.text)
        again = await browser.send_form(action, {**typed, "language": "fr"})
        assert (again.status_code, spoken(again.text)) == (200, "fr")
        assert there in again.text
        assert typed.get("next", "/") in again.text
        assert spoken((await browser.get("/verify")).text) == "fr"
    assert await portal.world.rows("sign_in_attempt") == []
    assert await portal.world.rows("unapproved_page") == []


@pytest.mark.parametrize(
    ("path", "typed", "to"),
    [
        ("/verify", {"q": "@a b"}, "/verify?q=%40a+b"),
        ("/verify?q=before", {"q": "now"}, "/verify?q=now"),
        ("/accounts?state=live", {"q": "lake"}, "/accounts?state=live&q=lake"),
        ("/queue?whose=all", {"school": "Sample School 1"}, "/queue?whose=all&school=Sample+School+1"),
        ("/ledger", {"on": "2026-10-01"}, "/ledger?on=2026-10-01"),
        ("/audit", {"since": "2026-10-01", "who": ""}, "/audit?since=2026-10-01"),
    ],
)
async def test_a_search_or_a_filter_is_there_in_the_other_language(
    portal: Portal, path: str, typed: dict[str, str], to: str
) -> None:
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        button = pressed((await browser.get(path)).text)
        assert button["formmethod"] == "post"
        answer = await browser.send_form(button["formaction"], {**typed, "language": "fr"})
        assert (answer.status_code, answer.headers["location"]) == (303, to)
        assert spoken((await browser.get(to)).text) == "fr"


async def test_a_decision_and_what_is_said_of_an_upload_are_there_in_the_other_language(
    portal: Portal,
) -> None:
    await awaiting(portal.world)
    async with portal.as_person(CO) as browser:
        for path, typed, there in (
            ("/decide/1", {"reason": "Families asked.", "verdict": "approve"}, "Families asked."),
            ("/imports/roster", {"leave_out": "yes"}, 'name="leave_out" value="yes" checked'),
        ):
            await browser.send_form("/language", {"language": "en"})
            page = await browser.get(path)
            assert pressed(page.text)["form"]
            again = await browser.send_form(path, {**hidden(page.text), **typed, "language": "fr"})
            assert spoken(again.text) == "fr"
            assert there in again.text
    assert await portal.world.rows("decision") == []


async def test_what_would_happen_is_there_in_the_other_language_and_nothing_is_recorded(
    portal: Portal,
) -> None:
    await awaiting(portal.world)
    many = {"requests": "1/1", "verdict": "approve", "reason": "Families asked.", "key": "many"}
    files = [("file", (name, made, "text/csv")) for name, made in bundle11(user11(10)).items()]
    async with portal.as_person(CO) as browser:
        for path, typed, brought, there in (
            ("/queue/decide", many, None, "Families asked."),
            ("/imports/roster", {}, files, "Nouvelles personnes (1)"),
        ):
            await browser.send_form("/language", {"language": "en"})
            page = await browser.send_form(path, typed, files=brought, follow_redirects=True)
            assert pressed(page.text)["form"]
            assert spoken(page.text) == "en"
            again = await browser.send_form(
                path, {**hidden(page.text), "language": "fr"}, follow_redirects=True
            )
            assert spoken(again.text) == "fr"
            assert there in again.text
        done = await browser.send_form("/queue/decide", {**many, "confirmed": "1"}, follow_redirects=True)
        assert '<form method="post" action="/language">' in done.text
    assert len(await portal.world.rows("decision")) == 1
    assert not [row for row in await portal.world.rows("person") if row["email"] == "person10@example.org"]


async def test_a_way_back_is_called_as_the_page_that_it_leads_to(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        for path in ("/queue", "/accounts/1", "/incidents", "/policy", "/imports/roster", "/audit"):
            page = (await browser.get(path)).text
            for to, name in re.findall(r'<a href="([^"]*)">← ([^<]*)</a>', page):
                there = (await browser.get(to)).text
                title = re.search(r"<title>([^<]*?) · ", there)
                assert title, to
                assert title[1] == name
        assert "<title>What waits · " in (await browser.get("/queue")).text
