"""Signing in: who may, with which browser, once, and for how long."""

import re

import pytest

from schemas.errors import BadSettings
from schemas.settings import Settings, load
from tests.portal.browser import Browser, Portal, footed, hidden
from tests.support.world import PRINCIPAL, TEACHER, mail

MAIL = "/sign-in/mail"


async def asked(browser: Browser, address: str, back: str = "/sessions") -> None:
    answer = await browser.send_form(MAIL, {"address": address, "next": back})
    assert (answer.status_code, answer.headers["location"]) == (303, MAIL)


def code_in(portal: Portal) -> str:
    found = re.search(r"Your code is (\d{6})", portal.box.letters[-1][1])
    assert found
    return found[1]


async def test_who_picks_a_sample_person_comes_back_to_the_page_that_was_asked_for(portal: Portal) -> None:
    async with portal.browser() as browser:
        turned_away = await browser.get("/steps/3?a=b")
        assert turned_away.headers["location"] == "/sign-in?next=/steps/3%3Fa%3Db"
        begun = await browser.get("/sign-in/with/sample?next=/sessions")
        chosen = await browser.get(begun.headers["location"])
        assert "code_challenge_method=S256" in begun.headers["location"]
        in_french = {**hidden(chosen.text), "q": "", "language": "fr"}
        to = re.findall(r'formaction="([^"]+)"', chosen.text)[0]
        chosen = await browser.get((await browser.send_form(to, in_french)).headers["location"])
        posted = await browser.send_form(
            "/sample-provider/choose", {**hidden(chosen.text), "person": str(TEACHER)}
        )
        back = await browser.get(posted.headers["location"])
        assert (back.status_code, back.headers["location"]) == (303, "/sessions")
        await browser.send_form("/language", {"language": "en", "back": "/sessions"})
        assert "sample person" in (await browser.get("/sessions")).text
        again = await browser.get(posted.headers["location"])
        assert again.status_code == 403  # what came back once is good once
    async with portal.browser() as other:
        assert (await other.get(posted.headers["location"])).status_code == 403


async def test_a_code_is_good_in_the_browser_that_asked_and_once(portal_on_both: Portal) -> None:
    portal = portal_on_both
    async with portal.browser() as browser, portal.browser() as thief:
        await asked(browser, mail(TEACHER).upper())
        code = code_in(portal)
        await asked(thief, mail(PRINCIPAL))
        assert (await thief.send_form(f"{MAIL}/code", {"code": code})).status_code == 400
        done = await browser.send_form(f"{MAIL}/code", {"code": f" {code[:3]} {code[3:]} "})
        assert (done.status_code, done.headers["location"]) == (303, "/sessions")
        cookie = done.headers.get_list("set-cookie")[0]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
        twice = await browser.send_form(f"{MAIL}/code", {"code": code})
        assert (twice.status_code, twice.headers["location"]) == (303, "/"), "who is in already goes on"
    async with portal.browser(cookies=browser.cookies) as other:
        other.cookies.delete("steward-session")
        assert (await other.send_form(f"{MAIL}/code", {"code": code})).status_code == 400
    stored = await portal.world.rows("portal_session") + await portal.world.rows("sign_in_attempt")
    assert code not in str(stored)
    assert cookie.split("=")[1].split(";")[0] not in str(stored)


@pytest.mark.parametrize("after", ["five wrong ones", "ten minutes"])
async def test_a_code_ends(portal: Portal, after: str) -> None:
    async with portal.browser() as browser:
        await asked(browser, mail(TEACHER))
        code = code_in(portal)
        if after == "ten minutes":
            portal.world.later(minutes=10)
        else:
            for wrong in range(5):
                typed = {"code": f"{(int(code) + wrong + 1) % 1_000_000:06d}"}
                assert (await browser.send_form(f"{MAIL}/code", typed)).status_code == 400
        assert (await browser.send_form(f"{MAIL}/code", {"code": code})).status_code == 400


