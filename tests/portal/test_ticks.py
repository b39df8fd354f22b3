"""What is chosen on a form is chosen by what it says: its code stands in the value, and nobody types it."""

import re
from html import unescape

from policy.model import Policy
from portal.fields import Shown, fields, has_page
from tasks.acts.table import ACTS
from tests.portal.browser import Browser, Portal, hidden
from tests.support.stages import live, prepared
from tests.support.world import CO, TEACHER

TICK = re.compile(r'<input[^>]*type="checkbox" name="(\w+)" value="([^"]*)"( checked)?[^>]*>(.*?)</label>')


async def opened(browser: Browser, act: str, **given: str) -> str:
    """The form of an act, at its own address."""
    return (await browser.get(f"/acts/{act}", params=given, follow_redirects=True)).text


def ticks(page: str, name: str) -> dict[str, tuple[str, bool]]:
    """The ticks of a field by their values: what each says, and whether it is set."""
    return {
        value: (unescape(re.sub("<[^>]+>", "", words)).strip(), bool(is_set))
        for field, value, is_set, words in TICK.findall(page)
        if field == name
    }


async def test_a_teacher_ticks_the_privacy_settings_that_are_set(portal: Portal) -> None:
    """None is ticked before; what was ticked is there again, and is said in words before it is recorded."""
    await prepared(portal.world)
    items = portal.world.policy.checklist("Instagram").items
    async with portal.as_person(TEACHER) as browser:
        page = await opened(browser, "report-an-account", account="1")
        assert ticks(page, "privacy_done") == {one.id: (one.step, False) for one in items}
        assert "Tick each that is set." in page
        assert "Privacy settings done</legend>" in page  # and is not called optional
        typed = {
            **hidden(page),
            "account": "1",
            "address": "https://www.example.org/lakeside",
            "platform_id": "17841400000000001",
            "vault_reference": "vault/Lakeside",
        }
        some = await browser.send_form(
            "/acts/report-an-account", {**typed, "privacy_done": [one.id for one in items[1:]]}
        )
        again = some.text
        left = [one for one, (_, is_set) in ticks(again, "privacy_done").items() if not is_set]
        assert f"Set these privacy settings first: {items[0].text.rstrip('.')}" in again
        assert left == [items[0].id]
        done = await browser.send_form(
            "/acts/report-an-account", {**typed, "privacy_done": [one.id for one in items]}
        )
        check = done.text
        assert items[0].text in check


async def test_settings_are_those_of_the_account_once_it_is_known(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(TEACHER) as browser:
        page = await opened(browser, "attest-privacy-settings")
        assert ticks(page, "privacy") == {}
        assert "once the account is known" in page
        sent = await browser.send_form("/acts/attest-privacy-settings", {**hidden(page), "account": "1"})
        shown = sent.text
        assert len(ticks(shown, "privacy")) == len(portal.world.policy.checklist("Instagram").items)


async def test_settings_of_an_account_that_one_may_not_read_are_not_shown(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        assert ticks(await opened(browser, "attest-privacy-settings", account="1"), "privacy")
        assert not ticks(await opened(browser, "attest-privacy-settings", account="99"), "privacy")


def test_no_choice_is_offered_by_a_code(policy: Policy) -> None:
    """A code has a hyphen for each space, or is a number alone."""
    code = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|[\d.]+")

    def codes(one: Shown) -> list[str]:
        return [label for value, label in one.options if value == label and code.fullmatch(label)]

    wrong = {
        (name, one.name): found
        for name in ACTS
        if has_page(name)
        for one in fields(ACTS[name].load().form, policy)
        if (found := codes(one))
    }
    assert wrong == {}


def test_no_field_of_a_page_asks_for_ids_of_a_list(policy: Policy) -> None:
    asked = [
        (name, one.name)
        for name in ACTS
        if has_page(name)
        for one in fields(ACTS[name].load().form, policy)
        if re.search(r"\bids? of\b", one.hint)
    ]
    assert asked == []
