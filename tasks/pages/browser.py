"""Pages as a real browser shows them: a headless Chromium, for what the plain reading leaves in doubt.

Each page has a browser of its own, with a profile in a folder that is gone afterwards. It can connect to
nothing: names have no addresses and everything leads to a proxy that is not there. What the page asks for is
fetched by us (`tasks.pages.supply`). What readers see is read in a world apart from the page's scripts
(seen.js), frame by frame.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
from playwright.async_api import BrowserContext, CDPSession, Error, Page, Playwright, async_playwright

from tasks.pages import visible
from tasks.pages.fetch import signs_in
from tasks.pages.network import Resolve, Web, resolve
from tasks.pages.port import Doubt, FetchedPage, Link, PageLimits, PageUnreadable, Refusal
from tasks.pages.supply import Supply

_AT_ONCE = 2  # browsers; each takes some hundred megabytes
_SCRIPT = Path(__file__).with_name("seen.js")
_FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=256",
)
_NOWHERE = "http://proxy.invalid:9"
_QUIET_SECONDS, _POLL_SECONDS, _SETTLES_WITHIN, _REFRESH_WITHIN = 0.5, 0.1, 6.0, 5.0
_WALL_WORDS = 250  # a page with more words than this is no wall, whatever field it has


class Browsers:
    """The PageReader that shows pages in a browser. Within one loop.

        async with Browsers(program, limits) as browser:
            page = await browser.read(address)

    A few pages are shown at once, whoever asks for more waits. At the end of the block every process is gone.
    """

    def __init__(
        self,
        program: Path,
        limits: PageLimits,
        allow: frozenset[str] = frozenset(),
        resolve: Resolve = resolve,
    ) -> None:
        self._program, self._limits = program, limits
        self._web = Web(allow, resolve, user_agent=limits.user_agent)
        self._at_once, self._starting = asyncio.Semaphore(_AT_ONCE), asyncio.Lock()
        self._playwright: Playwright | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._playwright = None
        await self._stack.aclose()

    async def read(self, address: str) -> FetchedPage:
        """The page at this address as its readers see it. Raises PageUnreadable."""
        async with self._at_once:
            try:
                async with asyncio.timeout(self._limits.browser_seconds):
                    return await self._read(address)
            except TimeoutError:
                what = f"A browser did not show the page within {self._limits.browser_seconds:g} seconds."
                raise PageUnreadable(Refusal.TOO_SLOW, what) from None
            except (Error, OSError):
                what = "A browser could not show the page."
                raise PageUnreadable(Refusal.NO_BROWSER, what) from None

    async def _read(self, address: str) -> FetchedPage:
        playwright = await self._driver()
        supply = Supply(self._web, self._limits)
        async with _browser(playwright, self._program, self._limits.user_agent) as context:
            await context.route("**/*", supply.answer)
            page = context.pages[0]
            context.on("page", lambda other: other.close())
            try:
                await page.goto(address, wait_until="domcontentloaded", timeout=0)
            except Error:
                if supply.refused is not None:
                    raise supply.refused from None
                raise
            cdp = await context.new_cdp_session(page)
            await _settled(page, supply)
            whole = await _whole(page, cdp)
            if 0 <= whole.refresh <= _REFRESH_WITHIN:
                await asyncio.sleep(whole.refresh + _QUIET_SECONDS)
                await _settled(page, supply)
                whole = await _whole(page, cdp)
            if supply.refused is not None:  # it led on to what is no page, or to where we do not go
                raise supply.refused
            return _page(address, page.url, whole, supply)

    async def _driver(self) -> Playwright:
        async with self._starting:
            if self._playwright is None:
                self._playwright = await self._stack.enter_async_context(async_playwright())
            return self._playwright


@asynccontextmanager
async def _browser(playwright: Playwright, program: Path, user_agent: str) -> AsyncIterator[BrowserContext]:
    """A browser with one empty page; in the end its processes and its folder are gone."""
    with tempfile.TemporaryDirectory(prefix="steward-browser-", ignore_cleanup_errors=True) as folder:
        try:
            yield await playwright.chromium.launch_persistent_context(
                folder,
                executable_path=program,
                headless=True,
                args=list(_FLAGS),
                proxy={"server": _NOWHERE},
                chromium_sandbox=os.geteuid() != 0,  # it does not work as root
                env={"HOME": folder, "PATH": os.defpath},  # none of our settings, and no secret
                user_agent=user_agent,
                viewport={"width": 1280, "height": 1024},
                locale="en-CA",
                accept_downloads=False,
                service_workers="block",
                timeout=0,
            )
        finally:
            await asyncio.shield(asyncio.to_thread(_kill, folder))


def _kill(folder: str) -> None:
    """End the browser with this folder and wait until it is gone, however busy a page keeps it."""
    mine: list[psutil.Process] = []
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any(folder in word for word in one.cmdline()):
                mine += [one, *one.children(recursive=True)]
    for one in mine:
        with suppress(psutil.Error):
            one.kill()
    psutil.wait_procs(mine, timeout=5)


async def _settled(page: Page, supply: Supply) -> None:
    """Wait until the page asks for nothing more and its text stays as it is, or for so many seconds."""
    loop = asyncio.get_running_loop()
    end, since, before = loop.time() + _SETTLES_WITHIN, loop.time(), ("", -1)
    while loop.time() < end and loop.time() - since < _QUIET_SECONDS:
        await asyncio.sleep(_POLL_SECONDS)
        try:
            size = await page.evaluate("document.body ? document.body.textContent.length : 0")
        except Error:  # it is on its way to another page
            size = -1
        if supply.waiting or (page.url, size) != before:
            since, before = loop.time(), (page.url, size)


@dataclass
class _Whole:
    """What was read of a page and the frames that readers see in it."""

    texts: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    doubts: set[Doubt] = field(default_factory=set)
    password: bool = False
    refresh: float = -1


async def _whole(page: Page, cdp: CDPSession) -> _Whole:
    """The page and its frames. Raises PageUnreadable (TOO_LARGE) where that takes too much."""
    whole = _Whole()
    tree = (await cdp.send("Page.getFrameTree"))["frameTree"]
    await _frame(tree, cdp, whole, None)
    known = set(_ids(tree))
    if len(page.frames) > len(known):  # shown by a process of its own: another site's
        whole.doubts.add(Doubt.FRAME)
    return whole


def _ids(tree: dict[str, Any]) -> list[str]:
    return [tree["frame"]["id"], *(one for child in tree.get("childFrames", ()) for one in _ids(child))]


async def _frame(tree: dict[str, Any], cdp: CDPSession, whole: _Whole, outer: int | None) -> None:
    """Take in one frame and those within it, where its own page shows it. `outer`: the world of that page."""
    frame = tree["frame"]
    if outer is not None and not await _is_shown(frame["id"], cdp, outer):
        return
    if frame["url"].startswith("chrome-error:"):
        whole.doubts.add(Doubt.FRAME)
        return
    made = await cdp.send("Page.createIsolatedWorld", {"frameId": frame["id"], "worldName": "steward"})
    world = made["executionContextId"]
    await _run(cdp, world, _SCRIPT.read_text(encoding="utf-8"))
    seen = await _run(cdp, world, "steward.read()")
    if seen is None:
        raise PageUnreadable(Refusal.TOO_LARGE, "The page is built in a way that takes too long to read.")
    whole.texts.append(seen["text"])
    whole.hidden.append(seen["hidden"])
    whole.closed.append(seen["closed"])
    whole.links += [Link(address, words, wordless) for address, words, wordless in seen["links"]]
    whole.password |= seen["password"]
    if seen["document"]:
        whole.doubts.add(Doubt.DOCUMENT)
    if outer is None:
        whole.refresh = seen["refresh"]
    for child in tree.get("childFrames", ()):
        await _frame(child, cdp, whole, world)


async def _is_shown(frame_id: str, cdp: CDPSession, world: int) -> bool:
    """Whether the page that a frame is in shows it."""
    owner = await cdp.send("DOM.getFrameOwner", {"frameId": frame_id})
    given = {"backendNodeId": owner["backendNodeId"], "executionContextId": world}
    element = await cdp.send("DOM.resolveNode", given)
    said = await cdp.send(
        "Runtime.callFunctionOn",
        {
            "objectId": element["object"]["objectId"],
            "functionDeclaration": "function () { return steward.shown(this); }",
            "returnByValue": True,
        },
    )
    return bool(said["result"].get("value"))


async def _run(cdp: CDPSession, world: int, script: str) -> Any:
    wanted = {"expression": f"{script}\n", "contextId": world, "returnByValue": script.endswith(")")}
    said = await cdp.send("Runtime.evaluate", wanted)
    if "exceptionDetails" in said:
        raise PageUnreadable(Refusal.BROKEN, "The page is built in a way that can't be read.")
    return said["result"].get("value")


def _page(address: str, final: str, whole: _Whole, supply: Supply) -> FetchedPage:
    status, body = supply.documents.get(final.partition("#")[0], (httpx.codes.OK, b""))
    text = visible.tidy("\n".join(whole.texts))
    doubts = whole.doubts | supply.doubts
    if (whole.password and len(text.split()) <= _WALL_WORDS) or signs_in(httpx.URL(final)):
        doubts.add(Doubt.SIGN_IN)
    return FetchedPage(
        address=address,
        final_address=final.partition("#")[0],
        status=status,
        sha256=hashlib.sha256(body).hexdigest(),
        text=text,
        links=tuple(whole.links),
        doubts=frozenset(doubts),
        hidden=visible.tidy("\n".join(whole.hidden)),
        closed=visible.tidy("\n".join(whole.closed)),
        by_browser=True,
    )
