"""Changes of state a second, in one process and in four at once, beside bare commits of the same bytes.

    python -m benchmarks.transitions [--only SQLite|PostgreSQL] [--rounds N] [--seconds S] [--profile]

A change of state is what a lifecycle commits: `transition()` with its audit entry, two notices and an event
with its wake-ups, by `tasks.store.apply`, on an account that nobody else moves. A bare commit puts one row of
as many bytes into a table of its own, by the driver alone, with the same settings of durability. Both in
turn, in the same processes; the median of the rounds.
"""

import argparse
import asyncio
import cProfile
import multiprocessing
import os
import platform
import pstats
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
from sqlalchemy import select, text

from benchmarks.databases import DATABASES, an_empty_store
from benchmarks.division import NOW
from benchmarks.filling import fill
from benchmarks.results import keep
from deployments.local import postgres
from policy.calendar import Calendar
from policy.model import load
from policy.notices.accounts import AccountReinstated, AccountSuspended
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.events import EventKind
from schemas.machinery import AuditEntry, Event, Notice, Wake
from schemas.notices import NoticeFacts
from schemas.outcome import Emit, Move, Outcome, Subject, Tell
from schemas.settings import load as load_settings
from schemas.states import AccountState
from schemas.words import SubjectKind
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.engine import journal_mode

PROCESSES = (1, 4)
WAYS = ("transition", "bare")
ACCOUNTS_A_PROCESS = 20

Act = Callable[[], Awaitable[None]]
#: By way and round: the seconds that each commit took.
Taken = dict[tuple[str, int], list[float]]


@dataclass(frozen=True)
class Job:
    """What one process does."""

    database: str
    folder: Path
    accounts: tuple[int, ...]
    size: int
    rounds: int
    seconds: float
    profile: bool = False


@dataclass
class Measured:
    """One database with so many processes. A second, and milliseconds."""

    database: str
    processes: int
    bytes: int
    transitions: float
    bare: float
    share: float
    p50: float
    p99: float
    bare_p50: float
    bare_p99: float

    def row(self) -> str:
        return (
            f"| {self.database} | {self.processes} | {self.transitions:.0f} | {self.bare:.0f} "
            f"| {self.share:.2f} | {self.p50:.1f} | {self.p99:.1f} "
            f"| {self.bare_p50:.1f} | {self.bare_p99:.1f} |"
        )


