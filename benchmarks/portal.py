"""The web pages, asked by eight people at once.

    python -m benchmarks.portal [ACCOUNTS …] [--only SQLite|PostgreSQL] [--times 40]

One real process (`python -m portal`) over a division whose rules were held once, so that findings and open
steps are there. Each page is asked for in turn with `/healthz`, which does nothing: a busy machine makes both
slower, not their ratio. Then 200 check-ins; and what the process takes.
"""

import argparse
import asyncio
import gzip
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil
from sqlalchemy import case, cast, func, insert, literal, select

from benchmarks.beside.machine import machine
from benchmarks.beside.stack import free_ports
from benchmarks.beside.visitors import Answer, Visitor, Waited, at_once
from benchmarks.databases import DATABASES, an_empty_store
from benchmarks.division import FIRST, NOW, OFFICER, TODAY
from benchmarks.filling import fill
from benchmarks.results import keep
from deployments.local.environment import FOR_PAGES
from policy.model import Policy, load
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.settings import ROOT
from schemas.settings import load as load_settings
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState, SignInWay, SubjectKind
from tasks import clock
from tasks.findings.evaluation import evaluate
from tasks.sign_in import sessions
from tasks.store import Store

PEOPLE, CHECK_INS = 8, 200
HEADER = (
    "| database | accounts | page | median (ms) | 95th percentile (ms) | a second "
    "| 95th ÷ that of /healthz |\n"
    "|---|--:|---|--:|--:|--:|--:|"
)
OTHER = (
    "| database | accounts | check-ins | a second | refused | memory at first (MB) | at the end (MB) "
    "| first page and its files (bytes) |\n|---|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True)
class Page:
    """One page at one size. Milliseconds."""

    database: str
    accounts: int
    page: str
    waited: Waited
    nothing: Waited

    def row(self) -> str:
        one = self.waited
        return (
            f"| {self.database} | {self.accounts:,} | {self.page} | {one.median:.1f} | {one.most:.1f} "
            f"| {one.rate:.0f} | {one.most / self.nothing.most:.1f} |"
        )


@dataclass(frozen=True)
class Process:
    """Check-ins, and what the process takes."""

    database: str
    accounts: int
    check_ins: int
    took: float  # seconds, for all of them
    refused: int
    memory_first: float
    memory: float
    first_page: int

    def row(self) -> str:
        return (
            f"| {self.database} | {self.accounts:,} | {self.check_ins} "
            f"| {self.check_ins / self.took:.0f} | {self.refused} "
            f"| {self.memory_first:.0f} | {self.memory:.0f} | {self.first_page:,} |"
        )


async def hold(store: Store, policy: Policy) -> None:
    """Each rule once, and an open step for the first administrator of each account with a finding."""
    for rule in policy.rules():
        async with store.write() as session:
            await evaluate(session, rule, policy, TODAY, NOW)
    found, access, item = table_of(Finding), table_of(Access), table_of(ActionItem)
    first = (
        select(access.c.account_id, func.min(access.c.person_id).label("person"))
        .group_by(access.c.account_id)
        .subquery()
    )
    key = literal("mend/").concat(cast(found.c.id, item.c.key.type))
    fixed = {
        "kind": ItemKind.MEND_FINDING,
        "subject_kind": SubjectKind.FINDING,
        "opened_at": NOW,
        "reminders": 0,
        "state": ItemState.OPEN,
    }
    rows = select(
        key,
        found.c.control,
        case((found.c.person_id > 0, found.c.person_id), else_=first.c.person),
        found.c.id,
        found.c.due_on,
        *(literal(value, item.c[name].type) for name, value in fixed.items()),
    ).join(first, first.c.account_id == found.c.account_id)
    async with store.write(audited=False) as session:
        names = ["key", "control", "person_id", "subject_id", "due_on", *fixed]
        await session.run(insert(item).from_select(names, rows))
    await store.count_anew()


async def administered(store: Store) -> list[tuple[int, int]]:
    """Accounts in use, each with somebody who administers it; people who were not named before come first."""
    access, account, person = table_of(Access), table_of(Account), table_of(Person)
    wanted = (
        select(account.c.id, access.c.person_id)
        .join(access, account.c.id == access.c.account_id)
        .join(person, person.c.id == access.c.person_id)
        .where(
            person.c.active,  # nobody else signs in
            access.c.state == AccessState.GRANTED,
            account.c.state == AccountState.LIVE,
            access.c.person_id >= FIRST,
        )
        .order_by(access.c.person_id, account.c.id)
        .limit(20 * CHECK_INS)
    )
    async with store.read() as session:
        rows = [(row[0], row[1]) for row in await session.run(wanted)]
    first = {whose: (its, whose) for its, whose in reversed(rows)}
    each = [one for _, one in sorted(first.items())]
    return [*each, *(one for one in rows if one not in each)][:CHECK_INS]


@asynccontextmanager
async def a_portal(store: Store, folder: Path) -> AsyncIterator[tuple[int, psutil.Process]]:
    """The real process over this store, at the moment that the division was made for."""
    (port,) = free_ports(1)
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("STEWARD_", "PREFECT_"))
    } | {
        **FOR_PAGES,
        "STEWARD_DATA_DIR": str(folder),
        "STEWARD_DATABASE_URL": store._engine.url.render_as_string(hide_password=False),  # noqa: SLF001
        "STEWARD_PORTAL_PORT": str(port),
        clock.OFFSET: f"{(NOW - clock.wall()).total_seconds():.0f}",
    }
    with (folder / "portal.log").open("w") as log:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "portal", cwd=ROOT, env=env, stdout=log, stderr=log
        )
    try:
        while not await _answers(port):
            if running.returncode is not None:
                raise RuntimeError((folder / "portal.log").read_text())
            await asyncio.sleep(0.1)
        yield port, psutil.Process(running.pid)
    finally:
        running.terminate()
        await running.wait()


