"""How Prefect's own database grows: rows that one run of each kind adds, and bytes that a row takes.

Rows are counted before and after a few runs of each kind, and divided. Bytes are those of each table with its
indexes, divided by all rows that are in it after the trial. A year is both, times how often the schedules of
prefect.yaml run each kind, and what people's acts wake.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import asyncpg

from deployments.local.steps import say
from tasks.prefect.api import NIGHTLY_SWEEP, NOTICE_DELIVERY, PAGE_ROUND, PrefectApi

#: Runs a day: by the schedules, and an assumption of what people's acts wake on an ordinary day.
A_DAY: Mapping[str, float] = {
    NOTICE_DELIVERY: 288,
    "stops": 96,
    PAGE_ROUND: 1,
    NIGHTLY_SWEEP: 1,
    "training-gate": 60,
}
TIMES: Mapping[str, int] = {
    NOTICE_DELIVERY: 5,
    "stops": 5,
    PAGE_ROUND: 1,
    NIGHTLY_SWEEP: 1,
    "training-gate": 5,
}
#: How long rows of these are kept; the others stay as long as their run.
EVENT_TABLES, EVENT_DAYS, RUN_DAYS, YEAR_DAYS = ("events", "event_resources"), 7, 90, 365
_QUIET_SECONDS = 5  # Prefect writes task runs and events some seconds later

Rows = dict[str, int]


@dataclass(frozen=True)
class Grown:
    """Bytes a day, and what is there after a year with and without the retention."""

    run_bytes: Mapping[str, float]
    day: float
    year_kept: float
    year_all: float


async def counted(connection: asyncpg.Connection) -> Rows:
    """Rows of each table of Prefect's."""
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        row["tablename"]: await connection.fetchval(f'SELECT count(*) FROM "{row["tablename"]}"')  # noqa: S608
        for row in names
    }


async def bytes_a_row(connection: asyncpg.Connection) -> dict[str, float]:
    """With indexes; of tables with very few rows nothing is said."""
    rows, made = await counted(connection), {}
    for name, count in rows.items():
        size = await connection.fetchval("SELECT pg_total_relation_size($1::regclass)", f'public."{name}"')
        if count >= 100:
            made[name] = size / count
    return made


async def measure(
    url: str, api: PrefectApi, until: Callable[[Callable[[], Awaitable[bool]], str], Awaitable[None]]
) -> Grown:
    """Some runs of each kind, one after the other, and what they added. Nothing else may run."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        added: dict[str, dict[str, float]] = {}
        for kind, times in TIMES.items():
            before = await counted(connection)
            for _ in range(times):
                run = await api.ask_run(kind)

                async def ended(number: str = run.id) -> bool:
                    return (await api.run(number)).ended

                await until(ended, f"a run of {kind}")
            await asyncio.sleep(_QUIET_SECONDS)
            after = await counted(connection)
            added[kind] = {name: (after[name] - before[name]) / times for name in after}
        await connection.execute("VACUUM FULL")
        each = await bytes_a_row(connection)
    finally:
        await connection.close()
    return _summed(added, each)


def _summed(added: Mapping[str, Mapping[str, float]], each: Mapping[str, float]) -> Grown:
    of_run = {
        kind: sum(rows * each.get(name, 0) for name, rows in tables.items()) for kind, tables in added.items()
    }
    of_events = {
        kind: sum(tables.get(name, 0) * each.get(name, 0) for name in EVENT_TABLES)
        for kind, tables in added.items()
    }
    day = sum(of_run[kind] * times for kind, times in A_DAY.items())
    events = sum(of_events[kind] * times for kind, times in A_DAY.items())
    for kind, size in of_run.items():
        tables = ", ".join(f"{rows:g} {name}" for name, rows in sorted(added[kind].items()) if rows >= 1)
        say(f"  {kind:<18}{size / 1000:8.0f} kB a run, {of_events[kind] / 1000:.0f} of it events: {tables}")
    kept = (day - events) * RUN_DAYS + events * EVENT_DAYS
    return Grown(of_run, day, kept, day * YEAR_DAYS)
