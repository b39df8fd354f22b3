"""A user's terminal: `steward` run with its words, and the store beside it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import pytest

from deployments.cli import main
from policy.model import Policy
from tasks.store import Store
from tests.support.world import World

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
