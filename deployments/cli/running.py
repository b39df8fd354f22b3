"""Where a command meets the store: settings, policy and store are opened, the work done, all closed."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from schemas.errors import MovedMeanwhile, StoreUnavailable
from schemas.people import Person
from tasks.runtime import Runtime, opened
from tasks.store import lookup

T = TypeVar("T")


def run(work: Callable[[Runtime], Awaitable[T]], *, needs_store: bool = True) -> T:
    """Open settings, policy and store, do the work, and close them.

    Raises StoreUnavailable where there is no store yet, unless the work can do without; and what the work
    raises.
    """

    async def inside() -> T:
        async with opened() as runtime:
            if needs_store and runtime.store.is_missing:
                raise StoreUnavailable(
                    "There is no store here yet: run `make up` or `steward up` once, which prepares it, or "
                    "say with STEWARD_DATA_DIR or STEWARD_DATABASE_URL where it is."
                )
            _quiet()
            try:
                return await work(runtime)
            except MovedMeanwhile as moved:
                if moved.by_id is not None:
                    async with runtime.store.read() as session:
                        moved.name((await lookup.by_id(session, Person, moved.by_id)).name)
                raise

    return asyncio.run(inside())


def _quiet() -> None:
    """Only what goes wrong is logged at a terminal, on standard error. Who only reads logs nothing."""
    if (structlog := sys.modules.get("structlog")) is not None:
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
            logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        )
