"""Sweeps in processes of their own, which stop at a drawn moment and are killed there."""

import asyncio
import traceback
from collections.abc import Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from policy.model import load
from schemas.errors import StewardError
from schemas.settings import Settings
from tasks.store import Store
from tests.faults.sweeps import moments, run
from tests.support.databases import ROOT
from tests.support.forks import FORKS

HERE, DONE, REFUSED, FAILED = "killed", "ended", "refused", "failed"
#: Far longer than any sweep takes: reached only when something hangs.
PATIENCE = 120


def sweep_in_a_process(
    url: str, settings: Settings, now: datetime, worker: str, stops_at: int | None, pipe: Connection
) -> None:
    """One sweep; before the statement or commit numbered `stops_at` it says so, and waits to be killed."""

    def stop(number: int) -> None:
        if number == stops_at:
            pipe.send((HERE, number))
            pipe.recv()

    async def work() -> tuple[str, Any]:
        store = Store.open(url)
        try:
            with moments(store, stop):
                happened = await run(
                    store, load(ROOT / "policy" / "ap151.toml"), settings, lambda: now, worker
                )
        except StewardError as error:
            return REFUSED, str(error)
        except Exception:  # noqa: BLE001 - told to the test, which fails of it
            return FAILED, traceback.format_exc()
        finally:
            await store.close()
        return DONE, dict(happened)

    pipe.send(asyncio.run(work()))


class Sweeper:
    """A process that sweeps once."""

    def __init__(
        self, url: str, settings: Settings, now: datetime, worker: str, stops_at: int | None = None
    ) -> None:
        self.pipe, theirs = FORKS.Pipe()
        self.process = FORKS.Process(
            target=sweep_in_a_process, args=(url, settings, now, worker, stops_at, theirs)
        )
        self.process.start()
        theirs.close()

    def ends(self) -> tuple[str, Any]:
        """Wait for it: what it said last. Where it stopped at its moment it is killed there, by SIGKILL."""
        try:
            assert self.pipe.poll(PATIENCE), "a sweep hangs"
            said: tuple[str, Any] = self.pipe.recv()
            if said[0] == HERE:
                self.process.kill()
            return said
        finally:
            self.process.join(PATIENCE)
            self.process.kill()
            self.process.join()
            self.process.close()
            self.pipe.close()

    def ends_well(self) -> None:
        """Raises AssertionError with what it said instead."""
        word, said = self.ends()
        assert word == DONE, said


async def all_end(sweepers: Sequence[Sweeper]) -> list[tuple[str, Any]]:
    """Wait for all of them at once: each is killed as soon as it has reached its moment."""
    return list(await asyncio.gather(*(asyncio.to_thread(one.ends) for one in sweepers)))
