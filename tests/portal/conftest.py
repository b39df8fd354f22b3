"""The web pages over the small division."""

import pytest

from schemas.settings import Settings
from tests.portal.browser import Portal
from tests.support.world import World


@pytest.fixture
def portal(one_world: World) -> Portal:
    return Portal(one_world, Settings())


@pytest.fixture
def portal_on_both(world: World) -> Portal:
    return Portal(world, Settings())
