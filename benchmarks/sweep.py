"""The nightly sweep's rules at scale: how long holding every account takes, beside reading the same tables.

    python -m benchmarks.sweep [ACCOUNTS …] [--only SQLite|PostgreSQL] [--processor] [--move] [--plans]

For each rule: a bare scan (every row of the tables that the rule needs is read, and nothing else done), the
first night (findings open) and an unchanged night after it, on the same connection pool, and their ratios.
Then what a sweep does beside its rules: gather what may move, tell people, write the report.
"""

import argparse
import asyncio
import gc
import math
import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import ClauseElement, Table, event, text
from sqlalchemy.sql.visitors import iterate

from benchmarks.databases import DATABASES, an_empty_store, processor_time
from benchmarks.division import NOW, TODAY
from benchmarks.filling import fill
from benchmarks.results import keep
from flows.sweep_report import ROWS_SHOWN, SCHOOLS_SHOWN
from policy.brake import let_everything_happen
from policy.controls import Rule
from policy.model import Policy, load
from schemas.settings import load as load_settings
from tasks.findings.evaluation import evaluate
from tasks.findings.listing import Asked, list_findings
from tasks.findings.notify_findings import tell_communications, tell_people
from tasks.findings.overview import list_holding, list_school_accounts, list_schools
from tasks.items import waiting_room
from tasks.lifecycles import swept
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.store.session import Session

#: What seconds are read from.
Clock = Callable[[], float]

#: So many times its bare scan may a control cost on a first night, and on an unchanged one.
FIRST_AT_MOST, AGAIN_AT_MOST = 10, 5


def tables_of(rule: Rule, policy: Policy) -> dict[str, str]:
    """The tables that a rule's select reads, each with a column that no row lacks: it is counted."""
    return counted(iterate(rule.violators(policy, TODAY)))


def counted(parts: Iterable[object]) -> dict[str, str]:
    """The tables among the parts of statements, each with a column that no row lacks."""
    read = {one for one in parts if isinstance(one, Table)}
    return {one.name: [column.name for column in one.columns if not column.nullable][-1] for one in read}


@contextmanager
def heard(store: Store) -> Iterator[dict[str, str]]:
    """The tables that statements read or write meanwhile, each with a column that no row lacks."""
    found: dict[str, str] = {}

    def listen(_: object, statement: object, *__: object) -> None:
        if isinstance(statement, ClauseElement):
            found.update(counted(iterate(statement)))

    engine = store._engine.sync_engine  # noqa: SLF001 - what it is asked is listened to, nothing else
    event.listen(engine, "before_execute", listen)
    try:
        yield found
    finally:
        event.remove(engine, "before_execute", listen)


@dataclass
class Measured:
    """One rule, on one database, at one size. Seconds."""

    database: str
    accounts: int
    control: str
    violated: int
    scan: float
    first: float
    again: float

    def row(self) -> str:
        return (
            f"| {self.database} | {self.accounts:,} | {self.control} | {self.violated:,} | {self.scan:.3f} "
            f"| {self.first:.3f} | {self.again:.3f} | {self.first / self.scan:.1f} "
            f"| {self.again / self.scan:.1f} | {'yes' if self.is_allowed else 'no'} |"
        )

    @property
    def is_allowed(self) -> bool:
        """Whether it costs no more than its scan allows."""
        return self.first <= FIRST_AT_MOST * self.scan and self.again <= AGAIN_AT_MOST * self.scan


HEADER = (
    "| database | accounts | control | violate it | bare scan (s) | first night (s) | unchanged (s) "
    f"| first ÷ scan | unchanged ÷ scan | within {FIRST_AT_MOST} and {AGAIN_AT_MOST} scans |\n"
    "|---|--:|---|--:|--:|--:|--:|--:|--:|---|"
)


async def scan(session: Session, tables: Mapping[str, str], clock: Clock) -> float:
    """Read every row of these tables; the best of three."""
    best = math.inf
    for _ in range(3):
        begun = clock()
        for table, last in tables.items():
            await session.run(text(f'SELECT count("{last}") FROM "{table}"'))  # noqa: S608
        best = min(best, clock() - begun)
    return best


async def one_rule(
    store: Store, database: str, accounts: int, rule: Rule, policy: Policy, clock: Clock
) -> Measured:
    async with store.read() as session:
        scanned = await scan(session, tables_of(rule, policy), clock)
    nights = []
    for _ in range(3):
        begun = clock()
        async with store.write() as session:
            outcome = await evaluate(session, rule, policy, TODAY, NOW)
        nights.append(clock() - begun)
    if outcome.opened or outcome.resolved:
        raise RuntimeError(f"the rule of {rule.name} changed something in an unchanged night")
    return Measured(database, accounts, rule.name, outcome.violated, scanned, nights[0], min(nights[1:]))


