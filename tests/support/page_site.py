"""A web site on this machine whose pages a test writes, and what a hostile one would do."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from policy.model import load
from schemas.settings import ROOT
from tasks.pages import HttpPageReader, PageLimits, PageLook, PageUnreadable, Refusal, look_at
from tasks.pages.network import Resolve, resolve
from tests.support.rules import the_notice

NOTICE = the_notice(load(ROOT / "policy" / "ap151.toml"))
CARRIED = "".join(f"<p>{statement.text}</p>" for statement in NOTICE.statements)
NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
#: What these servers answer is never late, however busy the machine.
LIMITS = PageLimits(seconds=60, browser_seconds=120)
Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes | str = b"", *headers: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def redirect(to: str) -> bytes:
    return answer(b"", f"Location: {to}", status="302 Found")


@dataclass
class Site:
    port: int = 0
    pages: dict[str, bytes | Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def at(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def allow(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}", f"school.test:{self.port}"})

    async def look(
        self, path: str, notice_address: str | None = None, resolve: Resolve = resolve
    ) -> PageLook:
        return await look_at(
            self.at(path), notice=NOTICE, notice_address=notice_address, limits=LIMITS, allow=self.allow,
            now=NOW, resolve=resolve,
        )  # fmt: skip

    async def refusal(self, address: str, limits: PageLimits = LIMITS, resolve: Resolve = resolve) -> Refusal:
        with pytest.raises(PageUnreadable) as caught:
            await HttpPageReader(limits, self.allow, resolve).read(address)
        return caught.value.code


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    site = Site()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            site.asked.append(head)
            page = site.pages.get(head.split()[1], answer("gone", status="404 Not Found"))
            if isinstance(page, bytes):
                writer.write(page)
                await writer.drain()
            else:
                await page(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