async def _answers(port: int) -> bool:
    try:
        async with Visitor(port, "") as one:
            return (await one.ask("/readyz")).status == 200
    except OSError:
        return False


def memory(process: psutil.Process) -> float:
    """What it takes, in MB."""
    return float(process.memory_info().rss) / 1e6


class Measuring:
    """A running portal over a store, and the visitors who ask it."""

    def __init__(self, store: Store, port: int, stack: AsyncExitStack) -> None:
        self._store, self._port, self._stack = store, port, stack

    async def visitors(self, people: Sequence[int]) -> list[Visitor]:
        """A browser for each, signed in."""
        lasts, made = timedelta(hours=12), []
        for one in people:
            token = await sessions.begin(self._store, one, SignInWay.SAMPLE, now=NOW, lasts=lasts)
            made.append(await self._stack.enter_async_context(Visitor(self._port, token)))
        return made

    async def pages(self, pairs: Sequence[tuple[int, int]]) -> dict[str, list[tuple[Visitor, str]]]:
        """What is asked for, by whom."""
        own = await self.visitors([person for _, person in pairs])
        officers = await self.visitors([OFFICER] * PEOPLE)
        each = [(one, account) for one, (account, _) in zip(own, pairs, strict=True)]
        return {
            "/": [(one, "/") for one in own],
            "/accounts/…": [(one, f"/accounts/{account}") for one, account in each],
            "/queue": [(one, "/queue") for one in officers],
            "/queue, everybody's": [(one, "/queue?whose=all") for one in officers],
            "/verify": [(one, f"/verify?q=@sample.{account}") for one, account in each],
            "/api/v1/verify.json": [
                (one, f"/api/v1/verify.json?q=sample.{account}") for one, account in each
            ],
        }

    async def check_ins(self, pairs: Sequence[tuple[int, int]]) -> tuple[float, int]:
        """As many as there are pairs, eight at once: the seconds they took, and how many were refused."""
        signed = await self.visitors([person for _, person in pairs])
        own = [gunzipped(await one.ask("/")).decode() for one in signed]
        marks = [re.findall('name="made_for" value="([^"]+)"', page)[0] for page in own]
        waiting = list(enumerate(zip(signed, pairs, marks, strict=True)))
        refused = 0

        async def one_after_the_other() -> None:
            nonlocal refused
            while waiting:
                number, (browser, (account, _), mark) = waiting.pop()
                typed = f"accounts={account}&key=morning{number}&made_for={mark}"
                said = await browser.ask("/check-in", typed)
                refused += said.status != 303

        begun = time.perf_counter()
        await asyncio.gather(*(one_after_the_other() for _ in range(PEOPLE)))
        return time.perf_counter() - begun, refused


async def weight(one: Visitor) -> int:
    """Bytes of the first page with its style and its mark, as they come over the wire."""
    page = await one.ask("/")
    shown = gunzipped(page).decode()
    files = sorted(set(re.findall(r'"(/static/[^"]+)"', shown)))
    return len(page.body) + sum([len((await one.ask(file)).body) for file in files])


def gunzipped(answer: Answer) -> bytes:
    """What the browser sees."""
    return gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body


async def measure(
    database: str, accounts: int, policy: Policy, folder: Path, times: int
) -> tuple[list[Page], Process]:
    """One database at one size."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(an_empty_store(database, folder))
        await fill(store, accounts, policy)
        await hold(store, policy)
        pairs = await administered(store)
        port, process = await stack.enter_async_context(a_portal(store, folder))
        at_first = memory(process)
        asking = Measuring(store, port, stack)
        people = pairs[:PEOPLE]
        measured = []
        for name, asked in (await asking.pages(people)).items():
            visits = [partial(one.ask, path) for one, path in asked]
            await at_once(visits, 2, 200)
            waited = await at_once(visits, times, 200)
            nothing = await at_once([partial(one.ask, "/healthz") for one, _ in asked], times, 200)
            measured.append(Page(database, accounts, name, waited, nothing))
            print(measured[-1].row(), flush=True)
        took, refused = await asking.check_ins(pairs)
        first = await weight((await asking.visitors([people[0][1]]))[0])
        rest = Process(database, accounts, len(pairs), took, refused, at_first, memory(process), first)
        print(rest.row(), flush=True)
        return measured, rest


def main() -> None:
    """Measure and print the tables of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("accounts", nargs="*", type=int, default=[168, 100_000])
    parser.add_argument("--only", choices=DATABASES)
    parser.add_argument("--times", type=int, default=40, help="how often each of the eight asks for a page")
    chosen = parser.parse_args()
    print(machine(), flush=True)
    policy = load(load_settings().policy_file)
    policy = policy.changed("daily-look", begins_on=TODAY - timedelta(days=365))
    pages: list[Page] = []
    rests: list[Process] = []
    with tempfile.TemporaryDirectory(prefix="steward-portal-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103, PTH101 - PostgreSQL runs as another user when we are root
        for database in (chosen.only,) if chosen.only else DATABASES:
            for accounts in sorted(chosen.accounts):
                home = Path(folder) / f"{database}-{accounts}"
                found, rest = asyncio.run(measure(database, accounts, policy, home, chosen.times))
                pages += found
                rests.append(rest)
    print("\n".join(["", HEADER, *(one.row() for one in pages)]))
    print("\n".join(["", OTHER, *(one.row() for one in rests)]))
    keep("portal", [*map(asdict, pages), *map(asdict, rests)])


if __name__ == "__main__":
    main()
