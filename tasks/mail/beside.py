"""Doing something while something else waits for the mail server."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these while the block runs; they are done at its end. If anything raises, the others are ended."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
        for task in tasks:
            await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
