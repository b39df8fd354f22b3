from datetime import datetime

import pytest
from stories import World, division

from policy.model import Policy
from tasks.store import Store


@pytest.fixture
async def world(store: Store, policy: Policy, now: datetime) -> World:
    made = World(store, policy, now)
    await made.put(*division())
    return made
