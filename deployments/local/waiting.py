"""Waiting for something that can only be asked about: a socket, an API, a process."""

import asyncio
from collections.abc import Awaitable, Callable

from deployments.local.parts import PartFailed

#: How long a part may take to come up on a slow machine, before its start is called a failure.
PATIENCE_SECONDS = 180.0


async def until(is_so: Callable[[], Awaitable[bool]], what: str, every_seconds: float = 0.2) -> None:
    """Ask until it is so. Raises PartFailed when it takes far too long."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_so():  # noqa: ASYNC110 - other processes set no event of ours
                await asyncio.sleep(every_seconds)
    except TimeoutError:
        raise PartFailed(f"{what} did not come up in {PATIENCE_SECONDS:.0f} s: see its log.") from None


async def port_answers(host: str, port: int) -> bool:
    """Whether somebody listens on this port."""
    return await _connects(asyncio.open_connection(host, port))


async def _connects(connection: Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> bool:
    try:
        _, writer = await connection
    except OSError:
        return False
    writer.close()
    return True
