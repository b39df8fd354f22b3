"""What a page costs, without a clock: the statements that it asks, and those that it builds first."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Select, event

from tests.portal.browser import Portal
from tests.support.stages import live
from tests.support.world import CO, TEACHER


@contextmanager
def noted(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[list[str], list[Any]]]:
    """The statements that are asked meanwhile, and the selects that are built."""
    asked: list[str] = []
    built: list[Any] = []
    begins = Select.__init__

    def counted(self: Any, *columns: Any) -> None:
        built.append(columns)
        begins(self, *columns)

    def executed(*its: Any) -> None:
        asked.append(its[2])

    engine = portal.world.store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    with monkeypatch.context() as changed:
        changed.setattr(Select, "__init__", counted)
        yield asked, built
    event.remove(engine, "before_cursor_execute", executed)


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
    assert len(built) <= 2, built