async def test_a_program_that_opens_the_link_and_presses_its_button_signs_nobody_in(portal: Portal) -> None:
    async with portal.browser() as browser, portal.browser() as scanner:
        await asked(browser, mail(TEACHER))
        found = re.search(r"/sign-in/mail/link\?link=(\S+)", portal.box.letters[-1][1])
        assert found
        opened = await scanner.get(found[0])
        assert found[1] not in opened.text
        pressed = await scanner.send_form(f"{MAIL}/code", {"link": found[1]})
        assert pressed.status_code == 400
        own = await browser.get(found[0])  # opened alone, it signs nobody in here either
        assert hidden(own.text)["link"] == found[1]
        assert (await browser.get("/")).status_code == 303
        assert (await browser.send_form(f"{MAIL}/code", {"link": found[1]})).status_code == 303


async def test_who_is_not_known_sees_the_same_page_and_gets_no_letter(portal: Portal) -> None:
    pages = []
    for address in (mail(TEACHER), "nobody@example.org", "no address"):
        async with portal.browser() as browser:
            await asked(browser, address)
            page = await browser.get(MAIL)
            link = await browser.get(f"{MAIL}/link?link=guessed")
            wrong = await browser.send_form(f"{MAIL}/code", {"code": "000000"})
            pages.append((page.text, link.text, wrong.status_code, wrong.text))
    assert len(set(pages)) == 1
    assert [to for to, _ in portal.box.letters] == [mail(TEACHER)]


async def test_an_address_that_is_not_typed_is_asked_for(portal: Portal) -> None:
    async with portal.browser() as browser:
        answer = await browser.send_form(MAIL, {"address": "  ", "next": "/away"})
        assert (answer.status_code, "Type your address" in answer.text) == (400, True)
        assert 'value="/away"' in answer.text
        assert 'form="typed"' in answer.text.partition("<footer")[2]  # another language keeps where it goes


async def test_who_asks_for_addresses_of_nobody_takes_nobody_s_way_in(portal: Portal) -> None:
    async with portal.browser() as pupil, portal.browser() as browser:
        for number in range(100):
            await asked(pupil, f"nobody{number}@example.org")
            assert (await pupil.send_form(f"{MAIL}/code", {"code": "123456"})).status_code == 400
        for _ in range(4):
            await asked(browser, mail(TEACHER))
        assert len(portal.box.letters) == 2, "each mailbox gets few once a network asks for many"
        for _ in range(101):
            wrong = await pupil.send_form(f"{MAIL}/code", {"code": "123456"})
        assert (wrong.status_code, "Open the link in your letter instead" in wrong.text) == (429, True)
        portal.world.later(minutes=61)
        await asked(browser, mail(PRINCIPAL))
        for _ in range(201):
            await pupil.send_form(f"{MAIL}/code", {"code": "123456"})
        assert (await browser.send_form(f"{MAIL}/code", {"code": code_in(portal)})).status_code == 429
        found = re.search(r"/sign-in/mail/link\?link=(\S+)", portal.box.letters[-1][1])
        assert found
        done = await browser.send_form(f"{MAIL}/code", {"link": found[1]})
        assert (done.status_code, done.headers["location"]) == (303, "/sessions")
    assert [row["person_id"] for row in await portal.world.rows("sign_in_attempt")] == [
        TEACHER, TEACHER, PRINCIPAL,
    ], "of nobody nothing is kept"  # fmt: skip


async def test_a_link_in_another_browser_says_whose_it_is_and_twice_pressed_goes_on(portal: Portal) -> None:
    async with portal.browser() as browser, portal.browser() as other:
        await asked(browser, mail(TEACHER), "/away")
        found = re.search(r"/sign-in/mail/link\?link=(\S+)", portal.box.letters[-1][1])
        assert found
        elsewhere = (await other.get(found[0])).text
        assert "The link belongs to the browser in which you asked" in elsewhere
        assert footed(elsewhere)["back"] == f"{MAIL}/link"
        assert found[1] not in elsewhere
        own = (await browser.get(found[0])).text
        assert footed(own)["back"] == found[0], "another language keeps the link"
        word = browser.cookies["steward-sign-in"]
        assert (await browser.send_form(f"{MAIL}/code", {"link": found[1]})).status_code == 303
        assert (await browser.get(found[0])).headers["location"] == "/", "opened again, it goes on"
        browser.cookies.set("steward-sign-in", word)  # both presses left before the first answer came
        twice = await browser.send_form(f"{MAIL}/code", {"link": found[1]})
        assert (twice.status_code, twice.headers["location"]) == (303, "/away")


