"""The figures for Prometheus: what they count, that they name nobody, and that they need no store."""

import asyncio
import re
import socket
from datetime import timedelta
from urllib.request import urlopen

import pytest

from portal import metrics
from portal.ground import Ground
from schemas.errors import BadSettings
from schemas.settings import Settings
from tasks.store import Store
from tasks.store.backlog import backlog
from tests.portal.browser import Portal
from tests.support.world import TEACHER, World


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _read(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        return str(answer.read().decode())


async def scraped(here: Ground) -> dict[str, float]:
    """Every figure by its name and labels."""
    port = a_free_port()
    with metrics.served(Settings(portal_metrics_port=port), here):
        text = await asyncio.to_thread(_read, port)
    return {
        name: float(value)
        for name, value in re.findall(r"^(steward_\S+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)
    }


async def test_what_waits_is_counted_and_how_long(world: World) -> None:
    async with world.store.read() as session:
        empty = await backlog(session, world.now)
    assert (set(empty.notices.values()), set(empty.wakes.values())) == ({0}, {0})
    assert (empty.notice_due_seconds, empty.wake_due_seconds) == (0, 0)
    await world.submit()
    async with world.store.read() as session:
        woken = await backlog(session, world.now + timedelta(minutes=2))
    assert (woken.wakes["pending"], woken.wake_due_seconds) == (1, 120)
    await world.drain()
    rows = await world.rows("notice")
    due = min(row["not_before"] for row in rows)
    async with world.store.read() as session:
        early = await backlog(session, due - timedelta(seconds=1))
        late = await backlog(session, due + timedelta(hours=1))
    assert early.notices == late.notices == {"pending": len(rows), "sending": 0, "parked": 0}
    assert (early.notice_due_seconds, late.notice_due_seconds) == (0, 3600)


async def test_answers_are_counted_by_page_and_nobody_is_named(portal: Portal) -> None:
    here = portal.app.state.ground
    answers = 'steward_portal_answers_total{method="GET",route="/requests/{number}",status="404"}'
    strange = 'steward_portal_answers_total{method="other",route="none",status="403"}'
    before = await scraped(here)
    async with portal.as_person(TEACHER) as browser:
        await browser.get("/requests/4711?who=ann.lee@example.org")
        await browser.request("TEACHER-ANN-LEE", "/nowhere")
    after = await scraped(here)
    assert after[answers] == before.get(answers, 0) + 1
    assert after[strange] == before.get(strange, 0) + 1
    assert after["steward_store_answers"] == 1
    assert 'steward_notices{state="parked"}' in after
    assert not [one for one in after if re.search(r"4711|example\.org|LEE", one)]


async def test_without_the_store_the_figures_say_so() -> None:
    gone = Store.open("sqlite+aiosqlite:////nowhere/at/all.db")
    figures = await scraped(Ground(Settings(), gone))
    assert figures["steward_store_answers"] == 0
    assert not [one for one in figures if one.startswith(("steward_notices", "steward_wakes"))]
    await gone.close()


async def test_a_port_that_is_taken_is_told_and_none_is_no_port(portal: Portal) -> None:
    here = portal.app.state.ground
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(portal_metrics_port=taken.getsockname()[1])
        with pytest.raises(BadSettings, match="STEWARD_PORTAL_METRICS_PORT"), metrics.served(settings, here):
            pass
    with metrics.served(Settings(), here):
        pass
