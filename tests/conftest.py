"""Fixtures for everybody: an empty migrated store on either database, the policy, and one fixed moment."""

import gc
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deployments.migrations import upgrade
from policy.model import Policy, load
from schemas.settings import Settings
from tasks.store import Store
from tests.support import dealt, lanes
from tests.support.databases import ROOT, Postgres, postgres
from tests.support.quick_store import open_quick
from tests.support.remembered_tables import remembering
from tests.support.world import World, division

#: The same examples each time, and no limit of time: how busy a machine is decides no test.
settings.register_profile("steward", deadline=None, derandomize=True)
settings.load_profile("steward")

TEMPLATE = "steward_template"


#: What one worker does, one after the other. Two pieces of about the same time: each is begun at once, as the
#: school year is, so that nobody waits for the last of them.
ONE_PIECE = {
    "tests/stack/test_ending.py": "stacks of their own, and flows",
    "tests/stack/test_kills.py": "stacks of their own, and flows",
    "tests/stack/": "the stack",
    "tests/flows/": "stacks of their own, and flows",
}


class ServersOnOneWorker(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """The tests that need servers are two pieces of work; any other is one by itself.

    Never more than two stacks share two cores, and one Prefect server is enough for the flows. The marks of
    xdist 3.8 do not do it: pytest 9.2 leaves them without effect.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((piece for path, piece in ONE_PIECE.items() if nodeid.startswith(path)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """With `--dist loadgroup`, as `make test` has it."""
    return ServersOnOneWorker(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--release`: see docs/adr/0099-what-is-long-runs-before-a-release.md."""
    parser.addoption("--release", action="store_true", help="all of it in full, as before a release")


@pytest.hookimpl(tryfirst=True)  # before `-m fast` is looked at
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the fast lane; begin with the school year: begun last, everybody would wait for it."""
    for item in items:
        if lanes.is_fast(item):
            item.add_marker(lanes.FAST)
    items.sort(key=lambda item: not item.nodeid.startswith("tests/year/"))
    dealt.deal(config, items)


def pytest_collection_finish() -> None:
    """What is there now stays: looking through it again and again would cost more than many a test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Refuse servers while a test of the fast lane is set up, runs and ends."""
    with lanes.guard.watching(on=item.get_closest_marker(lanes.FAST) is not None):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """A server that was wanted fails the test, even where the refusal was caught."""
    result = yield
    lanes.guard.check()
    return result


@pytest.fixture(scope="session", autouse=True)
def _quick_stores() -> Iterator[None]:
    """Every store that this process opens is a quick one, and has its tables quickly."""
    with pytest.MonkeyPatch.context() as patch, remembering():
        patch.setattr(Store, "open", staticmethod(open_quick))
        yield


@pytest.fixture(scope="session", autouse=True)
def _data_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds or leaves anything in this checkout's data directory; no browser starts by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEWARD_PAGE_BROWSER", "false")
        patch.setenv("STEWARD_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command sets up the logs of its process: the next test finds them as they were."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser that Debian's package brings (`make debian`)."""
    return Path(Settings().page_browser_program)


@pytest.fixture(scope="session")
def now() -> datetime:
    """Tuesday 20 October 2026, 10:00 in the division: a working day, within working hours."""
    return datetime(2026, 10, 20, 16, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """AP 151 as it is shipped."""
    return load(ROOT / "policy" / "ap151.toml")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run (for each xdist worker), with the migrated template in it.

    Where it can't be started the tests fail: none of them is skipped.
    """
    with postgres() as server:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        upgrade(server.url(TEMPLATE))
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty migrated SQLite store, for those who want only one."""
    path = tmp_path / "steward.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def postgresql_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of an empty migrated PostgreSQL store."""
    with postgres_server.emptied(TEMPLATE) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The name of the database: a test that asks for it, `store_url` or `store` runs once on each."""
    name: str = request.param
    return name


@pytest.fixture
def store_url(database: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty migrated store, once on each database."""
    url: str = request.getfixturevalue(f"{database}_url")
    return url


@pytest.fixture
def bare_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database with nothing in it, once on each database."""
    with ExitStack() as stack:
        if database == "sqlite":
            yield f"sqlite+aiosqlite:///{tmp_path / 'bare.db'}"
        else:
            server: Postgres = request.getfixturevalue("postgres_server")
            yield stack.enter_context(server.database())


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An open store on an empty migrated schema, once on each database."""
    opened = Store.open(store_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """An open store on SQLite."""
    opened = Store.open(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def postgresql_store(postgresql_url: str) -> AsyncIterator[Store]:
    """An open store on PostgreSQL."""
    opened = Store.open(postgresql_url)
    yield opened
    await opened.close()


@pytest.fixture
async def world(store: Store, policy: Policy, now: datetime) -> World:
    """The small division in which stories are played, once on each database."""
    made = World(store, policy, now)
    await made.put(*division())
    return made


@pytest.fixture
async def one_world(sqlite_store: Store, policy: Policy, now: datetime) -> World:
    """The same on SQLite only, where the database makes no difference."""
    made = World(sqlite_store, policy, now)
    await made.put(*division())
    return made
