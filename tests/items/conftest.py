from datetime import UTC, datetime

import pytest

from policy.model import Policy
from tasks.store import Store
from tests.items.items_world import World


@pytest.fixture
async def world(store: Store, policy: Policy) -> World:
    """The division with an open item of each kind, asked on Tuesday 8 September 2026."""
    made = World(store, policy, datetime(2026, 9, 8, 16, tzinfo=UTC))
    await made.begin()
    return made
