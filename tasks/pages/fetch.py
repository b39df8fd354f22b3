"""Pages over HTTP, read as they come. The address of each redirect is checked."""

import asyncio
import hashlib
import ssl
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from tasks.pages import visible
from tasks.pages.addresses import Target, parse
from tasks.pages.body import Body, decode
from tasks.pages.network import Resolve, Web, leads_to, resolve
from tasks.pages.port import Doubt, FetchedPage, Link, PageLimits, PageUnreadable, Refusal
from tasks.pages.sandbox import Readers, read_apart

#: The types of what is read as a page.
PAGES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_SIGN_IN = (
    "/login",
    "/log-in",
    "/signin",
    "/sign-in",
    "/accounts/login",
    "/authwall",
    "/checkpoint",
    "/uas/",
)
_ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.5"


class HttpPageReader:
    """The PageReader for public web pages. No cookies, no credentials, no proxy, no cache.

    `readers` are for whoever reads many pages; without them each page has a process started for it.
    """

    def __init__(
        self,
        limits: PageLimits,
        allow: frozenset[str] = frozenset(),
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        readers: Readers | None = None,
    ) -> None:
        self._limits, self._web = limits, Web(allow, resolve, tls, limits.user_agent)
        self._apart = readers.read if readers else read_apart

    async def read(self, address: str) -> FetchedPage:
        """The page at this address, as text with links. Raises PageUnreadable."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(address)
        except TimeoutError:
            what = f"The page did not come within {self._limits.seconds:g} seconds."
            raise PageUnreadable(Refusal.TOO_SLOW, what) from None

    async def _follow(self, address: str) -> FetchedPage:
        target = parse(address, self._web.allow)
        for _ in range(self._limits.redirects + 1):
            answer = await self._ask(target)
            if isinstance(answer, str):
                target = parse(answer, self._web.allow)
                if signs_in(target.url):
                    raise PageUnreadable(Refusal.SIGN_IN, "The page is shown only to people who sign in.")
                continue
            kind, charset, body = answer
            return await self._page(address, str(target.url), kind, decode(body, charset), body)
        what = f"The page leads on and on: more than {self._limits.redirects} redirects."
        raise PageUnreadable(Refusal.TOO_MANY_REDIRECTS, what)

    async def _ask(self, target: Target) -> str | tuple[str, str | None, bytes]:
        """One request: where it redirects to, or content type, charset and body."""
        async with self._web.asking(target, _ACCEPT) as answer:
            return leads_to(answer) or await self._answer(answer)

    async def _answer(self, answer: httpx.Response) -> tuple[str, str | None, bytes]:
        if answer.status_code in {401, 403, 407}:
            what = f"The page is not open to everybody: its server answered {answer.status_code}."
            raise PageUnreadable(Refusal.SIGN_IN, what, status=answer.status_code)
        if answer.status_code != httpx.codes.OK:
            what = f"There is no page: the server answered {answer.status_code}."
            raise PageUnreadable(
                Refusal.STATUS,
                what,
                status=answer.status_code,
                come_back_after=_come_back_after(answer.headers),
            )
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in PAGES:
            what = "What the address leads to is no web page: it is neither HTML nor plain text."
            raise PageUnreadable(Refusal.NOT_A_PAGE, what, status=answer.status_code)
        body = Body(answer.headers.get("content-encoding", ""), self._limits.decoded_bytes)
        async for piece in answer.aiter_raw():
            body.take(piece)
        return kind, answer.charset_encoding, body.whole()

    async def _page(self, address: str, final: str, kind: str, text: str, body: bytes) -> FetchedPage:
        digest = hashlib.sha256(body).hexdigest()
        if kind == "text/plain":
            return FetchedPage(address, final, 200, digest, visible.tidy(text))
        return page_of(address, final, digest, await self._apart(text))


def page_of(address: str, final: str, digest: str, seen: dict[str, Any]) -> FetchedPage:
    """A page, from what `visible.read` gives of it."""
    return FetchedPage(
        address,
        final,
        200,
        digest,
        str(seen["text"]),
        tuple(_links(httpx.URL(final), str(seen["base"]), seen["links"])),
        frozenset(map(Doubt, seen["doubts"])),
        closed=str(seen["closed"]),
    )


def _come_back_after(headers: httpx.Headers) -> float | None:
    """The seconds that a server asks us to wait (Retry-After); a date is counted from the server's own."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        there, now = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (there - now).total_seconds())
    except (ValueError, TypeError):
        return None


def signs_in(url: httpx.URL) -> bool:
    """Whether an address is one at which platforms ask to sign in."""
    return url.path.lower().startswith(_SIGN_IN)


def _links(page: httpx.URL, base: str, found: Iterable[tuple[str, str, bool]]) -> Iterable[Link]:
    try:
        start = page.join(base)
    except (httpx.InvalidURL, ValueError, TypeError):
        return  # with a base that can't be written none of its addresses can
    for href, words, wordless in found:
        try:
            yield Link(str(start.join(href.strip())), words, wordless)
        except (httpx.InvalidURL, ValueError, TypeError):
            continue  # an address that can't be written leads nowhere
