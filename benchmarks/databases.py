"""Empty migrated stores for the measurements, on both databases, as Steward is run on them."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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


def processor_time(database: str, folder: Path) -> float:
    """Seconds of processor time of this process and, of the store in `folder`, of PostgreSQL's processes.

    What other programs do on the machine changes it little. Linux alone says it of other processes.
    """
    spent = time.process_time()
    if database == "SQLite":
        return spent
    server = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    # those that have ended are in the server's own figures, the others tell it to the nanosecond
    ticks = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[11:15]
    spent += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    for one in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            spent += int(Path(f"/proc/{one}/schedstat").read_text().split()[0]) / 1e9
    return spent


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    await asyncio.to_thread(upgrade, url)
    store = Store.open(url)
    try:
        yield store
    finally:
        await store.close()
