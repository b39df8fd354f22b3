"""Page checks a second, beside a bare loop that only GETs the same pages.

    python -m benchmarks.page_checks [PAGES] [--rounds 2] [--database SQLite|PostgreSQL …]

A server of its own process has the pages (50 to 200 KB, see benchmarks/beside/site.py) on 16 addresses of
this machine. Ours is the real round: due pages from the store, guarded fetch, text by a process of its own,
judgement, one record a page; only the waits of politeness are zero. The bare loop has one httpx client, the
same number of hosts at once, and does nothing with what it gets. Both alternate. Then, one page after the
other, where the time goes.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import delete, update
from sqlmodel import col

from benchmarks.beside.machine import machine
from benchmarks.beside.site import address
from benchmarks.databases import DATABASES, an_empty_store
from benchmarks.division import NOW
from benchmarks.filling import fill
from benchmarks.results import keep
from policy.controls.display import Display
from policy.model import Policy, load
from policy.notice_text import judge
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.evidence import PageCheck
from schemas.settings import ROOT, Settings
from schemas.settings import load as load_settings
from schemas.states import AccountState
from tasks.pages import HttpPageReader, PageLimits, Readers
from tasks.pages.lifecycle import fetch, record
from tasks.pages.page_round import look_at_due_pages
from tasks.pages.sandbox import read_apart
from tasks.store import Store
from tests.support.rules import the_notice

HOSTS = 16
STAGE_PAGES = 100
STARTED = 20


@dataclass
class Measured:
    """One database. Pages a second of each round, and milliseconds a page of each stage by itself."""

    database: str
    pages: int
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return statistics.median(self.ours) / statistics.median(self.bare)

    def row(self) -> str:
        return (
            f"| {self.database} | {self.pages:,} | {statistics.median(self.bare):.0f} "
            f"| {statistics.median(self.ours):.0f} | {self.ratio:.2f} | "
            + " | ".join(f"{each:.1f}" for each in self.stages.values())
            + " |"
        )


STAGES = ("bare GET", "guarded fetch", "text, as a single look", "text", "judge", "record")
HEADER = (
    "| database | pages | bare (pages/s) | round (pages/s) | round ÷ bare | "
    + " | ".join(f"{stage} (ms)" for stage in STAGES)
    + " |\n|---|--:|--:|--:|--:|"
    + "--:|" * len(STAGES)
)


@contextmanager
def site(pages: int) -> Iterator[int]:
    """The server; its port."""
    command = [sys.executable, "-m", "benchmarks.beside.site", str(pages), str(HOSTS)]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the server has no pipes")
        yield int(server.stdout.readline())
        server.stdin.close()


async def publish(store: Store, pages: int, port: int) -> None:
    """All accounts live, each with a page, none looked at yet."""
    accounts = table_of(Account)
    async with store.write(audited=False) as session:
        await session.run(delete(table_of(PageCheck)))
        await session.run(update(accounts).values(state=AccountState.LIVE))
        for page in range(pages):
            await session.run(
                update(accounts)
                .where(col(Account.id) == page + 1)
                .values(address=address(port, HOSTS, page), notice_address=None)
            )


async def bare_round(addresses: list[str], at_once: int) -> None:
    """GET every page; each host's one after the other, so many hosts at once."""
    queues: dict[str, list[str]] = {}
    for one in addresses:
        queues.setdefault(httpx.URL(one).host, []).append(one)
    gate = asyncio.Semaphore(at_once)
    async with httpx.AsyncClient(trust_env=False) as client:

        async def one_host(queue: list[str]) -> None:
            async with gate:
                for each in queue:
                    (await client.get(each)).raise_for_status()

        await asyncio.gather(*map(one_host, queues.values()))


@asynccontextmanager
async def timed(into: dict[str, float], stage: str, pages: int) -> AsyncIterator[None]:
    begun = time.perf_counter()
    yield
    into[stage] = 1000 * (time.perf_counter() - begun) / pages