async def test_a_language_that_is_chosen_before_the_sign_in_is_the_person_s(portal: Portal) -> None:
    async with portal.as_person(TEACHER) as before:
        await before.send_form("/language", {"language": "en", "back": "/"})
    async with portal.browser() as browser:
        await browser.send_form("/language", {"language": "fr", "back": "/sign-in"})
        await asked(browser, mail(TEACHER))
        code = re.search(r"\b(\d{6})\b", portal.box.letters[-1][1])
        assert code
        await browser.send_form(f"{MAIL}/code", {"code": code[1]})
        assert '<html lang="fr">' in (await browser.get("/")).text
        assert "steward-chosen-language" not in browser.cookies, "who signs in next chose nothing"


async def test_letters_to_one_person_have_a_limit(portal: Portal) -> None:
    """From each network few, so that nobody who knows an address can use up all that its owner may get."""
    for number, sent in ((1, 6), (2, 12), (3, 18), (4, 24), (5, 30), (6, 30)):
        async with portal.browser(network=f"203.0.113.{number}") as browser:
            for _ in range(8):
                await asked(browser, mail(TEACHER).upper() if sent == 12 else mail(TEACHER))
        assert len(portal.box.letters) == sent
    async with portal.browser(network="203.0.113.1") as browser:
        await asked(browser, mail(PRINCIPAL))
    assert len(portal.box.letters) == 31, "of another person"


async def test_a_session_from_before_the_sign_in_is_worth_nothing(portal: Portal) -> None:
    async with portal.browser(cookies={"steward-session": "planted"}) as browser:
        await asked(browser, mail(TEACHER))
        done = await browser.send_form(f"{MAIL}/code", {"code": code_in(portal)})
        assert "planted" not in done.headers["set-cookie"]
    async with portal.browser(cookies={"steward-session": "planted"}) as browser:
        assert (await browser.get("/sessions")).status_code == 303


async def test_sessions_are_listed_and_ended_by_their_own_person_only(portal_on_both: Portal) -> None:
    portal = portal_on_both
    async with (
        portal.as_person(TEACHER) as phone,
        portal.as_person(TEACHER) as desk,
        portal.as_person(PRINCIPAL) as other,
    ):
        numbers = [row["id"] for row in await portal.world.rows("portal_session")]
        await other.send_form("/sessions", {"session": str(numbers[0])})
        assert (await phone.get("/sessions")).text.count("Firefox on Android</strong>") == 2
        await desk.send_form("/sessions", {"session": str(numbers[0])})
        assert (await phone.get("/sessions")).status_code == 303
        assert (await desk.get("/sessions")).status_code == 200
        await desk.send_form("/sign-out")
        assert (await desk.get("/sessions")).status_code == 303
        assert (await other.get("/sessions")).status_code == 200
        portal.world.later(hours=12)
        assert (await other.get("/sessions")).status_code == 303


@pytest.mark.parametrize(
    "given",
    [
        {"STEWARD_PORTAL_HOST": "0.0.0.0"},  # noqa: S104 - that it is refused is the point
        {"STEWARD_PORTAL_URL": "https://accounts.example.org"},
        {"STEWARD_PORTAL_PROXIES": '["127.0.0.1"]'},
    ],
)
def test_sample_people_are_refused_where_others_could_reach_them(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match="anybody can be anybody"):
        load()
    monkeypatch.setenv("STEWARD_PORTAL_SIGN_IN", '["mail"]')
    assert isinstance(load(), Settings)
