"""The stack as a fixture: one for these tests, with the real flows and the sample division.

It ends with the last of them: left running it would take its share of the processors from all that follow.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.migrations import upgrade
from schemas.people import Person
from schemas.words import PersonKind
from tasks.store import Store
from tests.stack.public_site import Site, site
from tests.stack.running import DOUBLES, Place, Up, a_stack
from tests.support.databases import run_in_own_loop


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that stays open to PostgreSQL, which is not root: pytest closes its own ones to others."""
    with tempfile.TemporaryDirectory(prefix="steward-stack-") as made:
        yield Path(made)


@pytest.fixture(scope="package")
def public() -> Iterator[Site]:
    """Where the accounts' pages are."""
    with site() as made:
        yield made


@pytest.fixture(scope="package")
def running(public: Site) -> Iterator[list[Up]]:
    """The stack of these tests, started once; a test that lets it die puts the next one in its place."""
    with a_stack(public) as ups:
        yield ups


@pytest.fixture(scope="package")
def stack(running: list[Up]) -> Place:
    """A running stack: `stack.env` for commands, `stack.steward(…)` runs one, `stack.ask(…)` asks Prefect."""
    return running[0].place


@pytest.fixture(scope="module")
def place(folder: Path) -> Place:
    """Where a module's stacks run one after another, on the data of the one before; flows are doubles.

    Its store knows one person, so no sample is loaded: these tests are about processes.
    """
    place = Place(folder / "data", prefect_file=DOUBLES / "prefect.yaml")
    place.data.mkdir()
    url = f"sqlite+aiosqlite:///{place.data / 'steward.db'}"
    upgrade(url)
    run_in_own_loop(_add_person(url))
    return place


async def _add_person(url: str) -> None:
    store = Store.open(url)
    async with store.write(audited=False) as session:
        session.add(
            Person(given_name="Ada", family_name="Sample", email="ada@example.org", kind=PersonKind.STAFF)
        )
    await store.close()
