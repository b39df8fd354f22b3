"""The application in this very loop, and a real browser for it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright

from portal.asking import cookie_name
from schemas.settings import Settings
from schemas.words import SignInWay
from tasks.sign_in import sessions
from tests.portal.browser import Portal
from tests.support.world import World

#: A form with these fields, sent by the page that is open: its address counts as the sender's.
_SEND = """([action, fields, files]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: action});
  if (files.length) {
    form.enctype = "multipart/form-data";
    const carried = new DataTransfer();
    for (const [name, text] of files) carried.items.add(new File([text], name, {type: "text/csv"}));
    form.append(Object.assign(document.createElement("input"), {type: "file", name: "file", multiple: true}));
    form.lastChild.files = carried.files;
  }
  const mark = document.querySelector("input[name=made_for]");
  for (const [name, value] of [...fields, ...(mark ? [["made_for", mark.value]] : [])]) {
    form.append(Object.assign(document.createElement("textarea"), {name: name, value: value}));
  }
  document.body.append(form);
  form.submit();
}"""


@asynccontextmanager
async def serving(world: World, **settings: Any) -> AsyncIterator[Portal]:
    """The application on a port of this machine, in this very loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Portal(world, Settings(portal_port=listener.getsockname()[1], **settings))
        server = uvicorn.Server(uvicorn.Config(made.app, log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield made
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def browser_of(program: Path) -> AsyncIterator[Browser]:
    """A browser without a screen."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            await chromium.close()


@asynccontextmanager
async def browsing(program: Path, **options: Any) -> AsyncIterator[BrowserContext]:
    """A browser with one visitor."""
    async with browser_of(program) as chromium:
        yield await chromium.new_context(**options)


async def clicked(what: Locator) -> None:
    """Click, and wait for the page that it leads to."""
    async with what.page.expect_navigation():
        await what.click()


async def becomes(context: BrowserContext, portal: Portal, person: int | None) -> None:
    """From here on the browser is this person's; nobody's for None."""
    await context.clear_cookies()
    if person is None:
        return
    world = portal.world
    token = await sessions.begin(
        world.store,
        person,
        SignInWay.SAMPLE,
        now=world.now,
        lasts=timedelta(hours=1),
        browser="Firefox on Android",
    )
    home = portal.settings.portal_address
    await context.add_cookies([{"name": cookie_name(portal.settings), "value": token, "url": home}])


async def sends(
    page: Page, path: str, typed: Mapping[str, Any], files: Mapping[str, str] | None = None
) -> None:
    """Send a form as the open page would, and wait for the answer."""
    fields = [
        (name, str(one))
        for name, value in typed.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    async with page.expect_navigation():
        await page.evaluate(_SEND, [path, fields, list((files or {}).items())])
