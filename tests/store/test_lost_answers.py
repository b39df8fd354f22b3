"""The store's answer to a commit is lost on the way: only the store knows whether it was kept."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from schemas.errors import StoreUnavailable
from schemas.people import School
from tasks.store import Store
from tests.store.subjects import a_school

SOCKET = ".s.PGSQL.5432"


class Line:
    """A relay before PostgreSQL. Once told to, it passes a commit on, and cuts the line at its answer."""

    def __init__(self, behind: str) -> None:
        self.behind, self.cuts, self.cut = behind, False, False

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self.behind)
        committing = asyncio.Event()

        async def out() -> None:
            while data := await reader.read(65536):
                if self.cuts and b"COMMIT;" in data:
                    committing.set()
                there_writer.write(data)

        async def back() -> None:
            while data := await there_reader.read(65536):
                if committing.is_set():
                    self.cuts, self.cut = False, True
                    return
                writer.write(data)

        ways = [asyncio.create_task(out()), asyncio.create_task(back())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        writer.transport.abort()
        there_writer.transport.abort()


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[tuple[Line, str]]:
    """A relay to the database of this URL, and the URL through it."""
    made = make_url(url)
    line = Line(f"{made.query['host']}/{SOCKET}")
    with tempfile.TemporaryDirectory(prefix="steward-line-") as folder:
        listening = await asyncio.start_unix_server(line.pass_on, Path(folder, SOCKET))
        async with listening:
            yield line, made.set(query={"host": folder}).render_as_string(hide_password=False)


async def schools(store: Store) -> int:
    async with store.read() as session:
        found = await session.run(select(func.count()).select_from(School))
        return int(found.scalar_one())


async def test_a_lost_answer_to_a_commit_is_not_told_as_nothing_kept(postgresql_url: str) -> None:
    async with line_to(postgresql_url) as (line, url):
        store = Store.open(url)
        try:
            assert await schools(store) == 0
            line.cuts = True
            with pytest.raises(StoreUnavailable) as lost:
                async with store.write() as session:
                    await a_school(session)
            assert line.cut
            assert str(lost.value).startswith("The store was lost while it kept this (")
            assert str(lost.value).endswith("); look if it was kept before you try again.")
            assert "nothing was kept" not in str(lost.value)
            assert await schools(store) == 1  # the same store, over a new connection
        finally:
            await store.close()
