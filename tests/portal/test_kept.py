"""Forms under way and answers are kept for the browser and the person whose they are, and for nobody else."""

import re
from datetime import timedelta

from sqlalchemy import update

from schemas.columns import table_of
from schemas.sign_in import KeptPage
from tasks.sign_in import kept
from tests.portal.browser import Portal, hidden
from tests.support.world import CO, TEACHER, World

WHAT = {"typed": {"reason": ["Only Ms X may read this."]}}


async def test_what_is_kept_is_opened_by_its_browser_for_its_person_alone(world: World) -> None:
    now, table = world.now, table_of(KeptPage)

    async def found(browser: str = "mine", key: str = "k", person: int = TEACHER, hours: int = 0) -> object:
        async with world.store.read() as session:
            return await kept.find(session, browser, key, person, now + timedelta(hours=hours))

    for _ in range(2):  # the second in the place of the first
        assert await kept.keep(world.store, "mine", "k", TEACHER, WHAT, now=now)
    assert await found() == WHAT
    assert await found(person=CO) is None
    assert await found(browser="another") is None
    assert await found(key="another") is None
    assert await found(hours=24) is None
    (row,) = await world.rows("kept_page")
    assert b"Only" not in row["locked"]
    assert TEACHER not in row.values()
    async with world.store.write(audited=False) as session:
        await session.run(update(table).values(locked=row["locked"][:-9]))
    assert await found() is None, "it was changed behind the door"
    await kept.forget(world.store, "mine", "k", TEACHER)
    assert await world.rows("kept_page") == []


async def test_the_next_person_in_a_browser_changes_nothing_of_the_first(world: World) -> None:
    """A form's address stays in the history of a shared machine: whoever opens it has a form of their own."""
    theirs = {"typed": {"reason": ["Mine."]}}
    await kept.keep(world.store, "mine", "k", TEACHER, WHAT, now=world.now)
    await kept.keep(world.store, "mine", "k", CO, theirs, now=world.now)
    async with world.store.read() as session:
        assert await kept.find(session, "mine", "k", TEACHER, world.now) == WHAT
        assert await kept.find(session, "mine", "k", CO, world.now) == theirs
    await kept.forget(world.store, "mine", "k", CO)
    async with world.store.read() as session:
        assert await kept.find(session, "mine", "k", TEACHER, world.now) == WHAT


async def test_one_person_keeps_so_many_whatever_the_browser(one_world: World) -> None:
    for number in range(kept.OF_EACH + 5):
        now = one_world.now + timedelta(seconds=number)
        await kept.keep(one_world.store, f"browser {number}", "k", TEACHER, WHAT, now=now)
    await kept.keep(one_world.store, "mine", "k", CO, WHAT, now=one_world.now)
    assert len(await one_world.rows("kept_page")) == kept.OF_EACH + 1


async def test_what_is_too_large_to_be_kept_is_not_lost_unsaid(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as browser:
        page = hidden((await browser.get("/acts/ask-for-an-account")).text)
        sent = await browser.send_form(
            "/acts/ask-for-an-account", {**page, "purpose": _noise()["typed"][:900_000]}
        )
    assert sent.status_code == 413
    assert "write less" in sent.text


async def test_what_is_old_too_much_or_too_large_goes(one_world: World) -> None:
    world = one_world
    assert not await kept.keep(world.store, "mine", "large", TEACHER, _noise(), now=world.now)
    assert await kept.keep(world.store, "mine", "k", TEACHER, WHAT, now=world.now)
    for number in range(kept.OF_EACH):
        later = world.now + timedelta(seconds=number + 1)
        await kept.keep(world.store, "mine", f"k{number}", TEACHER, WHAT, now=later)
    assert len(await world.rows("kept_page")) == kept.OF_EACH
    async with world.store.read() as session:
        assert await kept.find(session, "mine", "k", TEACHER, world.now) is None, "the oldest went"
    await kept.keep(world.store, "other", "k", CO, WHAT, now=world.now + timedelta(days=2))
    assert len(await world.rows("kept_page")) == 1


def _noise() -> dict[str, str]:
    """What no compression makes small: a long row of numbers that look like chance."""
    number, found = 1, []
    for _ in range(80_000):
        number = number * 6364136223846793005 % 2**64
        found.append(f"{number:x}")
    return {"typed": "".join(found)}


async def test_two_tabs_and_two_people_of_one_browser_do_not_meet(portal: Portal) -> None:
    act = "/acts/note-an-absence"
    async with portal.as_person(TEACHER) as browser:
        first, second = [hidden((await browser.get(act)).text)["key"] for _ in range(2)]
        for key, day in ((first, "2026-11-02"), (second, "2026-12-01")):
            typed = {"key": key, "starts_on": day, "ends_on": "2026-10-01", "person": str(TEACHER)}
            refused = await browser.send_form(act, typed)
            assert refused.status_code == 400
        page = (await browser.get(f"{act}?key={first}")).text
        assert 'value="2026-11-02"' in page
        assert "2026-12-01" not in page
        words = dict(browser.cookies)
    async with portal.as_person(CO) as other:
        other.cookies.update({name: word for name, word in words.items() if "forms" in name})
        assert "2026-11-02" not in (await other.get(f"{act}?key={first}")).text
        lost = await other.get(f"{act}?key={first}&check=1")
        assert lost.status_code == 303
        assert lost.headers["location"] == act


async def test_an_answer_is_one_s_own_and_is_gone_after_signing_out(portal: Portal) -> None:
    async with portal.as_person(CO) as browser:
        sent = await browser.post(
            "/queue/decide", data={"requests": ["1/1"]}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert sent.status_code == 303
        path = sent.headers["location"]
        assert re.fullmatch(r"/answer/[\w-]+", path)
        assert "HttpOnly" in sent.headers["set-cookie"]
        answer = await browser.get(path)
        assert 'name="language"' not in answer.text  # it stays in the language that it has
        assert answer.headers["cache-control"] == "no-store"
        async with portal.as_person(TEACHER) as other:
            other.cookies.update({k: v for k, v in browser.cookies.items() if "forms" in k})
            assert (await other.get(path)).status_code == 404
        await browser.send_form("/sign-out")
        assert not [name for name in browser.cookies if "forms" in name]
    async with portal.as_person(CO) as again:
        assert (await again.get(path)).status_code == 404
