"""Who asks for an account reads who decides and by when, and then what is left until it is live."""

import re
from html import unescape

import pytest

from tasks.accounts.facts import account_facts
from tasks.ahead import until_it_is_live
from tests.portal.browser import Browser, Portal, hidden
from tests.support.stages import approved, awaiting, live, prepared, sent_back_by_steward
from tests.support.world import CO, DEPUTY, PRINCIPAL, TEACHER, World, a_request, mail

ASK = "/acts/ask-for-an-account"
DECIDER = "Given1 Sample1 (Communications Officer)"


def words(page: str) -> str:
    """The page as it is read, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def asks(browser: Browser, **changed: object) -> tuple[str, str]:
    """The preview of a request, and the page after it is recorded."""
    typed = {
        name: value
        for name, value in a_request(**changed).model_dump(mode="json").items()
        if name not in {"actor", "again"}
    }
    key = hidden((await browser.get(ASK)).text)
    shown = (await browser.send_form(ASK, {**key, **typed, "page": "5", "then": "check"})).text
    done = await browser.send_form(ASK, {**hidden(shown), **typed, "confirmed": "1"})
    return words(shown), words((await browser.get(done.headers["location"])).text)


async def test_who_decides_and_by_when_is_read_before_and_after_it_is_handed_in(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        preview, recorded = await asks(browser)
        assert f"Who decides: {DECIDER}, by " in preview
        due = preview.partition(f"Who decides: {DECIDER}, by ")[2].partition(". ")[0]
        assert f"It is decided. {DECIDER} · by {due}" in recorded
        assert "The request is complete. Steward next" in recorded
        await portal.world.drain()
        (request,) = await portal.world.rows("account_request")
        for path in (f"/requests/{request['id']}", "/"):
            page = words((await browser.get(path)).text)
            assert f"It is decided. {DECIDER} · by {due}" in page, path


async def test_nobody_who_may_not_decide_is_named(portal: Portal) -> None:
    """A principal's own request for a classroom account goes to the office that steps in."""
    async with portal.as_person(PRINCIPAL) as browser:
        preview, _ = await asks(browser, level="classroom", administrators=[mail(TEACHER)])
        assert f"Who decides: {DECIDER}" in preview
        assert "Sample3" not in preview.partition("Who decides")[2]


async def test_what_came_back_is_the_requester_s_turn(portal: Portal) -> None:
    await sent_back_by_steward(portal.world)
    async with portal.as_person(TEACHER) as browser:
        page = words((await browser.get("/requests/1")).text)
    assert "The request is complete. Given4 Sample4 next" in page
    assert "It is decided. Given1 Sample1 (Communications Officer) later" in page


async def counted(browser: Browser, path: str) -> str:
    page = words((await browser.get(path)).text)
    found = re.search(r"(\d+ of \d+) done", page)
    return found[1] if found else ""


async def test_what_is_left_is_counted_down_until_it_is_live(portal: Portal) -> None:
    """The same on the request, on the account, and on the own page of who asked."""
    world = portal.world
    await approved(world)
    async with portal.as_person(TEACHER) as browser:
        page = words((await browser.get("/requests/1")).text)
        assert "Given4 Sample4 accepts “" in page
        assert "Given4 Sample4 completes the course “" in page
        assert (
            "It is created on its platform, and reported by its administrator. Given4 Sample4 later" in page
        )
        assert await counted(browser, "/") == await counted(browser, "/requests/1")
        first = await counted(browser, "/accounts/1")
        assert first.startswith("0 of ")
        await world.meet_gates(1, PRINCIPAL, TEACHER)
        await world.drain()
        page = words((await browser.get("/accounts/1")).text)
        due = "It is created on its platform, and reported by its administrator. Given4 Sample4 · by "
        assert due in page
        assert await counted(browser, "/accounts/1") > first
        await world.report(1, TEACHER)
        await world.look(1)
        await world.drain()
        for path in ("/", "/requests/1", "/accounts/1"):
            assert await counted(browser, path) == "", path


async def test_somebody_else_s_request_says_nothing_on_the_page_after_an_act(portal: Portal) -> None:
    await awaiting(portal.world)
    async with portal.as_person(DEPUTY) as browser:
        _, recorded = await asks(browser, handle="@other.one")
        assert "It is decided." in recorded
        assert "What you asked for" in words((await browser.get("/")).text)
    async with portal.as_person(CO) as browser:
        assert "It is decided." not in words((await browser.get("/")).text)


@pytest.mark.parametrize("level", ["school", "classroom", "division"])
async def test_as_long_as_an_account_is_not_live_something_is_somebody_s_turn(
    one_world: World, level: str
) -> None:
    """Nothing is left without whose turn it is, and what is next can be done."""
    await prepared(one_world, level)
    async with one_world.store.read() as session:
        today = one_world.policy.calendar.today(one_world.now)
        facts = await account_facts(session, 1, one_world.policy, today)
        ahead = await until_it_is_live(session, one_world.policy, facts.id, one_world.now)
    assert ahead is not None
    assert ahead.next
    assert all(one.turn for one in ahead.points if not one.met)
    assert not [one for one in ahead.points if one.met and one.turn]
    shows = "The profile shows name and position." in {one.says for one in ahead.points}
    assert shows is (level == "classroom")


async def test_a_live_account_has_nothing_left(one_world: World) -> None:
    await live(one_world)
    async with one_world.store.read() as session:
        assert await until_it_is_live(session, one_world.policy, 1, one_world.now) is None
