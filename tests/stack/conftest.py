"""The stack as a fixture: one for the session, with the real flows and the sample division."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import run_apart
from running import READY, Place

from deployments.migrations import upgrade
from schemas.people import Person
from schemas.words import PersonKind
from tasks.store import Store


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that stays open to PostgreSQL, which is not root: pytest closes its own ones to others."""
    with tempfile.TemporaryDirectory(prefix="steward-stack-") as made:
        yield Path(made)


@pytest.fixture(scope="session")
def stack() -> Iterator[Place]:
    """A running stack: `stack.env` for commands, `stack.steward(…)` runs one, `stack.ask(…)` asks Prefect."""
    with tempfile.TemporaryDirectory(prefix="steward-stack-") as made, Place(Path(made, "data")).up() as up:
        place = up.place
        up.until(READY)
        place.first_output = up.output
        yield place


@pytest.fixture(scope="module")
def place(folder: Path) -> Place:
    """Where a module's stacks run one after another, on the data of the one before; flows are doubles.

    Its store knows one person, so no sample is loaded: these tests are about processes.
    """
    place = Place(folder / "data", doubles=True)
    place.data.mkdir()
    url = f"sqlite+aiosqlite:///{place.data / 'steward.db'}"
    upgrade(url)
    run_apart(_add_person(url))
    return place


async def _add_person(url: str) -> None:
    store = Store.open(url)
    async with store.write(audited=False) as session:
        session.add(
            Person(given_name="Ada", family_name="Sample", email="ada@example.org", kind=PersonKind.STAFF)
        )
    await store.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stacks share two cores badly: these tests run one after another, on one xdist worker."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stack"))
