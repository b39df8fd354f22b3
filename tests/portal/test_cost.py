"""What a page costs, without a clock: the statements that it asks, and those that it builds first."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
import uvicorn

from portal import serving
from schemas.settings import Settings
from tests.portal.asked import noted
from tests.portal.browser import Portal
from tests.support.stages import live
from tests.support.world import CO, TEACHER


@pytest.mark.parametrize(("person", "path"), [(TEACHER, "/"), (TEACHER, "/accounts/1"), (CO, "/queue")])
async def test_a_page_builds_hardly_any_statement_anew(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, person: int, path: str
) -> None:
    """Building a select takes longer than most answers: they were a third of a page's processor time."""
    await live(portal.world)
    async with portal.as_person(person) as browser:
        assert (await browser.get(path)).status_code == 200
        with noted(portal, monkeypatch) as (asked, built):
            assert (await browser.get(path)).status_code == 200
    assert len([one for one in asked if one.startswith("SELECT")]) > 2
    assert len(built) <= 1, built


@pytest.mark.parametrize(
    ("person", "path", "most"), [(TEACHER, "/", 8), (TEACHER, "/accounts/1", 10), (CO, "/queue", 9)]
)
async def test_a_page_is_read_in_one_session_and_by_few_statements(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, person: int, path: str, most: int
) -> None:
    """Each is a way to the database and back, and takes Python longer than the database."""
    await live(portal.world)
    async with portal.as_person(person) as browser:
        await browser.get(path)
        with noted(portal, monkeypatch) as (asked, _):
            assert (await browser.get(path)).status_code == 200
    assert len([one for one in asked if one == "BEGIN"]) in {0, 1}  # PostgreSQL's driver begins by itself
    assert len([one for one in asked if one != "BEGIN"]) <= most, asked
    assert len([one for one in asked if "FROM role JOIN person" in one]) <= 1  # all offices at once


async def test_what_was_loaded_is_set_apart_before_the_first_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Looking through all of it for what is unused made pages wait now and then."""
    set_apart: list[int] = []

    async def serve(_self: uvicorn.Server) -> None:
        set_apart.append(gc.get_freeze_count())

    monkeypatch.setattr(uvicorn.Server, "serve", serve)
    monkeypatch.setattr(serving, "load", lambda: Settings(data_dir=tmp_path))
    try:
        await serving.serve()
    finally:
        gc.unfreeze()
    assert set_apart[0] > 100_000


def test_the_process_of_the_pages_loads_nothing_that_it_has_no_use_for() -> None:
    """A terminal's colours, which two libraries load where they find it, 5 MB; what fetches pages, 5 MB."""
    said = (
        "import sys, portal.__main__ as it; it.main(); unused = 'rich.', 'pygments.', 'tasks.pages.fetch', "
        "'selectolax'; print([one for one in sys.modules if one.startswith(unused)])"
    )
    env = {**os.environ, "STEWARD_DATABASE_URL": "none of ours"}  # so it ends when all is loaded
    command = [sys.executable, "-c", said]
    asked = subprocess.run(command, check=False, capture_output=True, text=True, env=env)  # noqa: S603
    assert "STEWARD_DATABASE_URL" in asked.stderr
    assert asked.stdout.strip() == "[]"
