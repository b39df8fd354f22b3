"""What every run needs: settings, policy and store, and its own log in Prefect."""

import logging
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import structlog
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

from tasks.runtime import Runtime, opened


@asynccontextmanager
async def running() -> AsyncIterator[Runtime]:
    """The runtime of a run. Until its end, what our code logs stands in the log of the run or of its task.

    Raises what `opened` raises.
    """
    before = structlog.get_config()
    structlog.configure(processors=[_line], logger_factory=_logger, cache_logger_on_first_use=False)
    try:
        async with opened() as runtime:
            yield runtime
    finally:
        structlog.configure(**before)


def _logger(*_: object) -> Any:
    try:
        return get_run_logger()
    except MissingContextError:  # a flow's function called by itself
        return logging.getLogger("steward")


def _line(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> str:
    """One line of a log: the event, then its values."""
    event = entry.pop("event")
    return " ".join([str(event), *(f"{name}={value!r}" for name, value in entry.items())])
