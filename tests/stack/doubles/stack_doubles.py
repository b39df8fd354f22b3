"""Flows for tests of the stack itself: one ends at once, one stays until it is killed."""

import asyncio
import os
from pathlib import Path

from prefect import flow


@flow
async def quick() -> None:
    """Does nothing."""


@flow
async def lasting() -> None:
    """Says into the test's pipe that it runs, and stays."""
    pipe = Path(os.environ["STEWARD_DATA_DIR"], "lasting-run")
    await asyncio.to_thread(pipe.write_text, "under way")
    await asyncio.Event().wait()
