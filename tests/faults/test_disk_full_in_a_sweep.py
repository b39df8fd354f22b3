"""The disk is full in the middle of a sweep, at several sizes, and has room again.

SQLite only: its file may not grow, by a limit on the process. PostgreSQL writes ahead into files of one size,
so such a limit would stop it at once or never; a small file system for it needs rights that tests lack.
"""

import asyncio
import resource
from collections import Counter
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import pytest

from policy.model import Policy, load
from schemas.errors import StoreUnavailable
from schemas.settings import Settings
from tasks.store import Store
from tests.faults import invariants
from tests.faults.fault_division import Alone, Clock, Seasoned
from tests.faults.processes import PATIENCE
from tests.faults.sweeps import run, settings_for, settle
from tests.support.databases import ROOT
from tests.support.forks import FORKS
from tests.support.smtp_server import Server

SEED, SIZES = 151, 6


def sweep_without_room(
    url: str, settings: Settings, now: datetime, sizes: list[int], answers: Connection
) -> None:
    """Sweep once with each size as the limit of every file, then without; what each refusal said."""
    policy = load(ROOT / "policy" / "ap151.toml")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def work() -> list[str]:
        store, told = Store.open(url), []
        try:
            for number, size in enumerate(sizes):
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
                try:
                    await run(store, policy, settings, lambda: now, f"full-{number}")
                except StoreUnavailable as refused:
                    told.append(str(refused))
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            await run(store, policy, settings, lambda: now, "roomy")
        finally:
            await store.close()
        return told

    answers.send(asyncio.run(work()))


@pytest.mark.parametrize("database", ["sqlite"])
async def test_a_disk_that_is_full_in_the_middle_of_a_sweep(
    division_store: Store,
    division_url: str,
    seasoned: Seasoned,
    policy: Policy,
    alone: Alone,
    server: Server,
    tmp_path: Path,
) -> None:
    store, clock, settings = division_store, Clock(), settings_for(server.port, tmp_path)
    before = await invariants.note_before(store)
    had, has = (path.stat().st_size for path in (seasoned.path, alone.path))
    random = Random(SEED)  # noqa: S311 - the same sizes each time
    # well below what a whole night needs: a sweep that had room enough would show nothing
    sizes = sorted(random.randrange(had, had + 3 * (has - had) // 4) for _ in range(SIZES))
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=sweep_without_room, args=(division_url, settings, clock(), sizes, theirs))
    process.start()
    theirs.close()
    assert await asyncio.to_thread(ours.poll, PATIENCE)
    told = ours.recv()
    await asyncio.to_thread(process.join)
    assert process.exitcode == 0
    process.close()
    ours.close()
    assert len(told) == SIZES, "one of the sweeps had room enough"
    assert {one.partition("(")[0] for one in told} == {"The store did not take this "}
    await invariants.always(store, before, server.inbox)
    clock.forward(minutes=20)
    await settle(store, policy, settings, clock)
    counts = await invariants.hold(store, policy, before, server.inbox, clock())
    print(f"disk full, seed {SEED}: refused at {sizes} bytes; {Counter(told)}; {counts}")  # noqa: T201
    invariants.assert_same(await invariants.result(store), alone.result)
