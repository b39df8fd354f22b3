"""Which database Prefect's own server gets in `make up`: SQLite against the embedded PostgreSQL.

    python -m benchmarks.prefect_database [--bursts 3]

For each, a server of its own on a free port, fresh; then bursts of run requests and of events at once, as an
import of many completions or a storm of forms would send. Prints a Markdown table; docs/prefect-database.md
holds the figures of the decision.
"""

import argparse
import asyncio
import os
import socket
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.results import keep
from deployments.local import environment, marks, postgres
from deployments.local.parts import Part
from deployments.local.waiting import until
from schemas.settings import Settings

BURST = 300
AT_ONCE = 50
PATIENCE_SECONDS = 60


@dataclass
class Outcome:
    """What was measured on one database."""

    database: str
    healthy_fresh: float = 0.0
    healthy_again: float = 0.0
    memory_mb: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    runs_missing: int = 0
    events_missing: int = 0
    locked: int = 0
    seconds: float = 0.0

    def row(self) -> str:
        """One row of the table."""
        refused = ", ".join(f"{count} {why}" for why, count in self.refused.items()) or "0"
        cuts = statistics.quantiles(self.latencies, n=100)
        return (
            f"| {self.database} | {self.healthy_fresh:.1f} | {self.healthy_again:.1f} | {self.memory_mb:.0f} "
            f"| {cuts[49]:.2f} | {cuts[94]:.2f} | {max(self.latencies):.2f} | {self.seconds:.1f} "
            f"| {refused} | {self.runs_missing} | {self.events_missing} | {self.locked} |"
        )


