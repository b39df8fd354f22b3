"""The pages in a real browser: a teacher's way on a phone, and every page read by axe."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Locator, async_playwright

from portal.asking import cookie_name
from schemas.settings import Settings
from schemas.words import SignInWay
from tasks.mail.delivery import deliver
from tasks.sign_in import sessions
from tests.portal.browser import Box, Portal
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail

#: WCAG 2.2 AA, and what axe calls good practice.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
#: Each page is read once as a phone of the smallest kind, once in the dark, once at a desk.
SCREENS: tuple[tuple[int, str], ...] = ((320, "light"), (390, "dark"), (1280, "light"))
#: Where pictures are put to be looked at; nowhere unless it is asked for.
PICTURES = os.environ.get("STEWARD_TEST_PICTURES")


@asynccontextmanager
async def serving(world: World) -> AsyncIterator[Portal]:
    """The application on a port of this machine, in this very loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Portal(world, Settings(portal_port=listener.getsockname()[1]))
        server = uvicorn.Server(uvicorn.Config(made.app, log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield made
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def browsing(program: Path, **options: Any) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield await chromium.new_context(**options)
        finally:
            await chromium.close()


async def clicked(what: Locator) -> None:
    """Click, and wait for the page that it leads to."""
    async with what.page.expect_navigation():
        await what.click()


async def live(world: World) -> None:
    """One account that is live, one request that waits, and steps for everybody."""
    first = await world.submit()
    await world.drain()
    await world.decide(first, CO)
    await world.drain()
    await world.meet_gates(1, PRINCIPAL)
    await world.drain()
    await world.submit(handle="@lakeside.library", purpose="Books that are read at the school.")
    await world.drain()


async def test_a_teacher_on_a_phone_comes_from_the_letter_to_done_without_a_script(
    one_world: World, chromium: Path
) -> None:
    await live(one_world)
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False, "is_mobile": True}
    async with serving(one_world) as portal, browsing(chromium, **phone) as context:
        home, box = portal.settings.portal_address, Box()
        one_world.later(minutes=5)
        settings = portal.settings.model_copy(update={"portal_url": home})
        await deliver(
            one_world.store,
            one_world.policy,
            settings,
            now=one_world.now,
            clock=lambda: one_world.now,
            worker="test",
            post=box,
        )
        letter = next(text for to, text in box.letters if to == mail(TEACHER) and home in text)
        found = re.search(rf"{home}/\S*", letter)
        assert found, letter
        page = await context.new_page()
        await page.goto(found[0])
        await clicked(page.get_by_role("link", name="Choose a sample person"))
        await page.get_by_label("Somebody else").fill(mail(TEACHER))
        await clicked(page.get_by_role("button", name="Search"))
        await clicked(page.locator("button.person"))
        assert page.url == found[0]
        done = 0
        while (steps := page.locator("main a[href^='/steps/']")) and await steps.count() > done:
            await clicked(steps.nth(done))
            press = page.locator("main form button.button")
            if await press.count():
                await clicked(press.first)
                assert await page.get_by_role("status").is_visible()
            else:  # the course: the learning platform says that it is done
                done += 1
                await page.goto(f"{home}/")
        kept = await one_world.rows("acceptance")
        assert [row["person_id"] for row in kept if row["accepted_at"]].count(TEACHER) == 1
        entries = [row for row in await one_world.rows("audit_entry") if row["via"] == "web page"]
        assert {row["actor_id"] for row in entries} == {TEACHER}
        assert all(row["body"]["session"] for row in entries)


async def test_every_page_is_readable_at_every_width_in_light_and_dark(
    one_world: World, chromium: Path
) -> None:
    await live(one_world)
    pages = {
        None: [
            "/sign-in",
            "/sign-in/mail",
            "/sign-in/with/sample",
            "/nowhere",
            "/verify?q=lakeside",
            "/report",
        ],
        TEACHER: ["/", "/steps/{item}", "/accounts/1", "/requests/2", "/away", "/sessions", "/acts"],
        CO: [
            *("/", "/queue", "/schools/1", "/decide/2", "/acts/ask-for-an-account", "/acts/end-an-office"),
            *("/imports/roster", "/ledger", "/audit", "/policy", "/year", "/incidents"),
        ],
        PRINCIPAL: ["/month", "/contacts"],
    }
    async with serving(one_world) as portal, browsing(chromium) as context:
        home, axe, wrong = portal.settings.portal_address, Axe(), []
        item = next(row["id"] for row in await one_world.rows("action_item") if row["person_id"] == TEACHER)
        page = await context.new_page()
        for person, paths in pages.items():
            await context.clear_cookies()
            if person is not None:
                token = await sessions.begin(
                    one_world.store, person, SignInWay.SAMPLE, now=one_world.now, lasts=timedelta(hours=1)
                )
                await context.add_cookies(
                    [{"name": cookie_name(portal.settings), "value": token, "url": home}]
                )
            for path in paths:
                await page.goto(home + path.format(item=item))
                for width, scheme in SCREENS:
                    await page.set_viewport_size({"width": width, "height": 900})
                    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                    said = (await axe.run(page, options=RULES)).response["violations"]
                    wrong += [
                        (path, width, scheme, one["id"], node["html"][:150])
                        for one in said
                        for node in one["nodes"]
                    ]
                    if await page.evaluate("document.scrollingElement.scrollWidth") > width:
                        wrong.append((path, width, scheme, "wider than the screen", ""))
                    if PICTURES:
                        name = f"{person or 'nobody'}{path.replace('/', '-')}-{width}-{scheme}.png"
                        await page.screenshot(path=Path(PICTURES) / name, full_page=True)
        assert wrong == []
