"""Three people in a real browser: from the letter over the sign-in to what it asks, on to the next letter.

The pages and the mail server are real; what Prefect would run is moved by hand. A teacher has a phone, and
nobody's browser runs a script.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from schemas.states import AccountState
from tasks.mail.delivery import deliver
from tests.factories.division import a_completion
from tests.portal.browser import Portal
from tests.portal.chromium import browser_of, clicked, serving
from tests.support import smtp_server
from tests.support.smtp_server import Received, Server
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}


@dataclass
class Story:
    """A world with its pages, its mail and a browser for each of its people."""

    world: World
    portal: Portal
    server: Server
    browser: Browser
    read: list[Received] = field(default_factory=list)

    async def goes_on(self, **later: int) -> None:
        """What waits for nobody is done, and the letters leave."""
        self.world.later(**(later or {"minutes": 5}))
        await self.world.drain()
        settings = self.portal.settings.model_copy(
            update={
                "portal_url": self.portal.settings.portal_address,
                "smtp_host": "127.0.0.1",
                "smtp_port": self.server.port,
            }
        )
        world = self.world
        await deliver(
            world.store, world.policy, settings, now=world.now, clock=lambda: world.now, worker="test"
        )

    def letter(self, person: int, subject: str) -> str:
        """The text of a letter that this person did not open yet; the story fails without it."""
        for one in self.server.inbox:
            if (
                one not in self.read
                and one.recipients == [mail(person)]
                and subject in one.message["Subject"].lower()
            ):
                self.read.append(one)
                body = one.message.get_body(("plain",))
                assert body is not None
                return str(body.get_content())
        there = [(one.recipients, one.message["Subject"]) for one in self.server.inbox]
        raise AssertionError(f"no letter to {person} about {subject!r}; instead {there}")

    @asynccontextmanager
    async def opens(self, person: int, subject: str, device: dict[str, Any]) -> AsyncIterator[Page]:
        """Somebody opens a letter's link in a browser where nobody is signed in, and signs in."""
        home = self.portal.settings.portal_address
        said = self.letter(person, subject)
        button = re.search(rf"Open the page where you do it: {home}(/\S*)", said)
        assert button is not None, said
        async with self.visits(person, button[1], device) as page:
            assert page.url == home + button[1]  # where the letter wanted to lead
            yield page

    @asynccontextmanager
    async def visits(self, person: int, path: str, device: dict[str, Any]) -> AsyncIterator[Page]:
        """Somebody opens a page in a browser where nobody is signed in, and signs in."""
        home = self.portal.settings.portal_address
        context = await self.browser.new_context(java_script_enabled=False, **device)
        context.set_default_timeout(10_000)
        page = await context.new_page()
        await page.goto(home + path)
        await clicked(page.get_by_role("link", name="Choose a sample person"))
        await page.get_by_label("Somebody else").fill(mail(person))
        await clicked(page.get_by_role("button", name="Search"))
        await clicked(page.locator("button.person"))
        yield page
        await context.close()


async def test_three_people_come_from_letter_to_letter(one_world: World, chromium: Path) -> None:
    world = one_world
    await world.put(
        *(a_completion(one, world.now.date() - timedelta(days=3)) for one in (TEACHER, PRINCIPAL))
    )
    async with (
        serving(world) as portal,
        smtp_server.serving() as server,
        browser_of(chromium) as browser,
    ):
        story = Story(world, portal, server, browser)
        async with story.visits(TEACHER, "/requests/new", PHONE) as page:
            await asks_for_an_account(page)
        request = 1
        await story.goes_on()
        async with story.opens(CO, "decide", DESK) as page:
            await clicked(page.get_by_role("link", name="Decide it"))
            await page.get_by_label("Approve").check()
            await page.get_by_label("Your reason").fill("x")  # too short: what it says can be gone back to
            await clicked(page.get_by_role("button", name="Decide"))
            await expect(page.get_by_role("alert")).to_contain_text("a few more words")
            await page.reload()
            await clicked(page.get_by_role("link", name="Yours"))
            await page.go_back()
            await expect(page.get_by_label("Your reason")).to_have_value("x")
            await page.get_by_label("Your reason").fill("Families asked for it.")
            await clicked(page.get_by_role("button", name="Decide"))
            await expect(page.get_by_text("Families asked for it.")).to_be_visible()
        await story.goes_on()
        for person, device in ((PRINCIPAL, DESK), (TEACHER, PHONE)):
            async with story.opens(person, "2 steps", device) as page:
                await presses_every_step(page, story.portal.settings.portal_address)
        await story.goes_on()
        async with story.opens(TEACHER, "create", PHONE) as page:
            await reports_the_account(page)
        assert await world.account(request) is AccountState.PREPARING
        await world.look(request)
        await story.goes_on()
        await story.goes_on(hours=24)
        assert await world.account(request) is AccountState.LIVE
        for person in (CO, PRINCIPAL, TEACHER):
            story.letter(person, "live")
    acted = [row for row in await world.rows("audit_entry") if row["via"] == "web page"]
    assert {row["actor_id"] for row in acted} == {CO, PRINCIPAL, TEACHER}
    assert all(row["body"]["session"] for row in acted)


