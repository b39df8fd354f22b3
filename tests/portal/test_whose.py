"""A form is of the person for whom its page was made: nobody else's press records it in their own name."""

import re
from collections.abc import Mapping

import pytest
from starlette.routing import Route

from portal.asking import MADE_FOR, cookie_name
from tests.portal.browser import HOME, Browser, Portal, hidden
from tests.support.world import CO, SUPER, TEACHER

TYPED = {"verdict": "decline", "reason": "Words of hers alone.", "revision": "1", "key": "old"}
#: What is done in nobody's name, or ends a session: whoever presses it, it is theirs or nobody's.
ANYBODYS = frozenset(
    {
        *("/sign-in/mail", "/sign-in/mail/code", "/sign-out", "/language", "/report", "/xapi/statements"),
        *("/sample-provider/choose", "/sample-provider/token"),
    }
)


@pytest.fixture
async def waiting(portal: Portal) -> Portal:
    await portal.world.submit()
    await portal.world.drain()
    return portal


def mark_of(page: str) -> str:
    found = set(re.findall(rf'name="{MADE_FOR}" value="([^"]+)"', page))
    assert len(found) == 1
    return str(found.pop())


async def sits_down(portal: Portal, browser: Browser, person: int) -> None:
    """Somebody else signs in with the same browser."""
    async with portal.as_person(person) as other:
        browser.cookies.set(cookie_name(portal.settings), dict(other.cookies)[cookie_name(portal.settings)])


async def verdicts(portal: Portal) -> list[tuple[str, int]]:
    return [(row["verdict"], row["decided_by_id"]) for row in await portal.world.rows("decision")]


async def test_an_old_tab_s_form_is_not_recorded_in_the_name_of_who_sits_there_now(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser:
        page = (await browser.get("/decide/1")).text
        old = {**hidden(page), **TYPED, MADE_FOR: mark_of(page)}
        await browser.send_form("/sign-out")
        await sits_down(waiting, browser, SUPER)  # who may decide it, too
        answer = await browser.send_form("/decide/1", old)
        assert answer.status_code == 403
        assert "Somebody else is signed in now" in answer.text
        assert TYPED["reason"] not in answer.text
        assert await verdicts(waiting) == []
        at = re.search(r"next=(/answer/[\w-]+)", answer.text)
        assert at
        assert (await browser.get(at[1])).status_code == 404, "it is hers alone"
        await sits_down(waiting, browser, CO)
        found = (await browser.get(at[1])).text
        assert TYPED["reason"] in found
        done = await browser.send_form("/decide/1", {**hidden(found), MADE_FOR: mark_of(found)})
        assert done.status_code == 303
    assert await verdicts(waiting) == [("decline", CO)]


@pytest.mark.parametrize("ended", [False, True])
async def test_the_same_person_goes_on_in_another_session(waiting: Portal, ended: bool) -> None:
    async with waiting.as_person(CO) as browser:
        page = (await browser.get("/decide/1")).text
        old = {**hidden(page), **TYPED, MADE_FOR: mark_of(page)}
        if ended:
            await browser.send_form("/sign-out")
        await sits_down(waiting, browser, CO)
        assert mark_of((await browser.get("/decide/1")).text) != old[MADE_FOR]
        assert (await browser.send_form("/decide/1", old)).status_code == 303
    assert await verdicts(waiting) == [("decline", CO)]


async def test_what_a_page_about_a_lost_session_keeps_is_still_hers(waiting: Portal) -> None:
    """She is told to sign in in another tab; somebody else does, and presses."""
    async with waiting.as_person(CO) as browser:
        page = (await browser.get("/decide/1")).text
        await browser.send_form("/sign-out")
        lost = await browser.send_form("/decide/1", {**TYPED, MADE_FOR: mark_of(page)})
        assert (lost.status_code, mark_of(lost.text)) == (401, mark_of(page))
        await sits_down(waiting, browser, SUPER)
        again = await browser.send_form("/decide/1", {**hidden(lost.text), MADE_FOR: mark_of(lost.text)})
        assert again.status_code == 403
    assert await verdicts(waiting) == []


@pytest.mark.parametrize("mark", ["", "1.", "x", "²", f"{10**30}.a", "1.{}"])
async def test_a_mark_that_is_none_of_ours_is_nobody_s(waiting: Portal, mark: str) -> None:
    async with waiting.as_person(CO) as browser:
        made_up = mark.format("0" * 64)
        answer = await browser.send_form("/decide/1", {**TYPED, MADE_FOR: made_up})
    assert answer.status_code == 403
    assert "/answer/" not in answer.text
    assert await verdicts(waiting) == []


async def test_every_form_of_who_is_signed_in_is_held_to_whose_it_is(portal: Portal) -> None:
    """Whatever a route takes: the walk is over the application's own."""
    posts = [one for one in portal.app.routes if isinstance(one, Route) and "POST" in (one.methods or ())]
    assert {one.path for one in posts} >= ANYBODYS
    held: Mapping[str, str] = {"name": "check-in", "kind": "training", "number": "1"}
    async with portal.as_person(TEACHER) as hers, portal.as_person(CO) as browser:
        for route in posts:
            if route.path in ANYBODYS:
                continue
            path = route.path.format(**{name: held[name] for name in route.param_convertors})
            answer = await browser.send_form(path, {MADE_FOR: hers.mark})
            assert answer.status_code == 403, path
            assert "made for somebody else" in answer.text, path


async def test_each_form_of_a_page_says_whose_it_is(waiting: Portal) -> None:
    async with waiting.as_person(CO) as browser:
        for path in ("/", "/queue", "/decide/1", "/sessions", "/imports/training", "/acts/close-an-account"):
            page = (await browser.get(path)).text
            assert page.count('<form method="post"') == page.count(f'name="{MADE_FOR}"') > 0
            assert mark_of(page) == browser.mark
    async with waiting.browser() as nobody:
        assert MADE_FOR not in (await nobody.get(f"{HOME}/sign-in")).text
