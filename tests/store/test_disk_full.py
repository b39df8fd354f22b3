"""The operating system refuses to let the store's file grow, in a process with a limit on its files."""

import asyncio
import resource
from datetime import datetime
from multiprocessing.connection import Connection

from sqlalchemy import select, text
from sqlmodel import col

from schemas.errors import StoreUnavailable
from schemas.people import Person
from tasks.store import Store, verifying
from tests.store.subjects import a_person, an_account, entries
from tests.support import forks

ROOM = 40_000  # bytes beyond what the empty store takes
TRIES = 200


def fill_up(url: str, now: datetime, largest: int, answers: Connection) -> None:
    """Write until refused and some way on, lift the limit, write again; send what was acknowledged."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))

    async def work() -> tuple[list[int], list[int], list[int]]:
        store = Store.open(url)
        before, refused, after = [], [], []
        try:
            for number in range(1, TRIES):
                try:
                    async with store.write() as session:
                        await an_account(session, await a_person(session, number), now, f"account{number}")
                except StoreUnavailable:
                    refused.append(number)
                    if len(refused) == 10:  # it stays refused, and each is told
                        break
                else:
                    before.append(number)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            for number in range(TRIES, TRIES + 10):
                async with store.write() as session:
                    await an_account(session, await a_person(session, number), now, f"account{number}")
                after.append(number)
        finally:
            await store.close()
        return before, refused, after

    answers.send(asyncio.run(work()))


async def test_a_file_that_may_not_grow(sqlite_store: Store, sqlite_url: str, now: datetime) -> None:
    async with sqlite_store.read() as session:
        pages = (await session.run(text("PRAGMA page_count"))).scalar_one()
        size = (await session.run(text("PRAGMA page_size"))).scalar_one()
    ours, theirs = forks.FORKS.Pipe(duplex=False)
    process = forks.process(fill_up, sqlite_url, now, pages * size + ROOM, theirs)
    process.start()
    theirs.close()
    before, refused, after = await asyncio.to_thread(ours.recv)
    await asyncio.to_thread(process.join)
    assert process.exitcode == 0
    process.close()
    ours.close()
    assert before, "nothing was written before the limit"
    assert len(refused) == 10
    assert len(after) == 10, "and it goes on in the same process"
    async with sqlite_store.read() as session:
        found = set((await session.run(select(col(Person.email)))).scalars())
        assert len(await entries(session)) == len(before + after)
        assert (await session.run(text("PRAGMA integrity_check"))).scalar_one() == "ok"
    assert found == {f"robin{number}@example.org" for number in before + after}
    await verifying.verify(sqlite_store)
