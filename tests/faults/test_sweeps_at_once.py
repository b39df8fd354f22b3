"""Four sweeps at once in processes of their own, and most of them killed, round after round."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from policy.model import Policy
from tasks.store import Store
from tests.faults import invariants
from tests.faults.fault_division import Alone, Clock
from tests.faults.processes import DONE, HERE, Sweeper, all_end
from tests.faults.sweeps import settings_for, settle
from tests.support.smtp_server import Server

AT_ONCE = 4
KILLED_SHARE = 0.75


@pytest.mark.parametrize("seed", [1])
async def test_four_sweeps_at_once_with_kills(
    division_store: Store,
    division_url: str,
    policy: Policy,
    alone: Alone,
    server: Server,
    tmp_path: Path,
    seed: int,
    pytestconfig: pytest.Config,
) -> None:
    rounds = 4 if pytestconfig.getoption("release") else 2
    store, clock, settings = division_store, Clock(), settings_for(server.port, tmp_path)
    random = Random(seed)  # noqa: S311 - the same moments each time
    before = await invariants.note_before(store)
    ends: Counter[str] = Counter()
    for number in range(rounds):
        drawn = [
            random.randrange(3, alone.moments // (2 + number)) if random.random() < KILLED_SHARE else None
            for _ in range(AT_ONCE)
        ]
        said = await all_end(
            [
                Sweeper(division_url, settings, clock(), f"{number}-{which}", stops_at)
                for which, stops_at in enumerate(drawn)
            ]
        )
        for word, what in said:
            # SQLite lets a writer wait for half a minute, which a busy machine may take
            assert word in {HERE, DONE} or "database is locked" in what, what
            ends[word] += 1
        await invariants.always(store, before, server.inbox)
        clock.forward(minutes=1)
    clock.forward(minutes=20)  # past the leases, and past what a run may hold wake-ups for
    await settle(store, policy, settings, clock)
    counts = await invariants.hold(store, policy, before, server.inbox, clock())
    print(f"four sweeps at once, seed {seed}: {dict(ends)}; {counts}")  # noqa: T201
    assert ends[HERE] >= rounds, "hardly any was killed"
    invariants.assert_same(await invariants.result(store), alone.result)