HEADER = (
    "| database | healthy, fresh (s) | healthy, again (s) | memory (MB) | p50 (s) | p95 (s) | max (s) "
    "| burst (s) | refused | runs missing | events missing | 'database is locked' in the log |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


@asynccontextmanager
async def server(settings: Settings, url: str, mark: str) -> AsyncIterator[tuple[Part, float]]:
    """A Prefect server on a database; gives it and the seconds until it was healthy."""
    part = Part(
        "server",
        [
            *environment.PREFECT,
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            str(settings.prefect_port),
        ],
        environment.server(settings, mark, url),
        settings.data_dir / "server.log",
        settings.data_dir,
    )
    begun = time.monotonic()
    await part.start()

    async def healthy() -> bool:
        async with httpx.AsyncClient(trust_env=False) as http:
            try:
                return (await http.get(environment.api_url(settings) + "/health")).is_success
            except httpx.HTTPError:
                return False

    try:
        await until(healthy, "The server", 0.05)
        yield part, time.monotonic() - begun
    finally:
        await part.stop()


async def burst(settings: Settings, outcome: Outcome) -> None:
    """Run requests and events, AT_ONCE of each under way."""
    user, _, password = environment.auth_string(settings).partition(":")
    begun = time.monotonic()
    async with httpx.AsyncClient(
        base_url=environment.api_url(settings),
        auth=(user, password),
        timeout=120,
        trust_env=False,
        limits=httpx.Limits(max_connections=2 * AT_ONCE),
    ) as http:
        flow = await made(http, "/flows/", {"name": "burst"})
        name = f"burst-{uuid.uuid4()}"
        deployment = await made(http, "/deployments/", {"name": name, "flow_id": flow})
        gate = {"run": asyncio.Semaphore(AT_ONCE), "event": asyncio.Semaphore(AT_ONCE)}

        async def ask(kind: str, path: str, body: object) -> None:
            async with gate[kind]:
                asked = time.monotonic()
                try:
                    answer = await http.post(path, json=body)
                    if not answer.is_success:
                        outcome.refused[str(answer.status_code)] += 1
                except httpx.HTTPError as error:
                    outcome.refused[type(error).__name__] += 1
                outcome.latencies.append(time.monotonic() - asked)

        def event(number: int) -> list[dict[str, object]]:
            resource = {"prefect.resource.id": f"steward.access.{number}"}
            return [
                {
                    "id": str(uuid.uuid4()),
                    "event": name,
                    "occurred": datetime.now(UTC).isoformat(),
                    "resource": resource,
                }
            ]

        await asyncio.gather(
            *(
                ask(
                    "run",
                    f"/deployments/{deployment}/create_flow_run",
                    {"idempotency_key": f"{name}-{number}"},
                )
                for number in range(BURST)
            ),
            *(ask("event", "/events", event(number)) for number in range(BURST)),
        )
        outcome.seconds += time.monotonic() - begun
        outcome.runs_missing += BURST - await settled(
            http, "/flow_runs/count", {"deployments": {"name": {"any_": [name]}}}, int
        )
        outcome.events_missing += BURST - await settled(
            http,
            "/events/filter",
            {"filter": {"event": {"name": [name]}}, "limit": 1},
            lambda found: found["total"],
        )


async def made(http: httpx.AsyncClient, path: str, body: object) -> str:
    """The id of what was made, once the server is no longer busy with the burst before."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while (answer := await http.post(path, json=body)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        if time.monotonic() > ends:
            break
        await asyncio.sleep(0.25)
    return str(answer.raise_for_status().json()["id"])


async def settled(http: httpx.AsyncClient, path: str, body: object, count: Callable[[Any], int]) -> int:
    """How many there are, once there are all or no more come for five seconds."""
    found, quiet_since = -1, time.monotonic()
    while found < BURST and time.monotonic() - quiet_since < 5:
        answer = await http.post(path, json=body)
        now = count(answer.json()) if answer.is_success else found
        if now != found:
            found, quiet_since = now, time.monotonic()
        await asyncio.sleep(0.25)
    return found


async def measure(kind: str, bursts: int, folder: Path) -> Outcome:
    """Everything about one database."""
    outcome = Outcome(kind)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(data_dir=folder / kind, prefect_port=port)
    settings.data_dir.mkdir()
    mark = marks.new(settings.data_dir)
    parts: list[int] = []
    database: Part | None = None
    try:
        if kind == "PostgreSQL":
            data = settings.data_dir / "postgres"
            env = environment.bare(mark)
            begun = time.monotonic()
            postgres.ensure(data, env)
            log = settings.data_dir / "postgres.log"
            database = Part("postgres", postgres.command(data), env, log, data, postgres.account(), 2)
            await database.start()
            await until(lambda: postgres.serves(data), "PostgreSQL", 0.05)
            outcome.healthy_fresh = time.monotonic() - begun
            parts.append(database.pid)
            url = postgres.url(data)
        else:
            url = f"sqlite+aiosqlite:///{settings.data_dir / 'prefect.db'}"
        async with server(settings, url, mark) as (_, seconds):
            outcome.healthy_fresh += seconds
        async with server(settings, url, mark) as (part, seconds):
            outcome.healthy_again = seconds
            for _ in range(bursts):
                await burst(settings, outcome)
            outcome.memory_mb = sum(memory(pid) for pid in (*parts, part.pid))
            outcome.locked = part.log.read_text(errors="replace").count("database is locked")
        if database:
            await database.stop()
    finally:
        marks.end_all(mark)
    return outcome


def memory(pid: int) -> float:
    """Proportional memory of a process and its children, in MB (shared pages counted once)."""
    root = psutil.Process(pid)
    used = 0.0
    for one in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's come and go
            used += one.memory_full_info().pss / 1e6
    return used


def main() -> None:
    """Measure both and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bursts", type=int, default=3)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    chosen = parser.parse_args()
    bursts, kinds = chosen.bursts, [chosen.only] if chosen.only else ["SQLite", "PostgreSQL"]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)  # noqa: S103, PTH101 - PostgreSQL runs as another user when we are root
        outcomes = [asyncio.run(measure(kind, bursts, Path(folder))) for kind in kinds]
    print(f"{bursts} bursts of {BURST} run requests and {BURST} events, {AT_ONCE} of each at once\n")
    print(HEADER)
    print("\n".join(outcome.row() for outcome in outcomes))
    keep("prefect_database", [vars(one) for one in outcomes])


if __name__ == "__main__":
    main()
