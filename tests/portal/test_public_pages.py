"""What anybody sees: whether an account is the school's, however it is written, and nothing of any person."""

import asyncio
import csv
import io
import tracemalloc
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from policy.model import Policy
from policy.verifying import Listed, Register
from portal import reporting
from tasks.accounts.register import public_register
from tests.clauses.driving import acted
from tests.factories.division import an_account
from tests.portal.browser import Portal
from tests.support.stages import live
from tests.support.world import CO, mail

OURS = Listed(
    "Instagram", "@lakeside.school", "https://www.instagram.com/lakeside.school", "17841400000000001",
    "Sample School 1", "school", "live", None, "lakeside.school", "instagram.com/lakeside.school",
)  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"
PATHS = (
    "/verify",
    "/verify?q=@lakeside.school",
    "/api/v1/verify.json?q=lakeside.school",
    "/api/v1/accounts.json",
    "/api/v1/accounts.csv",
    "/api/v1/changes.atom",
    "/api/v1/badge.svg?q=lakeside.school",
    "/.well-known/official-accounts.json",
    "/report",
)
#: What is kept by others, with an ETag.
TAGGED = PATHS[2:-1]


@pytest.mark.parametrize(
    ("asked", "found", "similar"),
    [
        ("@lakeside.school", True, False),
        ("  Lakeside.School ", True, False),
        ("＠ｌａｋｅｓｉｄｅ．ｓｃｈｏｏｌ", True, False),  # noqa: RUF001 - as a phone may write it
        ("https://www.instagram.com/lakeside.school/?hl=en&igsh=abc", True, False),
        ("m.instagram.com/Lakeside.School", True, False),
        ("17841400000000001", True, False),
        ("https://www.tiktok.com/@lakeside.school", False, True),
        ("https://instagram.com.evil.example.org/lakeside.school", False, False),
        ("lаkeside.school", False, True),  # noqa: RUF001 - its second letter is not a Latin one
        ("lakeside.school2", False, False),
        ("https://instagram.com/lakeside.school/../evil", False, False),  # browsers open /evil
        ("https://instagram.com/lakeside.school/%2E%2e/evil", False, False),
        ("https://instagram.com/lakeside.school/..\\evil", False, False),
        ("https://instagram.com/evil/../lakeside.school/.", True, False),
        ("https://instagram.com//evil/lakeside.school", False, False),
        ("https://instagram.com//[", False, False),
        ("https://instagram.com/school/lakeside.school", False, True),  # that is the account @school
        ("https://www.linkedin.com/in/lakeside.school", False, True),
        ("", False, False),
        ("%", False, False),
    ],
)  # fmt: skip
def test_an_account_is_found_however_it_is_written(
    policy: Policy, asked: str, found: bool, similar: bool
) -> None:
    answer = Register([OURS], policy.platforms).asked(asked)

    assert (bool(answer.found), bool(answer.similar)) == (found, similar)


async def test_the_public_reads_what_is_live_and_nobody_s_name(portal: Portal) -> None:
    async with portal.browser() as anybody:
        assert "is not on our list" in (await anybody.get(PATHS[1])).text
        await live(portal.world)
        portal.world.later(minutes=1)
        assert "Yes: @lakeside.school on Instagram is ours" in (await anybody.get(PATHS[1])).text
        people = await portal.world.rows("person")
        for path in PATHS:
            answer = await anybody.get(path)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
            for person in people:
                for word in (
                    person["given_name"],
                    person["family_name"],
                    person["email"],
                    mail(person["id"]),
                ):
                    assert word not in answer.text
        table = list(
            csv.DictReader(io.StringIO((await anybody.get("/api/v1/accounts.csv")).text.lstrip("\ufeff")))
        )
        assert [(row["handle"], row["run_by"]) for row in table] == [("'@lakeside.school", "Sample School 1")]
        data = (await anybody.get("/api/v1/verify.json?q=@lakeside.school")).json()
        assert (data["answer"], data["accounts"][0]["state"]) == ("official", "live")


async def test_what_did_not_change_is_not_sent_again(portal: Portal) -> None:
    await live(portal.world)
    async with portal.browser() as anybody:
        for path in TAGGED:
            first = await anybody.get(path)
            again = await anybody.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert first.headers["cache-control"] == "public, max-age=60"


