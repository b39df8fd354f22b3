"""Requests to web servers. We connect to checked addresses only, without cookies, credentials or a proxy."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

import httpcore
import httpx

from tasks.pages.addresses import Target, check
from tasks.pages.port import PageUnreadable, Refusal

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The numeric addresses of a host's name. Raises OSError when there are none."""

_OPTIONS = Iterable[httpcore.SOCKET_OPTION]
_FAILURES = (
    httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpcore.NetworkError, httpcore.ProtocolError,
    httpcore.TimeoutException, httpcore.UnsupportedProtocol, OSError, UnicodeError,
)  # fmt: skip
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


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


@dataclass(frozen=True)
class Web:
    """How servers are asked: by which names, which pairs of host and port are allowed, whom TLS trusts."""

    allow: frozenset[str] = frozenset()
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None
    user_agent: str = ""

    @asynccontextmanager
    async def asking(self, target: Target, accept: str) -> AsyncIterator[httpx.Response]:
        """One request, and its answer while its body still comes. Raises PageUnreadable."""
        transport = _Transport(CheckedNetwork(self.resolve, self.allow), self.tls or _tls())
        headers = {
            "User-Agent": self.user_agent,
            "Accept": accept,
            "Accept-Encoding": "gzip",
            "Accept-Language": "en-CA, en;q=0.8",
        }
        try:
            # The time limit is one for the whole page, redirects included: asyncio.timeout around it.
            async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=None) as client:  # noqa: S113
                client.headers = httpx.Headers(headers)
                async with client.stream("GET", target.url) as answer:
                    yield answer
        except PageUnreadable:
            raise
        except _FAILURES as error:
            raise _failed(error) from None


def leads_to(answer: httpx.Response) -> str | None:
    """Where an answer redirects to, whole; None: it is no redirect."""
    if answer.status_code in _REDIRECTS and "location" in answer.headers:
        return str(answer.request.url.join(answer.headers["location"]))
    return None


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
