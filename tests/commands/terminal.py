"""A user's terminal: `steward` run with its words, and the store beside it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any, TypeVar

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


def steward(*words: object) -> Said:
    """Run `steward` with these words, in this process."""
    before = sys.argv
    sys.argv = ["steward", *map(str, words)]
    out, err, code = StringIO(), StringIO(), 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.argv = before
    return Said(code, out.getvalue(), err.getvalue())


@dataclass
class Terminal:
    """A user's terminal in front of a store."""

    url: str
    policy: Policy
    now: datetime

    def steward(self, *words: object) -> Said:
        """Run `steward` with these words."""
        return steward(*words)

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
