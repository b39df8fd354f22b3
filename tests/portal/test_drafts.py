"""Forms that were begun: found again on one's own page, dropped, and not lost between two tabs."""

import re

import pytest

from tests.portal.browser import Browser, Portal, hidden
from tests.support.stages import approved, live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, mail

ACT = "/acts/note-an-absence"
DAYS = {"starts_on": "2026-11-02", "ends_on": "2026-11-05"}
TYPED = {**DAYS, "person": mail(TEACHER), "deputy": mail(PRINCIPAL)}


async def begun(browser: Browser, **changes: str) -> dict[str, str]:
    """A form that was sent once: its hidden fields, as its page has them then."""
    first = hidden((await browser.get(ACT)).text)
    sent = await browser.send_form(ACT, {**first, **TYPED, **changes})
    assert sent.status_code == 200, sent.text
    return hidden((await browser.get(f"{ACT}?key={first['key']}")).text)


def listed(page: str) -> list[str]:
    return re.findall(rf'href="{ACT}\?key=([\w-]+)&amp;check=1"', page)


async def test_a_form_that_was_begun_is_on_one_s_own_page_until_it_is_recorded_or_dropped(
    portal: Portal,
) -> None:
    async with portal.as_person(TEACHER) as browser:
        assert listed((await browser.get("/")).text) == []
        first, second = [await begun(browser, starts_on=day) for day in ("2026-11-03", "2026-11-04")]
        page = (await browser.get("/")).text
        assert listed(page) == [second["key"], first["key"]]
        again = await browser.get(f"{ACT}?key={first['key']}&check=1")
        assert "2026-11-03" in again.text
        async with portal.as_person(CO) as other:  # with the same browser
            other.cookies.update({name: word for name, word in browser.cookies.items() if "forms" in name})
            assert listed((await other.get("/")).text) == []
            await other.send_form("/drop", {"key": first["key"]})
        dropped = await browser.send_form("/drop", {"key": second["key"]})
        assert dropped.status_code == 303
        assert listed((await browser.get("/")).text) == [first["key"]]
        done = await browser.send_form(ACT, {**hidden(again.text), "confirmed": "1"})
        assert done.headers["location"].startswith("/done?")
        assert listed((await browser.get("/")).text) == []
    assert [str(row["starts_on"]) for row in await portal.world.rows("absence")] == ["2026-11-03"]


async def test_a_full_list_says_that_the_oldest_leaves_it(portal: Portal) -> None:
    says = "the oldest leaves this list"
    async with portal.as_person(TEACHER) as browser:
        forms = [await begun(browser) for _ in range(9)]
        assert says not in (await browser.get("/")).text
        forms += [await begun(browser)]
        page = (await browser.get("/")).text
        assert says in page
        assert len(listed(page)) == 10
        await begun(browser)
        page = (await browser.get("/")).text
        assert says in page
        assert forms[0]["key"] not in listed(page)
        assert len(listed(page)) == 10


