"""The language of pages: chosen at their foot, kept with the person, asked for by the browser before that."""

import re

import pytest

from tests.portal.browser import Portal
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
        for path in ("/queue?whose=all", "/sign-in?next=/queue"):  # the question of an address is not lost
            assert f'name="back" value="{path}"' in (await browser.get(path)).text


async def test_a_language_that_there_is_not_is_refused_and_nothing_is_kept(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        answer = await browser.send_form("/language", {"language": "tlh", "back": "https://example.org/"})
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers
        answer = await browser.send_form("/language", {"language": "fr", "back": "https://example.org/"})
        assert answer.headers["location"] == "/"
