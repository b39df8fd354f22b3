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


@pytest.fixture
async def one_world(sqlite_store: Store, policy: Policy, now: datetime) -> World:
    """The same on SQLite only, where the database makes no difference."""
    made = World(sqlite_store, policy, now)
    await made.put(*division())
    return made
