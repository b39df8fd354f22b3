from datetime import datetime

import pytest

from policy.model import Policy
from tasks.store import Store
from tests.lifecycles.stories import World, division


@pytest.fixture
async def world(store: Store, policy: Policy, now: datetime) -> World:
    made = World(store, policy, now)
    await made.put(*division())
    return made
