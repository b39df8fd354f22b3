"""The store, Prefect or the mail away; a session ended; somebody was first: what was kept, and what to do."""

import re
from pathlib import Path

import pytest

from tasks.mail.smtp import NotTaken
from tasks.prefect.relay import relay
from tasks.store import Store
from tests.portal.browser import Portal, hidden
from tests.support.world import CO, TEACHER, mail

VERDICT = {"verdict": "approve", "reason": "It fits “our” <plan>.", "revision": "1"}


@pytest.fixture
async def waiting(portal: Portal) -> Portal:
    await portal.world.submit()
    await portal.world.drain()
    return portal


async def decisions(portal: Portal) -> int:
    return len(await portal.world.rows("decision"))


@pytest.mark.parametrize("what", ["the store", "the session"])
async def test_what_was_typed_comes_back_and_is_recorded_once_when_all_is_well(
    waiting: Portal, what: str, tmp_path: Path
) -> None:
    here, form = waiting.app.state.ground, {**VERDICT, "key": "mine"}
    async with waiting.as_person(CO) as browser, waiting.as_person(CO) as another_tab:
        store, cookies = here.store, dict(browser.cookies)
        if what == "the store":
            here.store = Store.open(f"sqlite+aiosqlite:///{tmp_path}/gone/steward.db")
        else:
            await another_tab.send_form("/sign-out")
            await browser.send_form("/sign-out")
            browser.cookies.update(cookies)  # as in a tab that does not know
        failed = await browser.send_form("/decide/1", form)
        if what == "the store":
            await here.store.close()
        here.store = store
        assert failed.status_code == (503 if what == "the store" else 401)
        assert "Nothing was recorded." in failed.text
        assert hidden(failed.text) == form
        assert await decisions(waiting) == 0
    again = re.search(r'<form method="post" action="([^"]+)"', failed.text[failed.text.index("still here") :])
    assert again
    async with waiting.as_person(CO) as browser:
        for _ in range(2):  # pressed twice
            assert (await browser.send_form(again[1], hidden(failed.text))).status_code == 303
    assert await decisions(waiting) == 1


async def test_without_prefect_the_act_is_kept_and_its_run_waits(waiting: Portal) -> None:
    waiting.app.state.ground.relay = relay
    async with waiting.as_person(CO) as browser:
        answer = await browser.send_form("/decide/1", {**VERDICT, "key": "once"})
    assert answer.status_code == 303
    assert await decisions(waiting) == 1
    assert "pending" in {row["state"] for row in await waiting.world.rows("wake")}


async def test_who_comes_second_reads_that_it_is_decided_and_keeps_the_words(waiting: Portal) -> None:
    async with waiting.as_person(CO) as first, waiting.as_person(CO) as second:
        old = await second.get("/decide/1")
        assert (await first.send_form("/decide/1", {**VERDICT, "key": "first"})).status_code == 303
        late = {**VERDICT, "verdict": "decline", "reason": "Too late.", "key": hidden(old.text)["key"]}
        answer = await second.send_form("/decide/1", late)
    assert answer.status_code == 409
    assert "Too late." in answer.text
    assert [row["verdict"] for row in await waiting.world.rows("decision")] == ["approve"]


async def test_without_mail_a_code_is_not_sent_and_the_page_is_the_same(portal: Portal) -> None:
    async def refuses(*_: object) -> None:
        raise NotTaken("421 at connect", down=True)

    pages = []
    for works in (True, False):
        if not works:
            portal.box.send = refuses  # type: ignore[assignment, method-assign]
        async with portal.browser() as browser:
            asked = await browser.send_form("/sign-in/mail", {"address": mail(TEACHER), "next": "/"})
            pages.append((asked.status_code, (await browser.get("/sign-in/mail")).text))
    assert pages[0] == pages[1]
    assert len(portal.box.letters) == 1


@pytest.mark.parametrize(
    ("path", "sends", "title"),
    [
        ("/queue", True, "This page is only to be read"),
        ("/check-in", False, "This is done by a button"),
        ("/nowhere", True, "There is no such page"),
        ("/decide/99", True, "There is no such page"),
    ],
)
async def test_what_would_be_refused_again_is_not_offered_again(
    portal: Portal, path: str, sends: bool, title: str
) -> None:
    async with portal.as_person(CO) as browser:
        given = {**VERDICT, "key": "mine"}
        answer = await browser.send_form(path, given) if sends else await browser.get(path)
    assert f"<h1>{title}</h1>" in answer.text
    assert "Send it again" not in answer.text
    assert ("our” &lt;plan&gt;" in answer.text) is (path == "/decide/99"), "words are kept to be copied"
