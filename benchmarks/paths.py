"""How many functions and files of ours three things pass through on their way to the mail that tells of them.

    python -m benchmarks.paths [--list]

- a course completion that is recorded, until the mail that access is granted;
- the rule "two administrators at a school account", until the digest that tells of its finding;
- a look at the page of a reported account, until the mail that the account is live.

Each is walked once, on a real store (SQLite), with a real page and a real mail server on loopback. Every call
of a function of ours is noted (`sys.setprofile`). Counted are different named functions, and the files where
something ran, templates among them. Not counted: what other processes do (a page is parsed in one), and what
the tests' helpers do to prepare the ground. Prefect is away: flows only pass on what is walked here.

A second table has the size of the code: lines, and which share of those that are not blank imports something.
`--list` names the files of each way, with the functions in them.
"""

import argparse
import ast
import asyncio
import logging
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import CodeType, FrameType

import structlog

from benchmarks.mail_server import a_mail_server
from benchmarks.results import keep
from deployments.migrations import upgrade
from policy.calendar import Calendar
from policy.model import Policy, load
from schemas.settings import ROOT, Settings
from schemas.words import Via
from tasks.access import lifecycle as access
from tasks.accounts import lifecycle as accounts
from tasks.findings.evaluation import evaluate
from tasks.findings.notify_findings import tell_communications, tell_people
from tasks.mail.delivery import deliver
from tasks.pages import lifecycle as pages
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.training.completions import CompletionForm, record_completion
from tests.factories.division import an_access, an_account
from tests.stack.public_site import Site, notice, site
from tests.support.stages import approved, prepared
from tests.support.world import CO, TEACHER, World, division, mail

PACKAGES = ("schemas", "policy", "tasks", "flows", "deployments")
NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)


@dataclass
class Way:
    """What ran on one way: the named functions, and the files."""

    name: str
    functions: set[tuple[str, str]] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def listing(self) -> str:
        inside = {
            file: sorted(what for where, what in self.functions if where == file) for file in self.files
        }
        return "\n".join(f"{file}: {', '.join(inside[file])}" for file in sorted(inside))

    def row(self) -> str:
        templates = sum(not one.endswith(".py") for one in self.files)
        return f"| {self.name} | {len(self.functions)} | {len(self.files)} | {templates} |"


@contextmanager
def traced(name: str) -> Iterator[Way]:
    """Note every call of the block."""
    ran: set[CodeType] = set()
    way = Way(name)

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            ran.add(frame.f_code)

    threading.setprofile(note)  # of threads to come: so the loop gets new ones
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
    sys.setprofile(note)
    try:
        yield way
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    for code in ran:
        file = Path(code.co_filename)
        if not file.is_relative_to(ROOT) or file.relative_to(ROOT).parts[0] not in PACKAGES:
            continue
        inside = str(file.relative_to(ROOT))
        way.files.add(inside)
        if inside.endswith(".py") and not code.co_name.startswith("<"):
            way.functions.add((inside, code.co_qualname))


@dataclass
class Ground:
    """A small division in a store of its own, and how its mail leaves."""

    world: World
    settings: Settings

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def policy(self) -> Policy:
        return self.world.policy

    @property
    def now(self) -> datetime:
        return self.world.now

    async def send(self) -> int:
        """Send what may leave now; how many notices left."""
        report = await deliver(
            self.store, self.policy, self.settings, now=self.now, clock=lambda: self.now, worker="paths"
        )
        return report.notices


async def completion(ground: Ground, way: str) -> Way:
    """Everything but the course is met; then the course is completed."""
    world, store, policy = ground.world, ground.store, ground.policy
    await approved(world)
    await world.meet_gates(1, TEACHER, course=False)
    await world.drain()
    await ground.send()
    runtime = Runtime(ground.settings, policy, store)
    day = ground.now.date() - timedelta(days=2)
    form = CompletionForm(actor=mail(CO), person=mail(TEACHER), completed_on=day)
    with traced(way) as walked:
        await record_completion(store, policy, form, via=Via.COMMAND, now=ground.now)
        for case in await access.due(runtime, ground.now):
            await access.move(runtime, case, ground.now)
        sent = await ground.send()
    happened(walked, sent)
    return walked