async def stages(store: Store, policy: Policy, settings: Settings, addresses: list[str]) -> dict[str, float]:
    """Milliseconds a page of each stage, one page after the other: what none of them hides behind another."""
    some, found = addresses[:STAGE_PAGES], dict.fromkeys(STAGES, 0.0)
    limits = PageLimits(seconds=policy.pages.seconds_at_most, decoded_bytes=policy.pages.bytes_at_most)
    async with httpx.AsyncClient(trust_env=False) as client, Readers() as readers:
        async with timed(found, "bare GET", len(some)):
            bodies = [(await client.get(one)).text for one in some]
        async with timed(found, "text, as a single look", len(some[:STARTED])):
            for body in bodies[:STARTED]:
                await read_apart(body)  # an interpreter started for each page
        await readers.read("")  # so that its start is not counted
        async with timed(found, "text", len(some)):
            texts = [str((await readers.read(body))["text"]) for body in bodies]
        reader = HttpPageReader(limits, settings.page_allow, readers=readers)
        async with timed(found, "guarded fetch", len(some)):
            for one in some:
                await reader.read(one)
        found["guarded fetch"] -= found["text"]
        async with timed(found, "judge", len(some)):
            for text in texts:
                judge(text, the_notice(policy))
        looks = [await fetch(policy, the_notice(policy), settings, one, None, NOW, readers) for one in some]
        async with timed(found, "record", len(some)):
            for number, (one, look) in enumerate(zip(some, looks, strict=True), 1):
                await record(store, policy, number, one, look, NOW)
    return found


async def measure(
    database: str, folder: Path, policy: Policy, pages: int, rounds: int, port: int
) -> Measured:
    measured = Measured(database, pages)
    hosts = {f"127.0.0.{1 + n}:{port}" for n in range(HOSTS)}
    settings = load_settings().model_copy(update={"page_allow": frozenset(hosts)})
    addresses = [address(port, HOSTS, page) for page in range(pages)]
    at_once, now = policy.pages.politeness.hosts_at_once, NOW
    async with an_empty_store(database, folder / database) as store:
        await fill(store, pages, policy)
        await publish(store, pages, port)
        for _ in range(rounds):
            begun = time.perf_counter()
            await bare_round(addresses, at_once)
            measured.bare.append(pages / (time.perf_counter() - begun))
            begun = time.perf_counter()
            report = await look_at_due_pages(store, policy, settings, now)
            measured.ours.append(pages / (time.perf_counter() - begun))
            seen = dict(report.verdicts)
            if sum(seen.values()) != pages or seen["exact"] < 0.9 * pages:
                raise RuntimeError(f"the round saw something else than what is there: {report}")
            print(
                f"{database}: bare {measured.bare[-1]:.0f}, round {measured.ours[-1]:.0f} pages/s; {report}",
                flush=True,
            )
            now += timedelta(days=policy.the(Display).look_every_days, hours=1)
        measured.stages = await stages(store, policy, settings, addresses)
    return measured


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pages", nargs="?", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--database", choices=DATABASES, action="append")
    chosen = parser.parse_args()
    policy = load(load_settings().policy_file)
    # the machinery is measured, not the politeness: no waits, as many hosts at once as the policy says
    politeness = policy.pages.politeness.model_copy(update={"seconds_between": 0})
    pages = policy.pages.model_copy(update={"politeness": politeness})
    policy = policy.model_copy(update={"pages": pages})
    before = machine()
    with tempfile.TemporaryDirectory() as made, site(chosen.pages) as port:
        folder = Path(made)
        folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
        outcomes = [
            asyncio.run(measure(database, folder, policy, chosen.pages, chosen.rounds, port))
            for database in chosen.database or DATABASES
        ]
    print(f"\n{before} before, {machine()} after\n\n{HEADER}")
    print("\n".join(one.row() for one in outcomes))
    keep("page_checks", [{**asdict(one), "ratio": one.ratio, "machine": machine()} for one in outcomes])


if __name__ == "__main__":
    main()
