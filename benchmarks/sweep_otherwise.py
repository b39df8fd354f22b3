"""The same rules in other ways: set arithmetic in the database, an ORM loop, a Prefect task an account.

    python -m benchmarks.sweep_otherwise [ACCOUNTS] [--loop 200] [--mapped 40] [--only SQLite|PostgreSQL]

On one store, all accounts without a finding, as in a first night:

- sets: what the sweep does; every rule for every account, a transaction a rule;
- loop: `for account in …`: load the account with its people, gates and evidence as objects, judge in Python,
  add findings, commit; on the first `--loop` accounts;
- narrowed: the rules as they are, for one account after the other, a transaction each, as many as mapped;
- mapped: a Prefect task for each account by `.map`, which holds the rules narrowed to its account in one
  transaction; on the first `--mapped` accounts, on a Prefect server as in Prefect's tests. Four threads; on
  SQLite one, since four writers at once keep each other waiting until one of them is told "locked".

All but the first are scaled to all accounts in proportion; that all find the same is checked.
"""

import argparse
import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlmodel import col, select

from benchmarks.beside.machine import machine
from benchmarks.beside.orm_loop import loop
from benchmarks.databases import DATABASES, an_empty_store
from benchmarks.division import NOW, TODAY
from benchmarks.filling import fill
from benchmarks.results import keep
from policy.model import Policy, load
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.settings import load as load_settings
from tasks.findings.evaluation import evaluate
from tasks.store import Store

THREADS = {"SQLite": 1, "PostgreSQL": 4}
#: Statements are compiled once for all tasks, not once a task: that would measure SQLAlchemy's compiler.
COMPILED: dict[Any, Any] = {}
Found = set[tuple[str, int, int]]


@dataclass
class Measured:
    """One way on one database: `seconds` for `of` accounts, and what all `accounts` take at that pace."""

    database: str
    way: str
    accounts: int
    of: int
    seconds: float
    sets: float = 0.0

    @property
    def scaled(self) -> float:
        return self.seconds * self.accounts / self.of

    @property
    def times(self) -> float:
        return self.scaled / self.sets

    def row(self) -> str:
        return (
            f"| {self.database} | {self.way} | {self.of:,} | {self.seconds:.2f} | {self.scaled:,.1f} "
            f"| {self.times:,.0f} |"
        )


HEADER = (
    "| database | way | accounts | measured (s) | for all (s) | times slower |\n|---|---|--:|--:|--:|--:|"
)


def benchmark_policy() -> Policy:
    """The division's policy, daily monitoring begun a month ago: since then there are check-ins (9)."""
    policy = load(load_settings().policy_file)
    return policy.changed("daily-look", begins_on=TODAY - timedelta(days=28))


async def found(store: Store, among: Iterable[int] | None = None) -> Found:
    """The findings, of some accounts."""
    async with store.read() as session:
        rows = await session.exec(select(Finding.control, Finding.account_id, Finding.person_id))
        known = None if among is None else set(among)
        return {(rule, of, who) for rule, of, who in rows if known is None or of in known}


async def forget(store: Store) -> None:
    async with store.write(audited=False) as session:
        await session.run(delete(table_of(Finding)).where(col(Finding.id).is_not(None)))


async def narrowed(store: Store, account: int, policy: Policy) -> None:
    """Every rule for one account, in one transaction."""
    async with store.write() as session:
        for rule in policy.rules():
            await evaluate(session, rule, policy, TODAY, NOW, [account])


async def hold_one(url: str, account: int, policy: Policy) -> None:
    """What a mapped task does: its thread has a loop of its own, so the store is opened in it."""
    store = Store.open(url, execution_options={"compiled_cache": COMPILED})
    try:
        await narrowed(store, account, policy)
    finally:
        await store.close()


def map_over(url: str, accounts: list[int], policy: Policy, threads: int) -> float:
    """A flow that maps a task over the accounts, on a Prefect of its own; the seconds of the flow's run."""
    os.environ |= {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    from prefect import flow, task, unmapped  # noqa: PLC0415 - its settings are read when it is imported
    from prefect.cache_policies import NO_CACHE  # noqa: PLC0415
    from prefect.task_runners import ThreadPoolTaskRunner  # noqa: PLC0415
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415

    logging.getLogger("prefect").setLevel(logging.WARNING)

    @task(name="hold one account", cache_policy=NO_CACHE)
    async def one(url: str, account: int) -> None:
        await hold_one(url, account, policy)

    runner: Any = ThreadPoolTaskRunner(max_workers=threads)  # Prefect's own types refuse Prefect's own runner

    @flow(name="mapped sweep", task_runner=runner)
    def mapped() -> None:
        one.map(unmapped(url), accounts).result()

    with prefect_test_harness(server_startup_timeout=120):
        begun = time.perf_counter()
        mapped()
        return time.perf_counter() - begun


async def measure(
    database: str, folder: Path, policy: Policy, accounts: int, looped: int, mapped: int
) -> list[Measured]:
    some, few = range(1, looped + 1), range(1, mapped + 1)
    async with an_empty_store(database, folder / database) as store:
        await fill(store, accounts, policy)
        begun = time.perf_counter()
        for rule in policy.rules():
            async with store.write() as session:
                await evaluate(session, rule, policy, TODAY, NOW)
        sets = time.perf_counter() - begun
        measured = [Measured(database, "sets", accounts, accounts, sets, sets)]
        right, right_few = await found(store, some), await found(store, few)
        await forget(store)
        begun = time.perf_counter()
        await loop(store, some, policy, TODAY, NOW)
        took = time.perf_counter() - begun
        measured.append(Measured(database, "loop", accounts, looped, took, sets))
        same(await found(store), right, "loop")
        await forget(store)
        begun = time.perf_counter()
        for account in few:
            await narrowed(store, account, policy)
        took = time.perf_counter() - begun
        measured.append(Measured(database, "narrowed", accounts, mapped, took, sets))
        same(await found(store), right_few, "narrowed rules")
        await forget(store)
        url = store._engine.url.render_as_string(hide_password=False)  # noqa: SLF001 - nobody else needs it
        took = await asyncio.to_thread(map_over, url, list(few), policy, THREADS[database])
        measured.append(Measured(database, "mapped", accounts, mapped, took, sets))
        same(await found(store), right_few, "mapped tasks")
    for one in measured:
        print(f"{one.row()} {machine()}", flush=True)
    return measured


def same(seen: Found, right: Found, way: str) -> None:
    """A benchmark of something else than the same work is none."""
    if not right or seen != right:
        raise RuntimeError(f"the {way} found {len(seen)} and not the {len(right)} violations")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("accounts", nargs="?", type=int, default=10_000)
    parser.add_argument("--loop", type=int, default=200)
    parser.add_argument("--mapped", type=int, default=40)
    parser.add_argument("--only", choices=DATABASES)
    chosen = parser.parse_args()
    policy, before = benchmark_policy(), machine()
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
        for database in (chosen.only,) if chosen.only else DATABASES:
            measured += asyncio.run(
                measure(database, folder, policy, chosen.accounts, chosen.loop, chosen.mapped)
            )
    print(f"\n{before} before, {machine()} after\n\n{HEADER}")
    print("\n".join(one.row() for one in measured))
    keep(
        "sweep_otherwise",
        [{**asdict(one), "scaled": one.scaled, "times": one.times, "machine": before} for one in measured],
    )


if __name__ == "__main__":
    main()