async def plan(store: Store, rule: Rule, policy: Policy) -> str:
    """How the database goes about the rule's select."""
    how = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN (ANALYZE, TIMING OFF)"
    async with store.read() as session:
        connection = await session.connection()
        select = rule.violators(policy, TODAY)
        written = select.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        rows = (await connection.exec_driver_sql(f"{how} {written}")).all()
        return "\n".join(str(row[-1]) for row in rows)


@dataclass
class Beside:
    """What a sweep does beside its rules, on one database, at one size. Seconds, and MB of the process."""

    database: str
    accounts: int
    may_move: int
    scan: float  # for each stage, every row of the tables that it reads
    gather: float
    gather_again: float
    told: int
    tell: float
    tell_again: float
    report: float
    count: float  # letting the database count its tables, after an import and on an ordinary night
    count_again: float
    memory_of_rules: float  # the peak before any of this
    memory: float

    def row(self) -> str:
        return (
            f"| {self.database} | {self.accounts:,} | {self.may_move:,} | {self.scan:.2f} "
            f"| {self.gather:.2f} | {self.gather_again:.2f} | {self.told:,} "
            f"| {self.tell:.2f} | {self.tell_again:.2f} | {self.report:.2f} "
            f"| {self.count:.2f} | {self.count_again:.2f} "
            f"| {self.memory_of_rules:.0f} | {self.memory:.0f} |"
        )


