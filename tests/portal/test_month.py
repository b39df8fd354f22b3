"""Time on the pages: a principal's month, the months of the year, an account's history as a line."""

from datetime import UTC, date, datetime, timedelta
from xml.etree.ElementTree import fromstring

import pytest

from portal.accounts import stretches
from portal.pictures import Bar, Stretch, bars, line
from tasks.accounts.listing import Entry
from tests.portal.browser import Portal, hidden
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER

FIRST = datetime(2026, 10, 1, 6, 0, tzinfo=UTC)
DAY = date(2026, 10, 1)


def entry(days: float, state: str | None, about: str = "account") -> Entry:
    at = FIRST + timedelta(days=days)
    return Entry(1, at, about, 1, None, state, "", "", "", None, None, "command line")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], []),
        ([entry(0, "live")], [("live", 0, 20, True)]),
        ([entry(0, "approved"), entry(4, "live")], [("approved", 0, 4, False), ("live", 4, 20, True)]),
        ([entry(0, "approved"), entry(0.1, "live")], [("live", 0, 20, True)]),
        ([entry(0, "live"), entry(2, None), entry(3, "granted", "access")], [("live", 0, 20, True)]),
        ([entry(0, "live"), entry(20, "closed")], [("live", 0, 20, False), ("closed", 20, 20, True)]),
    ],
)
def test_a_history_is_one_stretch_after_the_other(
    entries: list[Entry], expected: list[tuple[str, int, int, bool]]
) -> None:
    found = stretches(entries, UTC, DAY + timedelta(days=20))
    assert [(one.state, (one.begins - DAY).days, (one.ends - DAY).days, one.now) for one in found] == expected


def test_drawings_hold_their_words_escaped_and_stay_within_their_frame() -> None:
    drawn = line(
        [Stretch("live", DAY, DAY, now=False), Stretch("suspended", DAY, date(2028, 1, 1), now=True)], "<b>"
    )
    months = bars([Bar("Oct", 0), Bar("Nov", 4000)], "Much & more")
    for svg in (drawn, months):
        made = fromstring(svg)  # noqa: S314 - our own
        for one in made.iter("{http://www.w3.org/2000/svg}rect"):
            assert 0 <= float(one.attrib["x"]) <= float(one.attrib["x"]) + float(one.attrib["width"]) <= 641
            assert float(one.attrib["y"]) >= 0
        assert "style" not in svg
    assert 'aria-label="&lt;b&gt;"' in drawn
    assert ">4000<" in months


async def test_a_list_that_was_confirmed_is_not_begun_any_more(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(PRINCIPAL) as browser:
        for strike in ("", "1"):
            month = hidden((await browser.get("/month")).text)
            look = await browser.send_form("/month", {**month, "school": "1", "strike": ["", strike]})
            assert "Begun and not recorded" in (await browser.get("/")).text
            done = await browser.send_form("/acts/confirm-a-list", {**hidden(look.text), "confirmed": "1"})
            assert done.headers["location"].startswith("/done?")
            assert "Begun and not recorded" not in (await browser.get("/")).text


async def test_a_principal_has_the_month_on_one_page_and_confirms_the_list_in_one_act(portal: Portal) -> None:
    world = portal.world
    await live(world)
    await world.submit(handle="@lakeside.library", purpose="Books that are read at the school.")
    await world.drain()
    async with portal.as_person(PRINCIPAL) as browser:
        page = await browser.get("/month")
        for said in (
            "Sample School 1",
            "What waits",
            "Never confirmed so far",
            "@lakeside.school",
            "You are not away",
        ):
            assert said in page.text
        assert "Sample School 2" not in page.text
        asked = await browser.send_form(
            "/month", {**hidden(page.text), "school": "1", "strike": ["", "1", "77"]}
        )
        assert "@lakeside.school" in asked.text  # by its name, not by its number
        look = await browser.send_form(
            "/month", {**hidden((await browser.get("/month")).text), "school": "1"}
        )
        assert "What would happen now" in look.text
        done = await browser.send_form("/acts/confirm-a-list", {**hidden(look.text), "confirmed": "1"})
        assert done.status_code == 303
        assert "Confirmed last on" in (await browser.get("/month")).text
    rows = await world.rows("list_confirmation")
    assert [(row["school_id"], row["confirmed"], row["struck"]) for row in rows] == [(1, [1], [])]
    async with portal.as_person(OTHER_PRINCIPAL) as browser:
        assert "@lakeside.school" not in (await browser.get("/month")).text
        assert (await browser.send_form("/month", {"school": "1", "strike": "1"})).status_code == 403


@pytest.mark.parametrize(
    ("path", "person", "status"),
    [
        ("/month", TEACHER, 403),
        ("/month", CO, 403),
        ("/year", CO, 200),
        ("/year", SUPER, 200),
        ("/year", PRINCIPAL, 403),
    ],
)
async def test_each_page_of_time_is_for_its_people(
    portal: Portal, path: str, person: int, status: int
) -> None:
    async with portal.as_person(person) as browser:
        assert (await browser.get(path)).status_code == status


async def test_the_year_has_a_figure_for_each_month_and_the_account_its_line(portal: Portal) -> None:
    await live(portal.world)
    await portal.world.submit(handle="@lakeside.library", purpose="Books that are read at the school.")
    await portal.world.drain()
    async with portal.as_person(CO) as browser:
        year = (await browser.get("/year")).text
    portal.world.later(days=2)  # a single day is not drawn
    async with portal.as_person(CO) as browser:
        account = (await browser.get("/accounts/1")).text
    assert "decide the request" in year
    assert year.count('class="bar"') == 12
    assert 'class="state-live"' in account
    assert "<td>today</td>" in account
