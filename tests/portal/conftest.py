"""The web pages over the small division."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.settings import Settings
from tasks.store import verifying
from tests.portal.browser import Portal
from tests.support.world import World


@pytest.fixture
async def portal(one_world: World, tmp_path: Path) -> AsyncIterator[Portal]:
    """Whatever was pressed on a page, the audit chain is whole after it."""
    yield Portal(one_world, Settings(data_dir=tmp_path))
    await verifying.verify(one_world.store)


@pytest.fixture
def portal_behind(one_world: World, tmp_path: Path) -> Portal:
    """For tests that change the store behind the door."""
    return Portal(one_world, Settings(data_dir=tmp_path))


@pytest.fixture
def portal_on_both(world: World, tmp_path: Path) -> Portal:
    return Portal(world, Settings(data_dir=tmp_path))
