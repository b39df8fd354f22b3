"""Pages read by processes apart: bounded, each page alone, and nothing left of them."""

import asyncio
from collections.abc import Iterator

import psutil
import pytest

from tasks.pages import PageUnreadable, Readers, Refusal
from tests.support.children import children, started_since

BUSY = "<div>" * 400_000  # minutes for the parser
SIZE = 2_000_000


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    before = children()
    yield
    assert not started_since(before)


def readers_alive() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if any("visible.py" in word for word in one.cmdline())]


async def test_one_process_stands_ready_for_many_pages() -> None:
    async with Readers() as readers:
        seen = [(await readers.read(f"<p>page {number}"))["text"] for number in range(20)]
        assert len(readers_alive()) == 1
    assert seen == [f"page {number}" for number in range(20)]


async def test_pages_that_are_read_at_once_do_not_mix() -> None:
    pages = [f"<p>{number} " + "x " * 50_000 for number in range(6)]
    async with Readers() as readers:
        seen = await asyncio.gather(*map(readers.read, pages))
    assert [one["text"].split()[0] for one in seen] == [str(number) for number in range(6)]


async def test_what_keeps_the_parser_busy_is_given_up_and_the_next_page_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Readers() as readers:
        with monkeypatch.context() as hurried:
            hurried.setattr("tasks.pages.sandbox.SECONDS", 1)
            for _ in range(2):  # a bound of its own for each page, not one for all
                with pytest.raises(PageUnreadable) as caught:
                    await readers.read(BUSY)
                assert caught.value.code is Refusal.TOO_LARGE
        assert (await readers.read("<p>fine"))["text"] == "fine"


async def test_what_takes_too_much_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.pages.sandbox.BYTES", 100_000_000)
    async with Readers() as readers:
        assert (await readers.read("<p>fine"))["text"] == "fine"
        with pytest.raises(PageUnreadable) as caught:
            await readers.read("<p>x" * (SIZE // 4))  # a few seconds' work, within the other bound
        assert caught.value.code is Refusal.TOO_LARGE
        assert (await readers.read("<p>fine"))["text"] == "fine"


async def test_whoever_stops_waiting_leaves_no_process() -> None:
    async with Readers() as readers:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await readers.read(BUSY)
        assert not readers_alive()
        assert (await readers.read("<p>fine"))["text"] == "fine"
