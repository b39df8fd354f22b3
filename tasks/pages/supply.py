"""What a browser is given for the requests of a page: fetched by us, by the rules of every other page.

The browser itself can connect to nothing (`tasks.pages.browser`). Each request is a GET of ours, without
cookies or headers of the page. Pictures, media, sockets and whatever sends something are not fetched.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
from playwright.async_api import Error, Request, Route

from tasks.pages.addresses import parse
from tasks.pages.body import Body
from tasks.pages.fetch import PAGES
from tasks.pages.network import Web, leads_to
from tasks.pages.port import Doubt, PageLimits, PageUnreadable, Refusal

_FETCHED = frozenset({"document", "stylesheet", "script", "xhr", "fetch"})
_ASKS = frozenset({"xhr", "fetch"})
#: Of an answer's headers, those that are ours to say, that begin something else, or that keep something.
_NOT_PASSED = frozenset(
    {
        "alt-svc", "clear-site-data", "connection", "content-disposition", "content-encoding",
        "content-length", "keep-alive", "link", "nel", "report-to", "reporting-endpoints", "set-cookie",
        "strict-transport-security", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_ONWARD = "<!doctype html><script>location.replace({address})</script>"


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    onward: str | None = None  # where it redirected to


@dataclass
class Supply:
    """The answers to one page's requests, within its limits: each one's size, their sum and their number.

    `doubts`: what was asked for that readers' browsers get and this one does not. `documents`: the bodies of
    the pages that came, by address.
    """

    web: Web
    limits: PageLimits
    doubts: set[Doubt] = field(default_factory=set)
    documents: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    waiting: int = 0
    refused: PageUnreadable | None = None
    _asked: int = 0
    _came: int = 0

    async def answer(self, route: Route, request: Request) -> None:
        """Answer one request of the page, or refuse it."""
        self.waiting += 1
        try:
            with suppress(Error):  # the page is gone, and its requests with it
                await self._answer(route, request)
        finally:
            self.waiting -= 1

    async def _answer(self, route: Route, request: Request) -> None:
        kind, own = request.resource_type, self._is_own(request)
        if kind not in _FETCHED or not own:
            await route.abort("blockedbyclient")
            return
        if request.method != "GET":
            if self._same_site(request):
                self.doubts.add(Doubt.REFUSED)
            await route.abort("blockedbyclient")
            return
        try:
            got = await self._get(request.url, follow=kind != "document")
            if kind == "document":
                self._check_document(request, got)
        except PageUnreadable as error:
            if kind == "document" and _is_whole_page(request):
                self.refused = error
            elif self._same_site(request):
                self.doubts.add(Doubt.REFUSED)
            await route.abort("failed")
            return
        if got.onward is not None:  # the browser goes there itself, so that what is written there is its own
            address = _in_script(got.onward)
            await route.fulfill(status=200, content_type="text/html", body=_ONWARD.format(address=address))
            return
        await route.fulfill(status=got.status, headers=got.headers, body=got.body)

    def _is_own(self, request: Request) -> bool:
        """Whether it is the page, a page of the same site within it, or what these consist of."""
        if request.resource_type != "document" or _is_whole_page(request):
            return True
        return self._same_site(request)

    def _same_site(self, request: Request) -> bool:
        return same_site(request.url, request.frame.page.url)

    def _check_document(self, request: Request, got: _Answer) -> None:
        if got.onward is not None:
            return
        kind = got.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in PAGES:
            what = "What the address leads to is no web page: it is neither HTML nor plain text."
            raise PageUnreadable(Refusal.NOT_A_PAGE, what, status=got.status)
        if _is_whole_page(request):
            self.documents[request.url] = (got.status, got.body)

    async def _get(self, address: str, *, follow: bool) -> _Answer:
        """An answer, with its redirects where they are to be followed. Raises PageUnreadable."""
        target = parse(address, self.web.allow)
        for _ in range(self.limits.redirects + 1):
            self._asked += 1
            if self._asked > self.limits.browser_requests:
                raise PageUnreadable(Refusal.TOO_LARGE, "The page consists of more parts than are fetched.")
            async with self.web.asking(target, "*/*") as answer:
                onward = leads_to(answer)
                if onward is None:
                    return await self._taken(answer)
            if not follow:
                parse(onward, self.web.allow)
                return _Answer(200, {}, b"", onward)
            target = parse(onward, self.web.allow)
        what = f"The page leads on and on: more than {self.limits.redirects} redirects."
        raise PageUnreadable(Refusal.TOO_MANY_REDIRECTS, what)

    async def _taken(self, answer: httpx.Response) -> _Answer:
        body = Body(answer.headers.get("content-encoding", ""), self.limits.decoded_bytes)
        async for piece in answer.aiter_raw():
            body.take(piece)
        whole = body.whole()
        self._came += len(whole)
        if self._came > self.limits.browser_bytes:
            what = f"The page with all its parts is larger than {self.limits.browser_bytes:,} bytes."
            raise PageUnreadable(Refusal.TOO_LARGE, what)
        headers = {name: value for name, value in answer.headers.items() if name not in _NOT_PASSED}
        return _Answer(answer.status_code, headers, whole)


def _is_whole_page(request: Request) -> bool:
    """Whether it is to be shown as the page itself, not within it."""
    return request.is_navigation_request() and request.frame.parent_frame is None


def same_site(one: str, other: str) -> bool:
    """Whether two addresses have one host, or one a host below the other's."""
    try:
        first, second = (httpx.URL(address).host.lower().removeprefix("www.") for address in (one, other))
    except (httpx.InvalidURL, ValueError):
        return False
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def _in_script(address: str) -> str:
    """As a string of JavaScript that can't end its element."""
    return json.dumps(address).replace("<", "\\u003c")
