"""What reaches far asks for a sign-in of the last minutes, and keeps what was typed meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from portal.asking import cookie_name
from schemas.forms import read
from tasks.acts.table import ACTS
from tests.portal.browser import Portal, hidden
from tests.support.world import CO, SUPER, TEACHER

GIVEN = {"office": "communications officer", "person": str(CO), "at_once": "true", "reason": "Moved “on”."}
PATH = "/acts/end-an-office"


async def test_an_office_ends_only_by_who_signed_in_just_now(portal: Portal) -> None:
    typed = {**GIVEN, "confirmed": "yes", "key": "end"}
    async with portal.as_person(SUPER) as browser:
        portal.world.later(minutes=16)
        for sent in (typed, {**typed, "confirmed": ""}):
            asked = await browser.send_form(PATH, sent)
            assert asked.status_code == 401
            assert "older than 15 minutes" in asked.text
            assert 'href="/sign-in?again=1&amp;next=/signed-in"' in asked.text
        kept = hidden(asked.text)
        assert kept == {**GIVEN, "key": "end", "back": "/"}
        assert (await browser.get(PATH)).status_code == 200  # reading is not asked for
        harmless = {"person": str(SUPER), "starts_on": "2026-10-20", "ends_on": "2026-10-21"}
        other = await browser.send_form("/acts/note-an-absence", harmless)
        assert other.status_code != 401
    assert all(row["ends_on"] is None for row in await portal.world.rows("role") if row["person_id"] == CO)
    async with portal.as_person(SUPER) as browser:
        shown = await browser.send_form(PATH, kept)
        assert "What would happen now" in shown.text
        assert (await browser.send_form(PATH, {**hidden(shown.text), "confirmed": "1"})).status_code == 303


async def test_signing_in_once_more_ends_the_session_before(portal: Portal) -> None:
    async with portal.as_person(SUPER) as browser:
        name = cookie_name(portal.settings)
        before = browser.cookies[name]
        page = await browser.get("/sign-in?again=1&next=/signed-in")
        assert "What you typed waits in the other tab" in page.text
        begun = await browser.get("/sign-in/with/sample?again=1&next=/signed-in")
        assert "prompt=login" in begun.headers["location"]
        chosen = await browser.get(begun.headers["location"])
        sent = await browser.send_form(
            "/sample-provider/choose", {**hidden(chosen.text), "person": str(SUPER)}
        )
        done = await browser.get(sent.headers["location"])
        assert done.headers["location"] == "/signed-in"
        assert "Go back to the tab" in (await browser.get("/signed-in")).text
    async with portal.browser(cookies={name: before}) as old:
        assert (await old.get("/sessions")).status_code == 303
    assert sum(row["ended_at"] is None for row in await portal.world.rows("portal_session")) == 1


@pytest.mark.parametrize(
    ("name", "given", "asked"),
    [
        ("give-an-office", {"office": "principal", "person": "1"}, True),
        ("let-happen-what-waits", {"brake": 1, "reason": "It is meant."}, True),
        ("adopt-a-policy", {"file": Path("a.toml"), "in_place_of": "1"}, True),
        ("adopt-a-policy", {"file": Path("a.toml"), "in_place_of": "1", "dry_run": True}, False),
        ("import-a-roster", {"path": Path("a.zip")}, False),
        ("import-a-roster", {"path": Path("a.zip"), "allow_mass_deactivation": True}, True),
        ("forget-a-person", {"person": "1", "reason": "It was asked for."}, True),
        ("check-in", {"everything": True}, False),
        ("stop-accounts", {"accounts": (1,), "reason": "A stranger posts there."}, False),
        ("stop-accounts", {"accounts": (1, 2), "reason": "A stranger posts there."}, True),
    ],
)
def test_what_reaches_far_is_marked(name: str, given: dict[str, Any], asked: bool) -> None:
    act = ACTS[name].load()

    assert act.dangerous(read(act.form, {**given, "actor": str(TEACHER)})) is asked