BESIDE = (
    "| database | accounts | cases that may move | bare scans (s) | gathered in (s) | gathered again in (s) "
    "| people told | told in (s) "
    "| told again in (s) | report (s) | counted in (s) | counted again in (s) "
    "| peak memory, filling and rules (MB) | peak memory (MB) |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)

WHOLE = (
    "| database | accounts | bare scans (s) | whole first night (s) | unchanged (s) | first ÷ scans "
    "| unchanged ÷ scans |\n|---|--:|--:|--:|--:|--:|--:|"
)


def whole(rules: Measured, rest: Beside) -> str:
    """A night with all that it does, but for moving its cases and sending mail, beside all of its scans."""
    scans = rules.scan + rest.scan
    first = rest.count + rules.first + rest.gather + rest.tell + rest.report
    again = rest.count_again + rules.again + rest.gather_again + rest.tell_again + rest.report
    return (
        f"| {rules.database} | {rules.accounts:,} | {scans:.2f} | {first:.2f} | {again:.2f} "
        f"| {first / scans:.1f} | {again / scans:.1f} |"
    )


async def bring_on(store: Store, policy: Policy) -> None:
    """Move every case of a first night, as if everybody had let it happen. It takes minutes."""
    runtime = Runtime(load_settings(), let_everything_happen(policy), store)
    for stage in (stage for lifecycle in swept() for stage in lifecycle.stages):
        for case in await stage.due(runtime, NOW):
            await stage.move(runtime, case, NOW)


async def counted_in(store: Store, clock: Clock) -> float:
    """How long the database takes to count what its tables hold, as each sweep lets it."""
    begun = clock()
    await store.count_anew()
    return clock() - begun


async def beside(
    store: Store, database: str, accounts: int, policy: Policy, clock: Clock, move: bool, count: float
) -> Beside:
    before, may_move, scanned = peak(), 0, 0.0
    runtime = Runtime(load_settings(), policy, store)
    gathered: list[float] = []
    stages = [stage for lifecycle in swept() for stage in lifecycle.stages]
    for again in (False, True):
        if again and move:
            await bring_on(store, policy)
            await store.count_anew()
        begun, cases = clock(), 0
        for stage in stages:  # one kind after the other: no two are in memory at once
            cases += len(await stage.due(runtime, NOW))
        gathered.append(clock() - begun)
        may_move = may_move or cases
    for stage in stages:
        with heard(store) as tables:
            await stage.due(runtime, NOW)
        async with store.read() as session:
            scanned += await scan(session, tables, clock)
    told: list[tuple[int, float]] = []
    for _ in range(2):
        begun = clock()
        async with store.write() as session:
            await tell_communications(session, policy, NOW)
            people = await tell_people(session, policy, NOW)
        told.append((people, clock() - begun))
    begun = clock()
    async with store.read() as session:
        for rule in policy.rules():
            await list_holding(session, rule, policy, ROWS_SHOWN)
            await list_findings(session, Asked(controls=(rule.name,)), ROWS_SHOWN)
        schools = await list_schools(session, SCHOOLS_SHOWN)
        await list_school_accounts(session, [one.number for one in schools], ROWS_SHOWN)
    await waiting_room.look(store, policy, NOW, ROWS_SHOWN)
    return Beside(
        database,
        accounts,
        may_move,
        scanned,
        gathered[0],
        gathered[1],
        told[0][0],
        told[0][1],
        told[1][1],
        clock() - begun,
        count,
        await counted_in(store, clock),
        before,
        peak(),
    )


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(
    database: str, accounts: int, policy: Policy, folder: Path, plans: bool, processor: bool, move: bool
) -> tuple[list[Measured], Beside]:
    measured, its = [], folder / f"{database}-{accounts}"
    clock = partial(processor_time, database, its) if processor else time.perf_counter
    async with an_empty_store(database, its) as store:
        begun = time.perf_counter()
        await fill(store, accounts, policy, count=False)
        print(f"{database}: {accounts:,} accounts made in {time.perf_counter() - begun:.0f} s", flush=True)
        gc.collect()
        gc.freeze()  # as a run does with what it imported (flows/running.py)
        count = await counted_in(store, clock)
        for rule in policy.rules():
            if plans:
                print(f"\n{rule.name}\n{await plan(store, rule, policy)}\n", flush=True)
            measured.append(await one_rule(store, database, accounts, rule, policy, clock))
            print(measured[-1].row(), flush=True)
        rest = await beside(store, database, accounts, policy, clock, move, count)
        print(rest.row(), flush=True)
    return measured, rest


def alone(
    database: str, accounts: int, policy: Policy, folder: Path, plans: bool, processor: bool, move: bool
) -> tuple[list[Measured], Beside]:
    """In a process of its own, so that its peak of memory is that of this size and no other."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        given = (database, accounts, policy, folder, plans, processor, move)
        measured = process.submit(_measured, *given).result()
    shutil.rmtree(folder / f"{database}-{accounts}")  # a million accounts take some GB
    return measured


def _measured(
    database: str, accounts: int, policy: Policy, folder: Path, plans: bool, processor: bool, move: bool
) -> tuple[list[Measured], Beside]:
    return asyncio.run(measure(database, accounts, policy, folder, plans, processor, move))


def totals(measured: list[Measured]) -> list[Measured]:
    """All rules together, a line for each database and size."""
    found: dict[tuple[str, int], Measured] = {}
    for one in measured:
        key = (one.database, one.accounts)
        sum_ = found.setdefault(key, Measured(*key, "all", 0, 0.0, 0.0, 0.0))
        sum_.violated += one.violated
        sum_.scan += one.scan
        sum_.first += one.first
        sum_.again += one.again
    return list(found.values())


def growth(of: list[Measured]) -> list[str]:
    """By how much the time grows with the accounts: 1 is in proportion."""
    lines = []
    for database in DATABASES:
        sizes = sorted((one for one in of if one.database == database), key=lambda one: one.accounts)
        if len(sizes) > 1:
            small, large = sizes[0], sizes[-1]
            times = math.log(large.accounts / small.accounts)
            first, again = (
                math.log(b / a) / times for a, b in ((small.first, large.first), (small.again, large.again))
            )
            lines.append(
                f"{database}: time grows with accounts^{first:.2f} (first night), ^{again:.2f} (unchanged)"
            )
    return lines


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("accounts", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--plans", action="store_true", help="print how the database goes about each rule")
    parser.add_argument(
        "--processor",
        action="store_true",
        help="seconds of processor time, PostgreSQL's too: what others do changes it little; Linux alone",
    )
    parser.add_argument(
        "--move",
        action="store_true",
        help="move what the first night finds before the unchanged one; its minutes are in no figure",
    )
    chosen = parser.parse_args()
    policy = load(load_settings().policy_file)
    # as if daily monitoring had begun long ago: before that, its rule has nothing to do (9)
    policy = policy.changed("daily-look", begins_on=TODAY - timedelta(days=365))
    measured: list[Measured] = []
    rests: list[Beside] = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)  # noqa: S103, PTH101 - PostgreSQL runs as another user when we are root
        for database in (chosen.only,) if chosen.only else DATABASES:
            for accounts in sorted(chosen.accounts):
                rules, rest = alone(
                    database, accounts, policy, Path(folder), chosen.plans, chosen.processor, chosen.move
                )
                measured += rules
                rests.append(rest)
    together = totals(measured)
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}\n")
    print("\n".join([HEADER, *(one.row() for one in measured), *(one.row() for one in together)]))
    print("\n".join(["", *growth(together), "", BESIDE, *(one.row() for one in rests)]))
    print("\n".join(["", WHOLE, *map(whole, together, rests)]))
    keep("sweep", [*map(asdict, [*measured, *together]), *map(asdict, rests)])


if __name__ == "__main__":
    main()