async def test_markup_in_a_question_stays_words(portal: Portal) -> None:
    async with portal.browser() as anybody:
        page = await anybody.get("/verify", params={"q": "<script>alert(1)</script>\r\nSet-Cookie: a=b"})
    assert "<script" not in page.text
    assert "set-cookie" not in page.headers


async def test_the_feed_has_what_came_and_nothing_of_plans(portal: Portal) -> None:
    async with portal.browser() as anybody:
        assert "<entry>" not in (await anybody.get("/api/v1/changes.atom")).text
        await live(portal.world)
        await portal.world.submit(handle="@lakeside.library", purpose="Books that are read at the school.")
        portal.world.later(minutes=1)
        feed = fromstring((await anybody.get("/api/v1/changes.atom")).content)  # noqa: S314 - our own
    titles = [one.text for one in feed.iter(f"{ATOM}title")]
    assert titles[1:] == ["@lakeside.school on Instagram is official"]
    assert all(one.text for one in feed.iter(f"{ATOM}id"))


async def test_a_badge_says_in_words_how_it_is_now(portal: Portal) -> None:
    async with portal.browser() as anybody:
        before = await anybody.get("/api/v1/badge.svg", params={"q": "lakeside.school<script>"})
        await live(portal.world)
        portal.world.later(minutes=1)
        badge = await anybody.get("/api/v1/badge.svg", params={"q": "@Lakeside.School"})
    assert "not on our list" in before.text
    assert "script" not in before.text
    assert "@lakeside.school: official account" in badge.text
    assert badge.headers["cross-origin-resource-policy"] == "cross-origin"


FAKE = {"what": "other", "address": "https://www.instagram.com/lakeside.schoo1", "says": "It asks for money."}


async def test_anybody_reports_what_only_seems_to_be_ours(portal_on_both: Portal) -> None:
    portal = portal_on_both
    await live(portal.world)
    async with portal.browser() as anybody:
        for _ in range(2):  # the second is the same page, and is nobody's to know
            done = await anybody.send_form("/report", FAKE)
            assert (done.status_code, done.headers["location"]) == (303, "/report?thanks=1")
        ours = await anybody.send_form(
            "/report", {**FAKE, "address": "https://www.instagram.com/lakeside.school"}
        )
        assert (ours.status_code, "It asks for money." in ours.text) == (400, True)
        elsewhere = await anybody.post("/report", data=FAKE, headers={"Origin": "https://evil.example.org"})
        assert elsewhere.status_code == 403
    pages = await portal.world.rows("unapproved_page")
    assert [(row["address"], row["reported_by_id"], row["recorded_via"]) for row in pages] == [
        (FAKE["address"], None, "web page")
    ]
    asked = [row for row in await portal.world.rows("action_item") if row["kind"] == "adopt or shut a page"]
    assert [row["role"] for row in asked] == ["communications officer"]
    assert ("page_to_settle", CO) in await portal.world.told()


async def test_something_wrong_goes_to_who_puts_it_right_and_no_letter_to_nobody(portal: Portal) -> None:
    world = portal.world
    await live(world)
    async with portal.browser() as anybody:
        wrong = {
            **FAKE,
            "what": "wrong",
            "address": "https://www.instagram.com/p/1",
            "account": "lakeside.school",
        }
        assert (await anybody.send_form("/report", wrong)).status_code == 303
        unknown = await anybody.send_form("/report", {**wrong, "account": "somebody.else"})
        assert unknown.status_code == 400
    found = await world.rows("correction")
    assert [(row["account_id"], row["reported_by_id"]) for row in found] == [(1, None)]
    await acted(world, "acknowledge-misleading-information", CO, correction=1)
    assert not [kind for kind, _ in await world.told() if kind == "correction_news"]
    async with portal.as_person(CO) as browser:
        assert "somebody of the public" in (await browser.get("/audit")).text


async def test_reports_have_a_limit_for_each_network_and_for_all(portal: Portal) -> None:
    async with portal.browser() as anybody:
        for number in range(6):
            last = await anybody.send_form("/report", {**FAKE, "address": f"https://example.org/{number}"})
        assert last.status_code == 429
        assert "https://example.org/5" in last.text
        portal.app.state.limits.clear()
        for number in range(6, 30):
            last = await anybody.send_form("/report", {**FAKE, "address": f"https://example.org/{number}"})
            portal.app.state.limits.clear()
        assert last.status_code == 409
    assert len(await portal.world.rows("unapproved_page")) == 20


