"""Empty migrated stores for the measurements, on both databases, as Steward is run on them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deployments.local import environment, marks, postgres
from deployments.local.parts import Part
from deployments.local.waiting import until
from deployments.migrations import upgrade
from tasks.store import Store

DATABASES = ("SQLite", "PostgreSQL")


@asynccontextmanager
async def an_empty_store(database: str, folder: Path) -> AsyncIterator[Store]:
    """A store of its own in `folder`, which is made; gone with it."""
    folder.mkdir()  # noqa: ASYNC240 - nothing else runs yet
    if database == "SQLite":
        async with _opened(f"sqlite+aiosqlite:///{folder / 'steward.db'}") as store:
            yield store
        return
    mark = marks.new(folder)
    env = environment.bare(mark)
    data = folder / "postgres"
    postgres.ensure(data, env)
    part = Part("postgres", postgres.command(data), env, folder / "postgres.log", data, postgres.account(), 2)
    try:
        await part.start()
        await until(lambda: postgres.serves(data), "PostgreSQL", 0.05)
        async with _opened(postgres.url(data)) as store:
            yield store
        await part.stop()
    finally:
        marks.end_all(mark)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    await asyncio.to_thread(upgrade, url)
    store = Store.open(url)
    try:
        yield store
    finally:
        await store.close()
