"""Pages over HTTP. The address of each redirect is checked, and we connect to the checked address only."""

import asyncio
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from email.utils import parsedate_to_datetime
from functools import cache

import httpcore
import httpx

from tasks.pages import visible
from tasks.pages.addresses import Target, check, parse
from tasks.pages.body import Body, decode
from tasks.pages.port import Doubt, FetchedPage, Link, PageLimits, PageUnreadable, Refusal
from tasks.pages.sandbox import Readers, read_apart

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The numeric addresses of a host's name. Raises OSError when there are none."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PAGES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
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
_OPTIONS = Iterable[httpcore.SOCKET_OPTION]
_FAILURES = (
    httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpcore.NetworkError, httpcore.ProtocolError,
    httpcore.TimeoutException, httpcore.UnsupportedProtocol, OSError, UnicodeError,
)  # fmt: skip


async def resolve(host: str, port: int) -> list[str]:
    """The machine's own way to resolve a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections: resolves once, checks every address that came, connects to one of these.

    The name is not resolved again, so that a second answer can't lead elsewhere. TLS still verifies it.
    """

    def __init__(
        self, resolve: Resolve, allow: frozenset[str], inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._resolve, self._allow = resolve, allow
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore
        local_address: str | None = None,
        socket_options: _OPTIONS | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a checked address. Raises PageUnreadable (NAME, NOT_PUBLIC)."""
        try:
            addresses = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise PageUnreadable(Refusal.NAME, "The page's host name has no address: is it written right?")
        for address in addresses:  # one private address among public ones is the mark of an attack
            check(address, port, self._allow)
        failure: Exception = httpcore.ConnectError()
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Transport(httpx.AsyncBaseTransport):
    """httpx over a connection pool that uses the checked network and nothing else, proxies included."""

    def __init__(self, network: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=network)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                request.method, url, headers=request.headers.raw, extensions=dict(request.extensions)
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer))

    async def aclose(self) -> None:
        """Close its connections."""
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


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
        self._limits, self._allow, self._resolve, self._tls = limits, allow, resolve, tls
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
        target = parse(address, self._allow)
        for _ in range(self._limits.redirects + 1):
            answer = await self._ask(target)
            if isinstance(answer, str):
                target = parse(answer, self._allow)
                if _signs_in(target.url):
                    raise PageUnreadable(Refusal.SIGN_IN, "The page is shown only to people who sign in.")
                continue
            kind, charset, body = answer
            return await self._page(address, str(target.url), kind, decode(body, charset), body)
        what = f"The page leads on and on: more than {self._limits.redirects} redirects."
        raise PageUnreadable(Refusal.TOO_MANY_REDIRECTS, what)

    async def _ask(self, target: Target) -> str | tuple[str, str | None, bytes]:
        """One request: where it redirects to, or content type, charset and body."""
        transport = _Transport(CheckedNetwork(self._resolve, self._allow), self._tls or _tls())
        headers = {
            "User-Agent": self._limits.user_agent,
            "Accept": "text/html, application/xhtml+xml, text/plain;q=0.5",
            "Accept-Encoding": "gzip",
            "Accept-Language": "en-CA, en;q=0.8",
        }
        try:
            # The time limit is one for the whole page, redirects included: asyncio.timeout above.
            async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=None) as client:  # noqa: S113
                client.headers = httpx.Headers(headers)
                async with client.stream("GET", target.url) as answer:
                    return await self._answer(answer)
        except PageUnreadable:
            raise
        except _FAILURES as error:
            raise _failed(error) from None

    async def _answer(self, answer: httpx.Response) -> str | tuple[str, str | None, bytes]:
        if answer.status_code in _REDIRECTS and "location" in answer.headers:
            return str(answer.request.url.join(answer.headers["location"]))
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
        if kind not in _PAGES:
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
        seen = await self._apart(text)
        base = httpx.URL(final)
        links = tuple(_links(base, str(seen["base"]), seen["links"]))
        return FetchedPage(
            address,
            final,
            200,
            digest,
            str(seen["text"]),
            links,
            frozenset(map(Doubt, seen["doubts"])),
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


def _signs_in(url: httpx.URL) -> bool:
    return url.path.lower().startswith(_SIGN_IN)


def _failed(error: Exception) -> PageUnreadable:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            what = "The page's server does not prove its name: its certificate can't be verified."
            return PageUnreadable(Refusal.CERTIFICATE, what)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore.RemoteProtocolError | httpx.RemoteProtocolError):
        return PageUnreadable(Refusal.BROKEN, "The page came broken: its server stopped in the middle.")
    return PageUnreadable(Refusal.CONNECTION, "The page's server can't be reached.")


def _links(page: httpx.URL, base: str, found: Iterable[tuple[str, str]]) -> Iterable[Link]:
    try:
        start = page.join(base)
    except (httpx.InvalidURL, ValueError, TypeError):
        return  # with a base that can't be written none of its addresses can
    for href, words in found:
        try:
            yield Link(str(start.join(href.strip())), words)
        except (httpx.InvalidURL, ValueError, TypeError):
            continue  # an address that can't be written leads nowhere
