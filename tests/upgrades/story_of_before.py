"""The story that fills a store of before. It runs in a checkout of that time, as one of its tests."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from policy.model import Policy
from tasks.findings.evaluation import evaluate
from tasks.store import Store
from tests.support.stages import live
from tests.support.world import World, division


async def test_the_store_of_before(sqlite_url: str, policy: Policy, now: datetime) -> None:
    """A live account, a request that waits for its decision, findings on what is missing."""
    store = Store.open(sqlite_url)
    world = World(store, policy, now)
    await world.put(*division())
    await live(world)
    await world.submit(handle="@lakeside.readers", purpose="News of the readers, and what's new.")
    await world.drain()
    world.later(days=400)  # looks, courses and lists have grown old
    async with store.write() as session:
        for rule in policy.rules():
            await evaluate(session, rule, policy, world.now.date(), world.now)
    await world.drain()
    await store.close()
    shutil.copyfile(sqlite_url.removeprefix("sqlite+aiosqlite:///"), Path(os.environ["STORE_OF_BEFORE"]))
