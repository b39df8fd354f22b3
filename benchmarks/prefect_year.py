"""A simulated year of Prefect's own database, with its own clearing up: how it grows, and where it stops.

    python -m benchmarks.machines 20 16 --no-kills --more --keep FOLDER     # real runs of each kind
    python -m benchmarks.prefect_year FOLDER [--share 0.05] [--days 365]

The rows of one real run of each kind are copied as often as a day has runs of it, with numbers and moments of
their own, day after day; after each day Prefect's own functions clear up, with the clock of that day, as the
retention says. A share of the runs of a day is enough: the sizes are multiplied, without what an empty
database has. Prints a Markdown table; docs/prefect-database.md has it.
"""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg

from benchmarks.beside.machine import machine
from benchmarks.machines.growth import A_DAY
from benchmarks.results import keep
from deployments.local import environment, postgres
from deployments.local.parts import Part
from deployments.local.waiting import until
from schemas.settings import Settings

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
NAME = "prefect_year"
EVENTS = ("events", "event_resources")
_RUN = "('prefect.flow-run.' || $1::uuid)"
_TOLD = f"resource_id = {_RUN} OR related_resource_ids ? {_RUN}"
#: The tables that a run has rows in: which rows are its own, and which columns hold numbers that go with it.
OF_A_RUN = {
    "flow_run": ("id = $1", ("id", "state_id")),
    "flow_run_state": ("flow_run_id = $1", ("id", "flow_run_id")),
    "task_run": ("flow_run_id = $1", ("id", "flow_run_id", "state_id")),
    "task_run_state": (
        "task_run_id IN (SELECT id FROM task_run WHERE flow_run_id = $1)",
        ("id", "task_run_id"),
    ),
    "log": ("flow_run_id = $1", ("id", "flow_run_id", "task_run_id")),
    "artifact": ("flow_run_id = $1", ("id", "flow_run_id", "task_run_id")),
    "events": (_TOLD, ("id", "follows", "resource_id")),
    "event_resources": (
        f"event_id IN (SELECT id FROM events WHERE {_TOLD})",  # noqa: S608 - our own words
        ("id", "event_id", "resource_id"),
    ),
}
#: A number of its own for each copy, in the order of time, as Prefect's are.
ANEW = """
CREATE FUNCTION anew(was uuid, copy bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
$$ SELECT (lpad(to_hex(copy), 12, '0') || substr(md5(was::text || copy), 13))::uuid $$;
CREATE FUNCTION anew(was text, copy bigint) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT CASE WHEN was ~ '^prefect\\.(flow|task)-run\\.' THEN
   regexp_replace(was, '[^.]*$', '') || anew(regexp_replace(was, '.*\\.', '')::uuid, copy) ELSE was END $$;
"""