HEADER = (
    "| database | processes | transitions (/s) | bare commits (/s) | share | p50 (ms) | p99 (ms) "
    "| bare p50 (ms) | bare p99 (ms) |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def url_of(database: str, folder: Path) -> str:
    if database == "SQLite":
        return f"sqlite+aiosqlite:///{folder / 'steward.db'}"
    return postgres.url(folder / "postgres")


def moves(accounts: Sequence[int]) -> Iterator[Outcome]:
    """Each account in turn suspended, then each reinstated, and so on."""
    for version in count(3):
        live = version % 2 == 1
        for number in accounts:
            subject = Subject(SubjectKind.ACCOUNT, number)
            before, after = AccountState.LIVE, AccountState.SUSPENDED
            notice: NoticeFacts = AccountSuspended(control="daily-look")
            event = EventKind.ACCOUNT_SUSPENDED
            if not live:
                before, after = after, before
                notice, event = AccountReinstated(suspension_id=1), EventKind.ACCOUNT_REINSTATED
            cause = f"{subject}/{after}/{version}"
            yield Outcome(
                (
                    Move(subject, before, version, after, "9", "benchmark"),
                    *(Tell(notice, person, cause, subject) for person in (1, 2)),
                    Emit(event, subject),
                )
            )


@asynccontextmanager
async def transitions(job: Job) -> AsyncIterator[Act]:
    store = Store.open(url_of(job.database, job.folder))
    calendar, todo = Calendar(load(load_settings().policy_file)), moves(job.accounts)

    async def act() -> None:
        async with store.write() as session:
            await apply(session, next(todo), actor=STEWARD, calendar=calendar, now=NOW)

    try:
        yield act
    finally:
        await store.close()


@asynccontextmanager
async def bare_commits(job: Job) -> AsyncIterator[Act]:
    data = b"x" * job.size
    if job.database == "SQLite":
        with_file = sqlite3.connect(job.folder / "bare.db", isolation_level=None)
        for pragma in (
            "busy_timeout=30000",
            f"journal_mode={journal_mode(sqlite3.sqlite_version_info)}",
            "synchronous=FULL",
        ):
            with_file.execute(f"PRAGMA {pragma}")

        async def to_file() -> None:
            with_file.execute("BEGIN IMMEDIATE")
            with_file.execute("INSERT INTO bare (data) VALUES (?)", (data,))
            with_file.execute("COMMIT")

        yield to_file
        with_file.close()
        return
    connection = await asyncpg.connect(url_of(job.database, job.folder).replace("+asyncpg", ""))

    async def to_server() -> None:
        async with connection.transaction():
            await connection.execute("INSERT INTO bare (data) VALUES ($1)", data)

    yield to_server
    await connection.close()


async def _work(job: Job, barrier: Barrier) -> Taken:
    taken: Taken = {}
    profiler = cProfile.Profile()
    async with transitions(job) as move, bare_commits(job) as commit:
        for round_number in range(job.rounds):
            for way, act in zip(WAYS, (move, commit), strict=True):
                await act()  # the first one connects and fills the caches of statements
                await asyncio.to_thread(barrier.wait)
                if job.profile and act is move:
                    profiler.enable()
                taken[way, round_number] = await _as_often_as_it_can(act, job.seconds)
                profiler.disable()
                await asyncio.to_thread(barrier.wait)
    if job.profile:
        pstats.Stats(profiler).sort_stats("cumtime").print_stats(60)
    return taken


async def _as_often_as_it_can(act: Act, seconds: float) -> list[float]:
    spent: list[float] = []
    until = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < until:
        await act()
        spent.append(time.perf_counter() - begun)
    return spent


def _process(job: Job, barrier: Barrier, answers: Any) -> None:
    answers.put(asyncio.run(_work(job, barrier)))


async def prepare(store: Store, folder: Path, accounts: int) -> tuple[list[int], int]:
    """Live accounts to move, and how many bytes one change of state writes."""
    policy = load(load_settings().policy_file)
    await fill(store, accounts * 2, policy)
    if store.is_sqlite:
        with sqlite3.connect(folder / "bare.db") as bare:
            bare.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    async with store.write() as session:
        if not store.is_sqlite:
            await session.run(text("CREATE TABLE bare (id BIGSERIAL PRIMARY KEY, data BYTEA NOT NULL)"))
        table = table_of(Account)
        live = select(table.c.id).where(table.c.state == AccountState.LIVE).order_by(table.c.id)
        numbers = list((await session.run(live)).scalars())
        await apply(session, next(moves(numbers[-1:])), actor=STEWARD, calendar=Calendar(policy), now=NOW)
        moved = await session.run(select(table).where(table.c.id == numbers[-1]))
        rows = [*moved.all()]
        for model in (AuditEntry, Notice, Event, Wake):
            rows += await session.rows(select(table_of(model)))
    return numbers[:accounts], sum(len(str(value)) for row in rows for value in row)


def at_once(processes: int, job: Job, accounts: Sequence[int]) -> list[Taken]:
    """Run the job in so many processes, which begin each measurement together."""
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(processes, timeout=120), spawn.Queue()
    started = []
    for number in range(processes):
        own = replace(job, accounts=tuple(accounts[number::processes]))
        started.append(spawn.Process(target=_process, args=(own, barrier, answers), daemon=True))
        started[-1].start()
    try:
        return [answers.get(timeout=300) for _ in started]
    finally:
        for process in started:
            process.join(10)
            if process.is_alive():
                process.kill()


def summed_up(database: str, job: Job, processes: int, taken: list[Taken]) -> Measured:
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    milliseconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for one in range(job.rounds):
        for way in WAYS:
            rates[way].append(sum(len(each[way, one]) for each in taken) / job.seconds)
    for way in WAYS:
        every = [spent * 1000 for each in taken for one in range(job.rounds) for spent in each[way, one]]
        cuts = quantiles(every, n=100)
        milliseconds[way] = [cuts[49], cuts[98]]
    return Measured(
        database,
        processes,
        job.size,
        median(rates["transition"]),
        median(rates["bare"]),
        median(ours / bare for ours, bare in zip(rates["transition"], rates["bare"], strict=True)),
        *milliseconds["transition"],
        *milliseconds["bare"],
    )


async def measure(database: str, chosen: argparse.Namespace, folder: Path) -> list[Measured]:
    measured = []
    for processes in PROCESSES:
        own = folder / f"{database}-{processes}"
        async with an_empty_store(database, own) as store:
            accounts, size = await prepare(store, own, ACCOUNTS_A_PROCESS * processes)
            profile = chosen.profile and processes == 1
            job = Job(database, own, (), size, chosen.rounds, chosen.seconds, profile)
            taken = await asyncio.to_thread(at_once, processes, job, accounts)
            measured.append(summed_up(database, job, processes, taken))
            print(f"{measured[-1].row()} (load {os.getloadavg()[0]:.1f})", flush=True)
    return measured


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round and way")
    parser.add_argument("--profile", action="store_true", help="print what the one process spends")
    chosen = parser.parse_args()
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)  # noqa: S103, PTH101 - PostgreSQL runs as another user when we are root
        for database in (chosen.only,) if chosen.only else DATABASES:
            measured += asyncio.run(measure(database, chosen, Path(folder)))
    print(
        f"\nPython {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}, "
        f"load {os.getloadavg()[0]:.1f}; the median of {chosen.rounds} rounds of {chosen.seconds:g} s, "
        f"{measured[0].bytes} bytes a commit\n"
    )
    print("\n".join([HEADER, *(one.row() for one in measured)]))
    keep("transitions", [asdict(one) for one in measured])


if __name__ == "__main__":
    main()
