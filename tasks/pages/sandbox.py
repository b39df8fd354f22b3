"""Pages parsed in a sandbox: each by a separate process with limits, forked from one that is kept ready.

A new interpreter for each page costs far more than the page. So a process that has imported what reading
needs waits for pages and forks a child for each: what one page does to its process, the next one doesn't see.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tasks.pages import visible
from tasks.pages.port import PageUnreadable, Refusal

SECONDS, BYTES = 5, 1_000_000_000  # processor time and memory of one page's process


class Readers:
    """Processes that turn HTML into text, started when one is needed and none is free. Within one loop.

        async with Readers() as readers:
            seen = await readers.read(html)

    As many pages are read at once as callers ask for. At the end of the block every process is gone.
    """

    def __init__(self) -> None:
        self._free: list[Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._free:
            await _end(self._free.pop())

    async def read(self, html: str) -> dict[str, Any]:
        """What `visible.read` gives. Raises PageUnreadable (TOO_LARGE) when it takes too much."""
        process = self._free.pop() if self._free else await _ready()
        answered = False
        try:
            async with asyncio.timeout(2 * SECONDS):
                said = await _ask(process, html.encode("utf-8", "replace"))
            answered = True
            seen: dict[str, Any] = json.loads(said)
        except (TimeoutError, OSError, EOFError, ValueError):
            what = "The page is built in a way that takes too long to read."
            raise PageUnreadable(Refusal.TOO_LARGE, what) from None
        finally:
            if answered:
                self._free.append(process)
            else:  # it may still be at that page, ours or not
                await _end(process)
        return seen


async def read_apart(html: str) -> dict[str, Any]:
    """One page alone. Raises PageUnreadable (TOO_LARGE) when it takes too much."""
    async with Readers() as readers:
        return await readers.read(html)


async def _ready() -> Process:
    command = (sys.executable, "-I", str(Path(visible.__file__)), str(SECONDS), str(BYTES))
    # a session of its own: it and its child end together
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)


async def _ask(process: Process, html: bytes) -> bytes:
    """The answer; empty when the page's process was ended by its limits. Raises OSError, EOFError."""
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(visible.framed(html))
    await process.stdin.drain()
    size = int.from_bytes(await process.stdout.readexactly(visible.FRAME), "big")
    return await process.stdout.readexactly(size)


async def _end(process: Process) -> None:
    """Kill it and what it forked, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()
