"""The two databases of the tests, both real: SQLite files, and a PostgreSQL that is started for the run.

PostgreSQL comes from the wheel that Prefect's database has too, and needs neither root nor a system package.
A guard process owns it: when the test process ends, however it ends, the guard reads the end of its standard
input, stops PostgreSQL and removes its files. Run as a script, this module is that guard.
"""

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import asyncpg

ROOT = Path(__file__).resolve().parents[2]
READY = "ready "
STOP, START, DURABLE = "stop", "start", "durable"

T = TypeVar("T")

#: After so many tests a used database is thrown away: deleted rows leave their pages behind.
USES = 50

#: What a test might have changed besides rows: one line for all of it.
SHAPE = """
WITH tables AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace), shape (line) AS (
    SELECT concat_ws(' ', 'table', relname, relkind) FROM tables
    UNION ALL SELECT concat_ws(' ', relname, attname, atttypid, attnotnull, atthasdef)
        FROM tables JOIN pg_attribute ON attrelid = tables.oid WHERE attnum > 0
    UNION ALL SELECT concat_ws(' ', relname, conname, convalidated)
        FROM tables JOIN pg_constraint ON conrelid = tables.oid
    UNION ALL SELECT concat_ws(' ', relname, tgname, tgenabled)
        FROM tables JOIN pg_trigger ON tgrelid = tables.oid WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', 'function', proname, md5(prosrc))
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'settings', setconfig)
        FROM pg_db_role_setting JOIN pg_database ON setdatabase = oid WHERE datname = current_database()
)
SELECT md5(string_agg(line, ',' ORDER BY line)) FROM shape
"""
#: The tables that take room: a table that was vacuumed empty has none, as one that nobody wrote to.
WRITTEN = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
#: What a migrated template holds before anybody has written.
KEPT = "alembic_version"

#: Durability is worth nothing to a database that ends with its tests; it is much faster without.
IN_HASTE = """
fsync = off
full_page_writes = off
synchronous_commit = off
"""
FOR_TESTS = """
shared_buffers = 32MB
max_connections = 200
"""


def run_in_own_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own, whatever loop the caller's thread has or had."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class Postgres:
    """A running server, and cheap databases on it: each one a copy of a migrated template."""

    def __init__(self, sockets: str, orders: IO[str], answers: IO[str]) -> None:
        self.sockets = sockets
        self._orders, self._answers = orders, answers
        self._numbers = itertools.count(1)
        self._used: dict[str, list[UsedDatabase]] = {}

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.sockets}"

    def execute(self, statement: str) -> None:
        """Run one statement as the administrator, outside any transaction."""

        async def work() -> None:
            connection = await asyncpg.connect(user="postgres", database="postgres", host=self.sockets)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        run_in_own_loop(work())

    def crash(self) -> None:
        """Stop the server at once, as a power cut would: connections break, nothing is tidied up."""
        self._order(STOP)

    def start(self) -> None:
        """Start it again on the same data; it recovers, and takes connections when this returns."""
        self._order(START)

    def _order(self, order: str) -> None:
        self._orders.write(f"{order}\n")
        self._orders.flush()
        if self._answers.readline().strip() != order:
            raise RuntimeError(f"PostgreSQL for the tests did not {order}")

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A database of its own, gone afterwards; gives its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def emptied(self, template: str) -> Iterator[str]:
        """As `database`, for a template without rows: one that a test has used is emptied for the next.

        That costs a tenth of a new one. A database whose shape a test has changed goes.
        """
        used = self._used.setdefault(template, [])
        if not used:
            name = f"test_{next(self._numbers)}"
            self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            used.append(UsedDatabase(name, run_in_own_loop(self._shape(name))))
        one = used.pop()
        try:
            yield self.url(one.name)
        finally:
            one.uses += 1
            if one.uses < USES and run_in_own_loop(self._empty(one)):
                used.append(one)
            else:
                self.execute(f"DROP DATABASE {one.name} WITH (FORCE)")

    async def _shape(self, name: str) -> str:
        connection = await asyncpg.connect(user="postgres", database=name, host=self.sockets)
        try:
            return str(await connection.fetchval(SHAPE))
        finally:
            await connection.close()

    async def _empty(self, one: "UsedDatabase") -> bool:
        """Empty it; whether it is as the template again."""
        connection = await asyncpg.connect(user="postgres", database=one.name, host=self.sockets)
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if await connection.fetchval(SHAPE) != one.shape:
                return False
            written = await connection.fetch(WRITTEN)
            counters = await connection.fetch(
                "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
            )
            names = [f'"{row[0]}"' for row in written if row[0] != KEPT]
            await connection.execute(
                ";".join(
                    [
                        "SET session_replication_role = replica",  # no trigger and no reference asks
                        *(f"DELETE FROM {name}" for name in names),  # noqa: S608
                        *(f'ALTER SEQUENCE "{row[0]}" RESTART' for row in counters),
                    ]
                )
            )
            if names:
                await connection.execute(f"VACUUM {', '.join(names)}")  # rows lie in their order again
            return True
        finally:
            await connection.close()


@dataclass
class UsedDatabase:
    """A database that the next test may have: its shape when it was new, and how many have had it."""

    name: str
    shape: str
    uses: int = 0


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """A PostgreSQL server for as long as the block runs. Raises RuntimeError when it can't be started.

    `durable`: what it has acknowledged outlives a crash, as PostgreSQL has it by default; it is slower.
    """
    with tempfile.TemporaryFile("w+") as complaints:
        guard = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, __file__, *([DURABLE] if durable else [])],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests; the guard goes when they have gone
        )
        with guard:
            assert guard.stdin is not None
            assert guard.stdout is not None
            answer = guard.stdout.readline().strip()
            if not answer.startswith(READY):
                guard.wait()
                complaints.seek(0)
                raise RuntimeError(f"PostgreSQL could not be started for the tests:\n{complaints.read()}")
            try:
                yield Postgres(answer.removeprefix(READY), guard.stdin, guard.stdout)
            finally:
                guard.stdin.close()
                guard.wait()


def keep_guard() -> None:
    """Start PostgreSQL, say where it listens, do what is ordered, and stop it at the end of the orders."""
    from deployments.local import postgres as wheel  # noqa: PLC0415 - only the guard needs it

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="steward-postgres-") as folder:
        data = Path(folder, "data")
        wheel.ensure(data, os.environ)
        sockets = wheel.socket_dir(data)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(FOR_TESTS if DURABLE in sys.argv[1:] else FOR_TESTS + IN_HASTE)
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{sockets}'\n")
        control = Path(str(wheel.command(data)[0])).with_name("pg_ctl")
        user, group = wheel.account() or (None, None)

        def tell(*words: str | Path) -> None:
            subprocess.run(  # noqa: S603 - our own wheel's program
                [control, "--silent", "-D", data, *words],
                check=True,
                cwd=data,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                user=user,
                group=group,
                extra_groups=None if group is None else [group],
            )

        words = {STOP: ("stop", "-m", "immediate"), START: ("start", "--wait")}
        running = False
        try:
            tell(*words[START])  # its log goes where our complaints go
            running = True
            print(f"{READY}{sockets}", flush=True)  # noqa: T201
            for line in sys.stdin:
                order = line.strip()
                tell(*words[order])
                running = order == START
                print(order, flush=True)  # noqa: T201
        finally:
            if running:
                tell(*words[STOP])
            shutil.rmtree(sockets, ignore_errors=True)


if __name__ == "__main__":
    keep_guard()
