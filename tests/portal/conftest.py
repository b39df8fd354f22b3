"""The web pages over the small division."""

from pathlib import Path

import pytest

from schemas.settings import Settings
from tests.portal.browser import Portal
from tests.support.world import World


@pytest.fixture
def portal(one_world: World, tmp_path: Path) -> Portal:
    return Portal(one_world, Settings(data_dir=tmp_path))


@pytest.fixture
def portal_on_both(world: World, tmp_path: Path) -> Portal:
    return Portal(world, Settings(data_dir=tmp_path))
