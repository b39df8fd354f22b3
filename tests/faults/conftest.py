"""The sample division after its first weeks, to be copied; and what an undisturbed night makes of it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deployments.migrations import upgrade
from policy.model import Policy
from tasks.store import Store
from tests.faults.fault_division import Alone, Seasoned, copy_rows, seasoned_division, undisturbed
from tests.support.databases import Postgres, run_in_own_loop
from tests.support.smtp_server import Server, serving

TEMPLATE = "faults_template"


@pytest.fixture(scope="session")
def seasoned(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Seasoned:
    """The division as a SQLite file, and what people's doings are drawn with."""
    path = tmp_path_factory.mktemp("faults") / "seasoned.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return run_in_own_loop(seasoned_division(path, policy))


@pytest.fixture(scope="session")
def alone(seasoned: Seasoned, policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """What the night makes of the division when nothing goes wrong."""
    path = tmp_path_factory.mktemp("alone") / "alone.db"
    shutil.copyfile(seasoned.path, path)
    return run_in_own_loop(undisturbed(path, policy))


@pytest.fixture(scope="session")
def seasoned_postgres(postgres_server: Postgres, seasoned: Seasoned) -> str:
    """The name of a PostgreSQL database with the same rows, to be a template."""
    postgres_server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE steward_template STRATEGY FILE_COPY")
    run_in_own_loop(copy_rows(seasoned.url, postgres_server.url(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def division_url(
    database: str, seasoned: Seasoned, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The URL of a copy of the division, once on each database."""
    if database == "sqlite":
        shutil.copyfile(seasoned.path, tmp_path / "steward.db")
        yield f"sqlite+aiosqlite:///{tmp_path / 'steward.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database(request.getfixturevalue("seasoned_postgres")) as url:
        yield url


@pytest.fixture
async def division_store(division_url: str) -> AsyncIterator[Store]:
    """An open store on a copy of the division, once on each database."""
    opened = Store.open(division_url)
    yield opened
    await opened.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A mail server that takes everything until it is told otherwise."""
    async with serving() as running:
        yield running
