"""The story that fills a store of before. It runs in a checkout of that time, as one of its tests."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, select

from policy.model import Policy
from schemas.tables import metadata
from tasks.findings.evaluation import evaluate
from tasks.store import Store
from tests.support.any_row import a_row
from tests.support.stages import live
from tests.support.world import World, division


async def fill_the_rest(store: Store) -> None:
    """A row in each table in which the story left none: whatever it says, it is to be there afterwards."""
    async with store.write() as session:
        connection = await session.connection()
        entry = metadata.tables["audit_entry"].c
        head = await connection.scalar(select(entry.hash).order_by(entry.seq.desc()).limit(1))
        true = {"left_head": {"hash": head}}  # what verifying looks for in the chain
        for table in metadata.sorted_tables:
            if not await connection.scalar(select(func.count()).select_from(table)):
                await connection.execute(insert(table).values(**a_row(table, 1) | true.get(table.name, {})))


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
    await fill_the_rest(store)
    await store.close()
    shutil.copyfile(sqlite_url.removeprefix("sqlite+aiosqlite:///"), Path(os.environ["STORE_OF_BEFORE"]))
