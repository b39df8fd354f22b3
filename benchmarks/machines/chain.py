"""What one chain of audit entries lets through: one to three writers, each with one or many changes a commit.

    python -m benchmarks.machines.chain [--seconds 4] [--rounds 2]

On PostgreSQL, where a writer has the turn at the chain from the beginning to the end of its transaction. A
change of state is what a lifecycle commits (benchmarks.transitions). The turns of all ways are taken round
after round; what counts is each way's share of the first one in the same round.
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.beside.machine import machine
from benchmarks.databases import an_empty_store
from benchmarks.division import NOW
from benchmarks.results import keep
from benchmarks.transitions import moves, prepare, url_of
from policy.calendar import Calendar
from policy.model import load
from schemas.settings import load as load_settings
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

WRITERS, BATCHES = (1, 2, 3), (1, 10, 50)
WAYS = tuple((writers, batch) for batch in BATCHES for writers in WRITERS)
ACCOUNTS = 60
HEADER = (
    "| writers | changes a commit | changes a second | share of one writer, one change |\n|--:|--:|--:|--:|"
)


@dataclass(frozen=True)
class Job:
    """What one writer does: in each way that has so many writers, commit for so many seconds."""

    number: int
    folder: Path
    accounts: tuple[int, ...]
    rounds: int
    seconds: float


async def _work(job: Job, barrier: Barrier) -> dict[tuple[int, int, int], int]:
    store = Store.open(url_of("PostgreSQL", job.folder))
    calendar, todo = Calendar(load(load_settings().policy_file)), moves(job.accounts)
    done: dict[tuple[int, int, int], int] = {}

    async def commit(batch: int) -> int:
        async with store.write() as session:
            for outcome in islice(todo, batch):
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=NOW)
        return batch

    try:
        await commit(1)  # connects, and fills the caches of statements
        for one in range(job.rounds):
            for writers, batch in WAYS:
                await asyncio.to_thread(barrier.wait)
                made, until = 0, time.perf_counter() + job.seconds
                while job.number < writers and time.perf_counter() < until:
                    made += await commit(batch)
                done[one, writers, batch] = made
                await asyncio.to_thread(barrier.wait)
    finally:
        await store.close()
    return done


def _process(job: Job, barrier: Barrier, answers: Any) -> None:
    answers.put(asyncio.run(_work(job, barrier)))


def at_once(folder: Path, accounts: Sequence[int], rounds: int, seconds: float) -> list[tuple[float, float]]:
    """For each way the median of its changes a second, and of its shares of the first way's."""
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(max(WRITERS), timeout=300), spawn.Queue()
    started = []
    for number in range(max(WRITERS)):
        job = Job(number, folder, tuple(accounts[number :: max(WRITERS)]), rounds, seconds)
        started.append(spawn.Process(target=_process, args=(job, barrier, answers), daemon=True))
        started[-1].start()
    try:
        done = [answers.get(timeout=600) for _ in started]
    finally:
        for process in started:
            process.join(10)
            if process.is_alive():
                process.kill()
    rates = {
        (one, *way): sum(each[one, *way] for each in done) / seconds for one in range(rounds) for way in WAYS
    }
    return [
        (
            median(rates[one, *way] for one in range(rounds)),
            median(rates[one, *way] / rates[one, *WAYS[0]] for one in range(rounds)),
        )
        for way in WAYS
    ]


async def measure(folder: Path, rounds: int, seconds: float) -> list[tuple[float, float]]:
    """On a store of its own."""
    async with an_empty_store("PostgreSQL", folder) as store:
        accounts, _ = await prepare(store, folder, ACCOUNTS * max(WRITERS))
        return await asyncio.to_thread(at_once, folder, accounts, rounds, seconds)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each way in each round")
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    before = machine()
    with tempfile.TemporaryDirectory(prefix="steward-chain-") as made:
        os.chmod(made, 0o711)  # noqa: S103, PTH101 - PostgreSQL runs as another user when we are root
        found = asyncio.run(measure(Path(made, "store"), chosen.rounds, chosen.seconds))
    print(f"{before}; {chosen.rounds} rounds of {chosen.seconds:g} s\n\n{HEADER}")
    rows = list(zip(WAYS, found, strict=True))
    for (writers, batch), (rate, share) in rows:
        print(f"| {writers} | {batch} | {rate:.0f} | {share:.2f} |")
    keep("chain", [{"writers": w, "batch": b, "rate": r, "share": s} for (w, b), (r, s) in rows])


if __name__ == "__main__":
    main()