async def asks_for_an_account(page: Page) -> None:
    """Page by page, with slips, back and reload on the way: nothing that was typed is lost."""
    title, on = page.get_by_role("heading", level=1), page.get_by_role("button", name="Go on")
    await page.locator("input[name=level][value=school]").check()
    await page.get_by_label("School", exact=False).last.fill("Sample School 1")
    await clicked(on)
    await page.get_by_label("Platform").select_option("Instagram")
    await page.get_by_label("Wished handle").fill("@")  # this is none
    await clicked(on)
    wrong = page.get_by_label("Wished handle")
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await expect(wrong).to_have_accessible_description(re.compile("give the name it would show"))
    await wrong.fill("@lakeside.school")
    await clicked(on)
    await expect(title).to_have_text("What it is for")
    await page.reload()
    await page.go_back()
    await expect(page.get_by_label("Wished handle")).to_have_value("@lakeside.school")
    await page.go_forward()
    await page.get_by_label("Purpose").fill("News of our school for its families")
    await clicked(page.get_by_role("button", name="Back"))
    await clicked(on)
    await expect(page.get_by_label("Purpose")).to_have_value("News of our school for its families")
    await page.get_by_label("Audience").fill("Parents and students")
    await clicked(on)
    await page.locator("input[name=tools_considered]").first.check()
    await page.locator("input[name=tools_considered]").nth(1).check()
    await clicked(on)
    await page.locator("input[name=administrators]").first.fill(mail(PRINCIPAL))
    await page.locator("input[name=administrators]").nth(1).fill(mail(TEACHER))
    await page.get_by_label("How its administrators get in").select_option("shared password")
    await clicked(on)
    await expect(page.get_by_text("Say why the tools that are provided do not serve")).to_be_visible()
    await clicked(page.get_by_role("link", name=re.compile("Change.*Why they do not serve")))
    await page.get_by_label("Why they do not serve").fill(
        "Families do not see pictures of school life there."
    )
    await clicked(on)
    await expect(page.get_by_text("What is missing")).to_have_count(0)
    await page.reload()
    await clicked(page.locator("button[name=confirmed]"))
    await expect(page.get_by_role("status")).to_contain_text("Request 1 is recorded")
    await page.go_back()  # what was recorded is not asked for again
    await expect(title).to_have_text("Recorded")


async def presses_every_step(page: Page, home: str) -> None:
    """From one's own page into each step, press its button, and come back to see that it is done."""
    await page.goto(f"{home}/")
    while await (steps := page.locator("main a[href^='/steps/']")).count():
        await clicked(steps.first)
        await clicked(page.locator("main form button.button").first)
        await expect(page.get_by_role("status")).to_be_visible()


async def reports_the_account(page: Page) -> None:
    """Fill in what the account is like, see what would happen, go back to mend it, and hand it in."""
    await clicked(page.get_by_role("link", name="Create"))
    await clicked(page.get_by_role("link", name="Report the account"))
    await page.get_by_label("Address of its public page").fill("https://www.example.org/lakeside")
    await page.get_by_label("Permanent id").fill("17841400000000001")
    await page.get_by_role("textbox", name="Vault reference").fill("vault/Lakeside Instagram")
    await page.get_by_label("Privacy settings done").fill("all")
    await clicked(page.get_by_role("button", name="Go on"))
    await page.reload()
    await page.go_back()
    await expect(page.get_by_label("Permanent id")).to_have_value("17841400000000001")
    await page.go_forward()
    await clicked(page.get_by_role("link", name="Change something"))
    await clicked(page.get_by_role("button", name="Go on"))
    await clicked(page.locator("button[name=confirmed]"))