async def test_a_tab_that_saves_over_a_newer_copy_is_told_and_both_stay(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        form = await begun(browser)
        assert (await browser.send_form(ACT, {**form, **TYPED, "ends_on": "2026-11-06"})).status_code == 200
        late = await browser.send_form(ACT, {**form, **TYPED, "ends_on": "2026-11-09"})
        assert "In another tab this form was changed" in late.text
        assert "2026-11-09" in late.text
        other = re.search(r'href="([^"]+)">See the other one', late.text)
        assert other
        assert "2026-11-06" in (await browser.get(other[1].replace("&amp;", "&"))).text
        assert len(listed((await browser.get("/")).text)) == 2
        twice = await browser.send_form(ACT, {**form, **TYPED, "ends_on": "2026-11-06"})
        assert "In another tab" not in twice.text, "the same again is the same"


async def test_what_is_sent_after_it_was_recorded_is_a_form_of_its_own(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        form = await begun(browser)
        shown = await browser.get(f"{ACT}?key={form['key']}&check=1")
        await browser.send_form(ACT, {**form, **TYPED, "ends_on": "2026-11-06"})  # another tab
        done = await browser.send_form(ACT, {**hidden(shown.text), "confirmed": "1"})
        assert done.status_code == 303
        (left,) = listed((await browser.get("/")).text)
        assert left != form["key"]
        assert "2026-11-06" in (await browser.get(f"{ACT}?key={left}&check=1")).text
        later = {**TYPED, "starts_on": "2026-12-01", "ends_on": "2026-12-02"}
        own = await browser.send_form(ACT, {**form, **later})
        assert "In another tab" in own.text
        again = await browser.send_form(ACT, {**hidden(own.text), "confirmed": "1"})
        assert again.status_code == 303
    days = {(str(row["starts_on"]), str(row["ends_on"])) for row in await portal.world.rows("absence")}
    assert days == {("2026-11-02", "2026-11-05"), ("2026-12-01", "2026-12-02")}


@pytest.mark.parametrize("first", [0, 1])
async def test_what_another_tab_looked_at_is_not_taken_for_what_was_recorded(
    portal: Portal, first: int
) -> None:
    """Two tabs at "Record it", with other days: nothing is said to be recorded that is not."""
    async with portal.as_person(TEACHER) as browser:
        form = await begun(browser)
        check = f"{ACT}?key={form['key']}&check=1"
        tabs = [await browser.get(check)]
        await browser.send_form(ACT, {**form, **TYPED, "starts_on": "2026-11-03"})
        tabs.append(await browser.get(check))
        pressed, other = [{**hidden(tabs[place].text), "confirmed": "1"} for place in (first, 1 - first)]
        assert (await browser.send_form(ACT, pressed)).headers["location"].startswith("/done?")
        again = await browser.send_form(ACT, pressed)
        assert again.headers["location"].startswith("/done?"), "the same once more is the same"
        late = await browser.send_form(ACT, other)
        assert "In another tab this form was changed or recorded" in late.text
        assert other["starts_on"] in late.text
        assert len(listed((await browser.get("/")).text)) == 1
    (row,) = await portal.world.rows("absence")
    assert str(row["starts_on"]) == pressed["starts_on"]


def begun_of(page: str, act: str) -> list[str]:
    return re.findall(rf'href="/acts/{act}\?key=([\w-]+)&amp;check=1"', page)


async def sent(browser: Browser, act: str, **typed: str) -> str:
    """What a form says once it was sent."""
    first = hidden((await browser.get(f"/acts/{act}")).text)
    return (await browser.send_form(f"/acts/{act}", {**first, **typed})).text


async def test_what_was_recorded_ends_what_was_begun_of_the_same_about_the_same(portal: Portal) -> None:
    act, other = "suspend-an-account", "add-an-administrator"
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        await sent(browser, act, account="1", reason="One way to say it.")
        await sent(browser, act, account="2", reason="Another account, mistyped.")
        names = [await sent(browser, other, account="1", person=mail(one)) for one in (CO, PRINCIPAL)]
        last = await sent(browser, act, account="1", reason="A better way to say it.")
        page = (await browser.get("/")).text
        assert (len(begun_of(page, act)), len(begun_of(page, other))) == (3, 2)
        assert page.count("@lakeside.school on Instagram") >= 4, "each row says which account it is about"
        await browser.send_form(f"/acts/{other}", {**hidden(names[0]), "confirmed": "1"})
        again = await browser.send_form(f"/acts/{act}", {**hidden(last), "confirmed": "1"})
        assert "Something changed since you looked" in again.text, "one more is told"
        await browser.send_form(f"/acts/{act}", {**hidden(again.text), "confirmed": "1"})
        page = (await browser.get("/")).text
        assert len(begun_of(page, act)) == 1, "of the other account"
        assert len(begun_of(page, other)) == 1, "of somebody else"


async def test_pressing_a_step_s_button_ends_what_was_begun_of_it(portal: Portal) -> None:
    act = "accept-responsibility"
    await approved(portal.world)
    (step,) = [
        row["id"]
        for row in await portal.world.rows("action_item")
        if (row["person_id"], row["kind"]) == (TEACHER, "accept responsibility")
    ]
    async with portal.as_person(TEACHER) as browser:
        await sent(browser, act, account="1")
        assert len(begun_of((await browser.get("/")).text, act)) == 1
        page = (await browser.get(f"/steps/{step}")).text
        await browser.send_form(f"/steps/{step}", {**hidden(page), "act": act})
        assert begun_of((await browser.get("/")).text, act) == []


async def test_what_somebody_else_recorded_since_is_not_listed_as_begun(portal: Portal) -> None:
    """Two at one account: the one who was second is not asked to do it again."""
    act = "suspend-an-account"
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        await sent(browser, act, account="1", reason="I looked first.")
        await sent(browser, act, account="2", reason="Another account, mistyped.")
        assert len(begun_of((await browser.get("/")).text, act)) == 2
        portal.world.later(minutes=1)
        async with portal.as_person(CO) as other:
            shown = await sent(other, act, account="1", reason="And in this browser it is done.")
            done = await other.send_form(f"/acts/{act}", {**hidden(shown), "confirmed": "1"})
            assert done.headers["location"].startswith("/done?")
        assert len(begun_of((await browser.get("/")).text, act)) == 1, "of the other account"
        portal.world.later(minutes=1)
        await sent(browser, act, account="1", reason="Begun after it.")
        assert len(begun_of((await browser.get("/")).text, act)) == 2


async def test_what_somebody_else_recorded_of_the_same_with_something_else_in_it_ends_nothing(
    portal: Portal,
) -> None:
    """A new address was typed; somebody else recorded the permanent id, and the address was gone."""
    act, why = "rename-an-account", "It has another name now."
    await live(portal.world)
    async with portal.as_person(CO) as browser, portal.as_person(PRINCIPAL) as other:
        await sent(browser, act, account="1", address="https://example.org/new", reason=why)
        portal.world.later(minutes=1)
        for who, platform_id in ((other, "4711"), (browser, "4712")):
            shown = await sent(who, act, account="1", platform_id=platform_id, reason=why)
            done = await who.send_form(f"/acts/{act}", {**hidden(shown), "confirmed": "1"})
            assert done.headers["location"].startswith("/done?")
            assert len(begun_of((await browser.get("/")).text, act)) == 1, "also where one did it oneself"


async def test_what_each_does_for_themselves_stays_begun(portal: Portal) -> None:
    act = "accept-responsibility"
    await approved(portal.world)
    async with portal.as_person(TEACHER) as browser, portal.as_person(PRINCIPAL) as other:
        await sent(browser, act, account="1")
        portal.world.later(minutes=1)
        shown = await sent(other, act, account="1")
        await other.send_form(f"/acts/{act}", {**hidden(shown), "confirmed": "1"})
        assert len(begun_of((await browser.get("/")).text, act)) == 1


async def test_what_one_may_not_do_is_not_listed_as_begun(portal: Portal) -> None:
    act = "suspend-an-account"
    await live(portal.world)
    async with portal.as_person(OTHER_PRINCIPAL) as browser:
        refused = await sent(browser, act, account="1", reason="I would rather not see it.")
        assert "Only " in refused
        assert "I would rather not see it." in refused, "what was typed is still there"
        assert begun_of((await browser.get("/")).text, act) == []


async def test_a_form_of_one_act_is_none_of_another(portal: Portal) -> None:
    """An address with the key of another form, as somebody may put together, opens an empty one."""
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        first = await begun(browser)
        for more in ("", "&check=1"):
            page = await browser.get(f"/acts/close-an-account?key={first['key']}{more}")
            assert page.status_code in {200, 303}, page.text
            assert "2026-11-02" not in page.text
        assert listed((await browser.get("/")).text) == [first["key"]]
