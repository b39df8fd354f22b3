"""PostgreSQL crashes and is started again in the middle of a sweep, again and again, with real durability."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from deployments.migrations import upgrade
from policy.model import Policy
from schemas.errors import StoreUnavailable
from tasks.store import Store
from tests.faults import invariants
from tests.faults.fault_division import Alone, Clock, Seasoned, copy_rows
from tests.faults.processes import Sweeper
from tests.faults.sweeps import moments, run, settings_for, settle
from tests.support.databases import Postgres, postgres, run_in_own_loop
from tests.support.smtp_server import Server

SEED = 20261028
#: The second where the crash came between a commit and its answer.
SENTENCE = re.compile(
    r"The store (did not take|was lost while it kept) this \([A-Za-z]+: [a-z ]+\); "
    r"(nothing was kept, try again|look if it was kept before you try again)\."
)


def moments_of(random: Random, whole: int, mails: int) -> list[tuple[str, int]]:
    """Before which statement, or after how many mails, each sweep is hit. Each leaves less to the next.

    What the first ones draw stays together below what the night has, so that each moment is reached.
    """
    statements, some = [*[whole // 8] * 4, 40, 40], max(mails // 8, 2)
    drawn = [("statement", random.randrange(3, most)) for most in statements]
    return [*drawn[:4], ("mail", random.randrange(1, some)), ("mail", random.randrange(1, some)), *drawn[4:]]


@dataclass
class Crash:
    """Crashes the database once: at a statement, or at the first one after so many more mails have come."""

    database: Postgres
    server: Server
    what: str
    moment: int
    at_once: bool
    over: bool = False

    def __post_init__(self) -> None:
        self.had = len(self.server.inbox)

    def __call__(self, statement: int) -> None:
        here = statement if self.what == "statement" else len(self.server.inbox) - self.had
        if self.over or here < self.moment:
            return
        self.over = True
        self.database.crash()
        if self.at_once:
            self.database.start()


@pytest.fixture
def durable_server(seasoned: Seasoned) -> Iterator[tuple[Postgres, str]]:
    """A server of this test's own that keeps what it acknowledged, and the URL of the division on it."""
    with postgres(durable=True) as server:
        server.execute("CREATE DATABASE division")
        url = server.url("division")
        upgrade(url)
        run_in_own_loop(copy_rows(seasoned.url, url))
        yield server, url


async def test_the_database_restarts_in_the_middle_of_sweeps(
    durable_server: tuple[Postgres, str],
    policy: Policy,
    alone: Alone,
    server: Server,
    tmp_path: Path,
) -> None:
    database, url = durable_server
    random = Random(SEED)  # noqa: S311 - the same moments each time
    store, clock, settings = Store.open(url), Clock(), settings_for(server.port, tmp_path)
    told = []
    try:
        before = await invariants.note_before(store)
        drawn = moments_of(random, alone.moments, len(alone.inbox))
        for number, (what, moment) in enumerate(drawn):
            at_once = number % 2 == 0  # else it comes back only after the sweep has ended
            crash = Crash(database, server, what, moment, at_once=at_once)
            with moments(store, crash), pytest.raises(StoreUnavailable) as refused:
                await run(store, policy, settings, clock, f"run-{number}")
            told.append(str(refused.value))
            assert SENTENCE.fullmatch(told[-1])
            if not at_once:
                database.start()
            await invariants.always(store, before, server.inbox)
            clock.forward(
                minutes=20 if what == "mail" else 1
            )  # its mails are its own until the lease is over
        clock.forward(minutes=20)  # past the leases, and past what a run may hold wake-ups for
        await settle(store, policy, settings, clock)  # the same store, in the same process
        await asyncio.to_thread(Sweeper(url, settings, clock(), "anew").ends_well)
        counts = await invariants.hold(store, policy, before, server.inbox, clock())
        invariants.assert_same(await invariants.result(store), alone.result)
        assert counts["repeats, all marked"], "no crash came between a mail and noting it"
        print(f"database restarted, seed {SEED}: {drawn}; {counts}")  # noqa: T201
    finally:
        await store.close()