@asynccontextmanager
async def connected(data: Path, database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database of this cluster."""
    connection = await asyncpg.connect(
        host=str(postgres.socket_dir(data)), user=postgres.USER, database=database
    )
    try:
        yield connection
    finally:
        await connection.close()


async def prepared(connection: asyncpg.Connection) -> dict[str, tuple[Any, datetime]]:
    """Nothing is left but one run of each kind, in tables beside; its number and when it began."""
    await connection.execute("SET session_replication_role = replica")  # copies come in any order
    found = {}
    for kind in A_DAY:
        run = await connection.fetchrow(
            "SELECT r.id, r.start_time FROM flow_run r JOIN deployment d ON d.id = r.deployment_id "
            "WHERE d.name = $1 AND r.state_type = 'COMPLETED' ORDER BY r.start_time DESC LIMIT 1",
            kind,
        )
        if run is None:
            raise SystemExit(f"no run of {kind} there: was the trial run with --more?")
        found[kind] = (run["id"], run["start_time"])
        for table, (mine, _) in OF_A_RUN.items():
            where = mine.replace("$1", f"'{run['id']}'")
            await connection.execute(
                f'CREATE TABLE "{_beside(kind, table)}" AS SELECT * FROM {table} WHERE {where}'  # noqa: S608
            )
    await connection.execute(f"TRUNCATE {', '.join((*OF_A_RUN, 'artifact_collection'))} CASCADE")
    await connection.execute(ANEW)
    return found


def _beside(kind: str, table: str) -> str:
    return f"one {kind} {table}"


async def copying(connection: asyncpg.Connection, kind: str) -> list[str]:
    """The statements that copy a run of a kind: $1 is the copy's number, $2 by how much later it is."""
    made = []
    for table, (_, numbers) in OF_A_RUN.items():
        columns = await connection.fetch(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = $1",
            table,
        )
        cells = []
        for name, data_type in columns:
            if name in numbers:
                cells.append(f'anew("{name}", $1::bigint)')
            elif data_type == "timestamp with time zone":
                cells.append(f'"{name}" + $2::interval')
            elif name == "idempotency_key":
                cells.append(f'"{name}" || $1::bigint')
            else:
                cells.append(f'"{name}"')
        names = ", ".join(f'"{name}"' for name, _ in columns)
        made.append(f'INSERT INTO {table} ({names}) SELECT {", ".join(cells)} FROM "{_beside(kind, table)}"')  # noqa: S608
    return [one if "$2" in one else f"{one} WHERE $2::interval IS NOT NULL" for one in made]


async def size(connection: asyncpg.Connection, tables: tuple[str, ...]) -> int:
    """Bytes with indexes."""
    query = "SELECT sum(pg_total_relation_size(one::regclass)) FROM unnest($1::text[]) one"
    return int(await connection.fetchval(query, list(tables)))


async def year(data: Path, share: float, days: int) -> list[dict[str, float]]:
    """Day after day; the megabytes of runs and of events on some of them."""
    from prefect.server.services import db_vacuum  # noqa: PLC0415 - after its settings are in the environment

    runs = tuple(table for table in OF_A_RUN if table not in EVENTS)
    seen: list[dict[str, float]] = []
    looks = {one for one in (3, 7, 14, 30, 60, 90, 120, 180, 270, days) if one <= days}
    async with connected(data, NAME) as connection:
        templates = await prepared(connection)
        statements = {kind: await copying(connection, kind) for kind in templates}
        empty = await size(connection, runs), await size(connection, EVENTS)
        copy, open_share = 0, dict.fromkeys(templates, 0.0)
        for day in range(1, days + 1):
            begins = BEGINS + timedelta(days=day)
            for kind, (_, began) in templates.items():
                open_share[kind] += A_DAY[kind] * share
                count = int(open_share[kind])
                open_share[kind] -= count
                for number in range(count):
                    copy += 1
                    later = begins + timedelta(days=number / count) - began
                    for statement in statements[kind]:
                        await connection.execute(statement, copy, later)
            await cleared(db_vacuum, begins + timedelta(days=1))
            await connection.execute(f"VACUUM ANALYZE {', '.join(OF_A_RUN)}")  # no time for it by itself
            if day in looks:
                of_runs = (await size(connection, runs) - empty[0]) / share / 1e6
                of_events = (await size(connection, EVENTS) - empty[1]) / share / 1e6
                kept = await connection.fetchval("SELECT count(*) FROM flow_run")
                print(f"| {day} | {kept / share:,.0f} | {of_runs:,.0f} | {of_events:,.0f} |", flush=True)
                seen.append({"day": day, "runs": kept / share, "runs_mb": of_runs, "events_mb": of_events})
    return seen


async def cleared(vacuum: ModuleType, now: datetime) -> None:
    """What Prefect's services do each hour and each day, at that moment."""
    from prefect.server.database import provide_database_interface  # noqa: PLC0415 - as above

    vacuum.now = lambda _zone: now  # type: ignore[attr-defined]
    database = provide_database_interface()
    for name in (
        "vacuum_old_flow_runs",
        "vacuum_orphaned_logs",
        "vacuum_orphaned_artifacts",
        "vacuum_stale_artifact_collections",
        "vacuum_events_with_retention_overrides",
        "vacuum_old_events",
    ):
        await getattr(vacuum, name)(db=database)


async def measured(folder: Path, share: float, days: int) -> list[dict[str, float]]:
    """The year, in a copy of the kept trial's database."""
    data, env = folder / "postgres", environment.bare("year")
    part = Part("postgres", postgres.command(data), env, folder / "year.log", data, postgres.account(), 2)
    await part.start()
    try:
        await until(lambda: postgres.serves(data), "PostgreSQL", 0.05)
        async with connected(data, "postgres") as admin:
            await admin.execute(f"DROP DATABASE IF EXISTS {NAME}")
            await admin.execute(f"CREATE DATABASE {NAME} TEMPLATE prefect")
        url = postgres.url(data).replace("/postgres?", f"/{NAME}?")
        home = folder / "year"
        home.mkdir(mode=0o700, exist_ok=True)
        given = environment.server(Settings(data_dir=home), "year", url)
        os.environ |= {name: said for name, said in given.items() if name.startswith("PREFECT_SERVER_")}
        return await year(data, share, days)
    finally:
        await part.stop()


def main() -> None:
    """Simulate the year and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="what benchmarks.machines kept")
    parser.add_argument("--share", type=float, default=0.05, help="of the runs of a day")
    parser.add_argument("--days", type=int, default=365)
    chosen = parser.parse_args()
    print(machine())
    print(f"{sum(A_DAY.values()):.0f} runs a day, {chosen.share:g} of them copied\n")
    print("| day | ended runs kept | MB of runs | MB of events |\n|--:|--:|--:|--:|")
    seen = asyncio.run(measured(chosen.folder.resolve(), chosen.share, chosen.days))
    keep("prefect_year", [{**one, "machine": machine()} for one in seen])


if __name__ == "__main__":
    main()
