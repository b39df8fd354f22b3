"""`steward` as a user runs it: a small division in a store, a fixed moment, and no Prefect."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import structlog
from lifecycles.stories import World, division

from deployments.cli import main
from policy.model import Policy
from tasks import clock
from tasks.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code, and both of its outputs."""

    code: int
    out: str
    err: str


@dataclass
class Terminal:
    """A user's terminal in front of a store."""

    url: str
    policy: Policy
    now: datetime
    capture: pytest.CaptureFixture[str]

    def steward(self, *words: object) -> Said:
        """Run `steward` with these words."""
        before = sys.argv
        sys.argv = ["steward", *map(str, words)]
        code = 0
        self.capture.readouterr()
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        finally:
            sys.argv = before
        out, err = self.capture.readouterr()
        return Said(code, out, err)

    def world(self, work: Callable[[World], Awaitable[T]]) -> T:
        """Do something in the store beside the command line."""

        async def inside() -> T:
            store = Store.open(self.url)
            try:
                return await work(World(store, self.policy, self.now))
            finally:
                await store.close()

        return asyncio.run(inside())

    def everything(self) -> Mapping[str, Sequence[str]]:
        """Every row of every table."""
        return self.world(World.everything)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of one table."""
        return self.world(lambda world: world.rows(table))


@pytest.fixture
def home(tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data directory; the commands' clock stands still, and there is no Prefect."""
    monkeypatch.setenv("STEWARD_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(clock, "now", lambda: now)
    yield tmp_path / "home"
    structlog.reset_defaults()


@pytest.fixture
def terminal(
    home: Path,  # noqa: ARG001 - the environment
    sqlite_url: str,
    policy: Policy,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Terminal:
    monkeypatch.setenv("STEWARD_DATABASE_URL", sqlite_url)
    made = Terminal(sqlite_url, policy, now, capsys)
    made.world(lambda world: world.put(*division()))
    return made
