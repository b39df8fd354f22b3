"""Three people on the running stack come from letter to letter, in English and in French.

A teacher with a phone asks for an account, an officer decides at a desk, principal and teacher do what comes
before access, the teacher reports the account, its page is looked at, and it is live. No command helps them:
there is what they press, what they read, and the letters of the mail server.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from policy.model import Policy
from tasks.prefect.api import NOTICE_DELIVERY
from tests.portal.chromium import browser_of
from tests.stack.people import DESK, ENGLISH, FRENCH, PHONE, Somebody, Words, somebody
from tests.stack.public_site import Site, notice
from tests.stack.running import Place
from tests.stack.story import Cast, casts, rows

PURPOSE, WHY_NOT = "News of our school for its families", "Families do not see pictures of school life there."
REASON = "Families asked for it."


@dataclass
class Three:
    """Who plays, each at a screen of their own, and the account that they want."""

    cast: Cast
    teacher: Somebody
    principal: Somebody
    officer: Somebody
    handle: str


@pytest.fixture(scope="module")
def people(stack: Place) -> Iterator[Cast]:
    """A cast for each story: from the end, since those of the terminal begin with the first."""
    return reversed(casts(stack))


@asynccontextmanager
async def three(
    place: Place, policy: Policy, chromium: Path, people: Cast, words: Words
) -> AsyncIterator[Three]:
    """Each with a browser of their own."""
    async with AsyncExitStack() as ends:
        browser = await ends.enter_async_context(browser_of(chromium))
        teacher, principal, officer = [
            await ends.enter_async_context(somebody(browser, place, who, device, policy))
            for who, device in ((people.teacher, PHONE), (people.principal, DESK), (people.officer, DESK))
        ]
        yield Three(people, teacher, principal, officer, f"@three.{words.language}")


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["English", "French"])
async def test_three_people_come_from_letter_to_letter(
    stack: Place, public: Site, policy: Policy, chromium: Path, people: Iterator[Cast], words: Words
) -> None:
    async with three(stack, policy, chromium, next(people), words) as play:
        teacher, principal, officer = play.teacher, play.principal, play.officer
        await principal.goes("/")
        await principal.chooses(words)  # and comes back when a letter asks for it
        await principal.signs_in(by_link=False)
        await principal.presses(words.sign_out)

        await teacher.goes("/requests/new")
        await teacher.chooses(words)
        await teacher.signs_in(by_link=False)
        await asks_for_an_account(play)

        letter = await officer.gets(ENGLISH.decide_by, play.handle)
        await officer.opens(letter)
        await officer.signs_in(by_link=True)
        await decides(play)

        await teacher.gets(words.approved, play.handle)
        for one in (principal, teacher):
            await one.opens(await one.gets(words.steps, play.handle))
            if one is principal:
                await one.signs_in(by_link=True)
            if await does_every_step(one):
                await records_the_course(officer, one)

        letter = await teacher.gets(words.create_by, play.handle)
        await teacher.opens(letter)
        await reports_it(play, public.put(play.handle[1:], notice(policy)))
        for one in (officer, principal, teacher):
            letter = await one.gets(one.words.live, play.handle)
            assert one.words.is_live in " ".join(letter.text.split())
        for one in (principal, teacher):  # and nothing else was written to them
            about = [left.subject for left in one.unread() if play.handle in left.text]
            assert [words.granted in " ".join(one.split()) for one in about] == [True], about
        assert words.pages <= set(teacher.titles)
        await asyncio.to_thread(acted_on_pages, stack, play)


def acted_on_pages(place: Place, play: Three) -> None:
    """The audit chain says who did it: the three, each in a session."""
    acted = rows(
        place,
        "SELECT p.email, a.body FROM audit_entry a JOIN person p ON p.id = a.actor_id "
        "WHERE a.via = 'web page'",
    )
    assert {one["email"] for one in acted} >= {play.cast.teacher, play.cast.principal, play.cast.officer}
    assert all(json.loads(one["body"])["session"] for one in acted)


async def asks_for_an_account(play: Three) -> None:
    """Page by page, with slips, back and reload on the way: nothing that was typed is lost."""
    me, words = play.teacher, play.teacher.words
    page, title = me.page, me.page.get_by_role("heading", level=1)
    await me.fills(level="school", school=play.cast.school)
    await me.presses(words.go_on)
    await me.fills(platform="Instagram", handle="@")  # this is none
    await me.presses(words.go_on)
    wrong = page.locator("[name=handle]")
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await expect(wrong).to_have_accessible_description(re.compile(words.no_handle))
    await me.fills(handle=play.handle)
    await me.presses(words.go_on)
    await expect(title).to_have_text(words.what_for)
    await page.reload()
    await page.go_back()
    await expect(wrong).to_have_value(play.handle)
    await page.go_forward()
    await me.fills(purpose=PURPOSE)
    await me.presses(words.back)
    await me.presses(words.go_on)
    await expect(page.locator("[name=purpose]")).to_have_value(PURPOSE)
    await me.fills(audience="Parents and students")
    await me.presses(words.go_on)
    await me.fills(tools_considered=("call-out system and app", "division or school website"))
    await me.presses(words.go_on)
    await me.fills(administrators=(play.cast.principal, play.cast.teacher))
    await me.presses(words.go_on)
    await expect(page.get_by_text(words.say_why)).to_be_visible()
    await me.presses(page.get_by_role("link", name=re.compile(words.change_why)))
    await me.fills(why_not=WHY_NOT)
    await me.presses(words.go_on)
    await expect(page.get_by_text(words.missing)).to_have_count(0)
    await page.reload()
    await me.presses(words.record)
    await expect(page.get_by_role("status")).to_contain_text(words.recorded)
    await page.go_back()  # what was recorded is not asked for again
    await me.sees()
    await expect(title).to_have_text(words.is_recorded)


async def decides(play: Three) -> None:
    """Approve it, with a reason that is too short at first."""
    me, page = play.officer, play.officer.page
    await me.fills(verdict="approve", reason="x")
    await me.presses("Decide")
    await expect(page.get_by_role("alert")).to_contain_text("a few more words")
    await page.reload()
    await me.presses("← Yours")
    await page.go_back()
    await expect(page.locator("[name=reason]")).to_have_value("x")
    await me.fills(reason=REASON)
    await me.presses("Decide")
    await expect(page.get_by_text(REASON)).to_be_visible()


async def does_every_step(me: Somebody) -> int:
    """From one's own page into each step, press its button, and see that it is done; how many are left.

    Left is what is done elsewhere: a course.
    """
    left = 0
    if me.page.url != f"{me.home}/":  # the letter asks for one step, and opens it
        await me.presses(me.words.own)
    while await (steps := me.page.locator("main a[href^='/steps/']")).count() > left:
        await me.presses(steps.nth(left))
        button = me.page.locator("main form button.button")
        if await button.count():
            await me.presses(button.first)
            await expect(me.page.get_by_role("status")).to_be_visible()
        else:
            left += 1
            await me.presses(me.words.own)
    return left


async def records_the_course(officer: Somebody, other: Somebody) -> None:
    """Somebody completed the course elsewhere, and the officer saw that."""
    await officer.goes("/acts/record-a-completion")
    await officer.fills(person=other.address, completed_on="2026-10-18")
    await officer.presses("Go on")
    await officer.presses("Record it")


async def reports_it(play: Three, address: str) -> None:
    """Fill in what the account is like, see what would happen, go back to mend it, and hand it in."""
    me, words, page = play.teacher, play.teacher.words, play.teacher.page
    await me.presses(words.report)  # on the page of the step, which the letter has opened
    await me.fills(address=address, platform_id=f"id-{play.handle}")
    for one in await page.locator("main [name=privacy_done]").all():
        await one.check()
    await page.locator("[name=custodian_is_administrator]").check()
    await me.presses(words.go_on)
    await page.reload()
    await page.go_back()
    await expect(page.locator("[name=platform_id]")).to_have_value(f"id-{play.handle}")
    await page.go_forward()
    await me.presses(words.change)
    await me.presses(words.go_on)
    await me.presses(words.record)


async def test_a_principal_s_month_is_a_letter_a_list_and_an_absence(
    stack: Place, policy: Policy, chromium: Path, people: Iterator[Cast]
) -> None:
    """A letter brings them there; who deputizes gets what is asked of the principal's office from then on.

    The list is asked for in February: in October a page that somebody saw is what they are written to about.
    """
    cast = next(people)
    async with AsyncExitStack() as ends:
        browser = await ends.enter_async_context(browser_of(chromium))
        principal, deputy = [
            await ends.enter_async_context(somebody(browser, stack, who, device, policy))
            for who, device in ((cast.principal, DESK), (cast.teacher, PHONE))
        ]
        seen = ("page", "report", "https://unknown.example.org/month", "--school", cast.school)
        await asyncio.to_thread(stack.steward, *seen, "--as", cast.teacher)
        await asyncio.to_thread(stack.ask, lambda api: api.ask_run(NOTICE_DELIVERY))
        await principal.opens(await principal.gets("Adopt or shut", "https://unknown.example.org/month"))
        await principal.signs_in(by_link=True)
        await expect(principal.page.get_by_text(re.compile("It is not ours"))).to_be_visible()
        await principal.goes("/month")
        await principal.presses("Go on")
        await principal.presses("Record it")
        await expect(principal.page.get_by_role("heading", level=1)).to_have_text(ENGLISH.is_recorded)

        await principal.goes("/month")
        await principal.presses("Say that you are away, and who deputizes")
        await principal.fills(starts_on="2026-10-20", ends_on="2026-10-23", deputy=cast.teacher)
        await principal.presses("Go on")
        await principal.presses("Record it")
        await expect(principal.page.get_by_text(re.compile("deputizes for"))).to_be_visible()

        await asyncio.to_thread(asks_for_a_classroom_account, stack, cast)
        await deputy.opens(await deputy.gets(ENGLISH.decide_by, "@month.class"))
        await deputy.signs_in(by_link=False)
        await expect(deputy.page.get_by_text(re.compile("who is away"))).to_be_visible()
    (confirmed,) = await asyncio.to_thread(
        rows,
        stack,
        "SELECT p.email FROM audit_entry a JOIN person p ON p.id = a.actor_id "
        "JOIN school s ON s.id = a.subject_id WHERE a.cause = 'list confirmed' AND s.name = :school",
        school=cast.school,
    )
    assert confirmed["email"] == cast.principal


def asks_for_a_classroom_account(place: Place, cast: Cast) -> None:
    """A colleague of theirs, at a terminal: the principal's office decides on it."""
    colleague = rows(
        place,
        "SELECT p.email FROM person p JOIN school s ON s.id = p.school_id WHERE s.name = :school "
        "AND p.active AND p.kind = 'staff' AND p.email NOT IN (:teacher, :principal) "
        "AND p.id NOT IN (SELECT person_id FROM role) ORDER BY p.id LIMIT 1",
        school=cast.school,
        teacher=cast.teacher,
        principal=cast.principal,
    )[0]["email"]
    place.steward(
        *("request", "new", "--level", "classroom", "--platform", "Instagram", "--handle", "@month.class"),
        *("--school", cast.school, "--administrator", colleague, "--as", colleague),
        *("--purpose", PURPOSE, "--audience", "Parents and students", "--why-not", WHY_NOT),
        *("--tool", "call-out system and app", "--tool", "division or school website"),
    )