async def two_administrators(ground: Ground, way: str) -> Way:
    """A live account has one administrator, a teacher; the digest leaves the next morning."""
    world, store, policy = ground.world, ground.store, ground.policy
    await world.put(an_account(1), an_access(1, TEACHER))
    calendar = Calendar(policy)
    with traced(way) as walked:
        async with store.write() as session:
            await evaluate(
                session, policy.rule("school-administrators"), policy, calendar.today(ground.now), ground.now
            )
        async with store.write() as session:
            await tell_communications(session, policy, ground.now)
            await tell_people(session, policy, ground.now)
        world.now = calendar.digest_moment(ground.now)
        sent = await ground.send()
    happened(walked, sent)
    return walked


async def page(ground: Ground, way: str, public: Site) -> Way:
    """All but the notice stands; its page is on this machine."""
    world, policy = ground.world, ground.policy
    runtime = Runtime(ground.settings, policy, ground.store)
    await prepared(world)
    await world.report(1, TEACHER, address=public.put("lakeside", notice(policy)))
    await world.drain()
    await ground.send()
    with traced(way) as walked:
        for case in await pages.due(runtime, ground.now):
            await pages.move(runtime, case, ground.now)
        for case in await accounts.due(runtime, ground.now):
            await accounts.move(runtime, case, ground.now)
        sent = await ground.send()
    happened(walked, sent)
    return walked


def happened(way: Way, sent: int) -> None:
    """A way that ends without a mail was not walked to its end."""
    if not sent:
        raise RuntimeError(f"no mail left at the end of: {way.name}")


@asynccontextmanager
async def ground(folder: Path, name: str, settings: Settings) -> AsyncIterator[Ground]:
    """A new store with a small division in it."""
    url = f"sqlite+aiosqlite:///{folder / name}.db"
    await asyncio.to_thread(upgrade, url)
    store = Store.open(url)
    try:
        world = World(store, load(settings.policy_file), NOW)
        await world.put(*division())
        yield Ground(world, settings)
    finally:
        await store.close()


async def walk(folder: Path, port: int, public: Site) -> list[Way]:
    """All three, each on ground of its own."""
    settings = Settings(data_dir=folder, smtp_port=port, page_allow=frozenset({public.host}))
    async with ground(folder, "completion", settings) as on:
        first = await completion(on, "a completion, until its mail")
    async with ground(folder, "rule", settings) as on:
        second = await two_administrators(on, "the rule of two administrators, until its digest")
    async with ground(folder, "page", settings) as on:
        third = await page(on, "a page check, until its mail", public)
    return [first, second, third]


def load_everything() -> None:
    """Import all modules before anything is noted: what an import runs is no part of a way."""
    for package in PACKAGES:
        for module in walk_packages([str(ROOT / package)], f"{package}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                import_module(module.name)


@dataclass
class Size:
    """The Python of a package: lines, of which imports, and modules."""

    package: str
    modules: int = 0
    lines: int = 0
    filled: int = 0
    imports: int = 0

    def row(self) -> str:
        return (
            f"| {self.package} | {self.modules} | {self.lines:,} | {100 * self.imports / self.filled:.1f} % |"
        )


def sizes() -> list[Size]:
    """Each package, and all of them. Migrations are counted: they are read too."""
    found = []
    for package in PACKAGES:
        size = Size(package)
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text()
            size.modules += 1
            size.lines += text.count("\n")
            size.filled += sum(bool(line.strip()) for line in text.splitlines())
            size.imports += sum(
                (node.end_lineno or node.lineno) - node.lineno + 1
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Import | ast.ImportFrom)
            )
        found.append(size)
    total = Size("all")
    for one in found:
        total.modules += one.modules
        total.lines += one.lines
        total.filled += one.filled
        total.imports += one.imports
    return [*found, total]


def main() -> None:
    """Walk, count, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--list", action="store_true", help="name the files and functions of each way")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    load_everything()
    with tempfile.TemporaryDirectory() as folder, a_mail_server() as server, site() as public:
        ways = asyncio.run(walk(Path(folder), server.port, public))
    print("| way | functions | files | of them templates |\n|---|--:|--:|--:|")
    print("\n".join(one.row() for one in ways))
    if chosen.list:
        print("\n\n".join(f"{one.name}:\n{one.listing()}" for one in ways))
    counted = sizes()
    print("\n| package | modules | lines | imports |\n|---|--:|--:|--:|")
    print("\n".join(one.row() for one in counted))
    keep("paths", [{"name": w.name, "functions": len(w.functions), "files": len(w.files)} for w in ways])
    keep("size", [asdict(one) for one in counted])


if __name__ == "__main__":
    main()