async def test_what_was_refused_leaves_room_for_what_is_reported(portal: Portal) -> None:
    """Up to a limit of its own: a try costs something, too."""
    async with portal.browser() as anybody:
        for _ in range(10):
            assert (await anybody.send_form("/report", {**FAKE, "address": "nothing"})).status_code == 400
        for number in range(5):
            page = {**FAKE, "address": f"https://example.org/{number}"}
            assert (await anybody.send_form("/report", page)).status_code == 303
        assert (await anybody.send_form("/report", FAKE)).status_code == 429
        portal.app.state.limits.pop("reports")
        for _ in range(reporting.TRIES):
            last = await anybody.send_form("/report", {**FAKE, "address": "nothing"})
        assert last.status_code == 429


async def test_many_who_ask_at_once_let_the_list_be_read_once(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    async def counted(*given: Any) -> Register:
        read.append(1)
        return await public_register(*given)

    monkeypatch.setattr("portal.public.public_register", counted)
    async with portal.browser() as anybody:
        await asyncio.gather(*(anybody.get(PATHS[2]) for _ in range(8)))
        assert len(read) == 1
        portal.world.later(minutes=1)
        await anybody.get(PATHS[2])
    assert len(read) == 2


async def test_while_it_is_read_anew_the_list_before_answers(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand accounts take seconds to read: everybody waited, for every page."""
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slow(*given: Any) -> Register:
        began.set()
        await may_end.wait()
        return await public_register(*given)

    async with portal.browser() as anybody:
        await anybody.get(PATHS[2])
        await live(portal.world)
        portal.world.later(minutes=1)
        monkeypatch.setattr("portal.public.public_register", slow)
        first = asyncio.ensure_future(anybody.get(PATHS[2]))
        await began.wait()
        assert (await anybody.get(PATHS[2])).json()["answer"] == "not on our list"
        may_end.set()
        assert (await first).json()["answer"] == "official"


async def test_the_list_is_read_in_parts_and_all_of_it_is_there(
    portal_on_both: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = portal_on_both.world
    await world.put(*(an_account(number) for number in (5, 3, 9, 4, 7)))
    for at_once in (1, 2, 5, 6):
        monkeypatch.setattr("tasks.accounts.register._AT_ONCE", at_once)
        found = await public_register(world.store, world.policy)
        assert [one.number for one in found] == [3, 4, 5, 7, 9]
        assert len(found) == 5
    async with portal_on_both.browser() as anybody:
        listed = (await anybody.get("/api/v1/accounts.json")).json()["accounts"]
        table = list(csv.DictReader(io.StringIO((await anybody.get("/api/v1/accounts.csv")).text)))
    assert [one["handle"] for one in listed] == [f"@sample.{number}" for number in (3, 4, 5, 7, 9)]
    assert len(table) == 5


def test_a_long_list_takes_little_memory_and_tells_digests_apart(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand accounts took 200 MB, and take 23."""

    def listed(number: int) -> Listed:
        page = f"pages.example.org/sample.{number}"
        return replace(
            OURS,
            handle=f"@sample.{number}",
            address=f"https://{page}",
            platform_id=str(10**9 + number),
            handle_key=f"sample.{number}",
            page_key=page,
            number=number,
        )

    tracemalloc.start()
    register = Register(map(listed, range(5000)), policy.platforms)
    assert [one.number for one in register.asked("@sample.77").found] == [77]
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 5000 * 400
    for digest in (lambda _key: 7, lambda _key: -1):
        monkeypatch.setattr("policy.verifying.hash", digest, raising=False)
        alike = Register(map(listed, range(3)), policy.platforms)
        assert list(alike) == [listed(number) for number in range(3)]
        for asked in ("@sample.1", "https://pages.example.org/sample.1", str(10**9 + 1)):
            assert [one.number for one in alike.asked(asked).found] == [1]
        assert [one.number for one in alike.asked("@sarnple.l").similar] == []
        assert [one.number for one in alike.asked("@sample.l").similar] == [1]


@pytest.mark.parametrize("given", ["https://[", "//[", "/\u2028", "//example.org", "https://example.org/"])
async def test_an_address_to_go_back_to_that_is_none_of_ours_is_the_first_page(
    portal: Portal, given: str
) -> None:
    async with portal.browser() as browser:
        page = await browser.get("/sign-in", params={"next": given})
        assert page.status_code == 200
        assert 'name="next" value="/"' in page.text
        odd = {"Origin": "http://["}  # of a browser that says nothing else
        assert (await browser.post("/report", data={}, headers=odd)).status_code == 403
