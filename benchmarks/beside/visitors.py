"""Browsers that ask at once, as cheap as can be: what is measured is who answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    body: bytes
    seconds: float


class Visitor:
    """One connection that stays open, with one cookie."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, path: str, typed: str | None = None) -> Answer:
        """GET a page, or POST a form."""
        lines = [
            f"{'GET' if typed is None else 'POST'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Cookie: steward-session={self._cookie}",
            "Sec-Fetch-Site: same-origin",
            "Accept-Encoding: gzip",
        ]
        if typed is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(typed)}"]
        sent = "\r\n".join([*lines, "", typed or ""]).encode()
        begun = time.perf_counter()
        try:
            head = await self._send(sent)
        except (asyncio.IncompleteReadError, ConnectionError):  # it was idle for too long: a new one
            await self.__aenter__()
            begun = time.perf_counter()
            head = await self._send(sent)
        first, *fields = head.decode("latin-1").split("\r\n")
        lengths = [one.partition(":")[2] for one in fields if one.lower().startswith("content-length:")]
        body = await self._reader.readexactly(int(lengths[0])) if lengths else b""
        return Answer(int(first.split()[1]), body, time.perf_counter() - begun)

    async def _send(self, sent: bytes) -> bytes:
        """The head of the answer."""
        self._writer.write(sent)
        return await self._reader.readuntil(b"\r\n\r\n")


@dataclass(frozen=True)
class Waited:
    """How long answers took, in milliseconds, and how many came a second."""

    median: float
    most: float  # the 95th percentile
    rate: float


async def at_once(visits: Sequence[Callable[[], Awaitable[Answer]]], times: int, wanted: int) -> Waited:
    """Each visitor asks so many times, one after the other, all visitors at once. Other answers end it."""

    async def one(visit: Callable[[], Awaitable[Answer]]) -> list[float]:
        took = []
        for _ in range(times):
            answer = await visit()
            if answer.status != wanted:
                raise RuntimeError(f"answered {answer.status}: {answer.body[:300]!r}")
            took.append(answer.seconds * 1000)
        return took

    begun = time.perf_counter()
    took = sorted(chain.from_iterable(await asyncio.gather(*map(one, visits))))
    over = time.perf_counter() - begun
    return Waited(took[len(took) // 2], took[int(len(took) * 0.95)], len(took) / over)
