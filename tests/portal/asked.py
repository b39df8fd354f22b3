"""What a page asks the store for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Select, event

from tests.portal.browser import Portal


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
