"""What the store's state machines share: an event loop and an emptied store for each example."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy import delete

from schemas.tables import metadata
from tasks.store import Store

T = TypeVar("T")


class StoreMachine(RuleBasedStateMachine):
    """Rules are plain functions; each database call runs to its end in the example's own event loop."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store = Store.open(self.url)
        self.do(self._empty())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _empty(self) -> None:
        async with self.store.write(audited=False) as session:
            for table in reversed(metadata.sorted_tables):
                await session.run(delete(table))

    def teardown(self) -> None:
        self.do(self.store.close())
        self.runner.close()


def run_on(machine: type[StoreMachine], url: str, *, examples: int, steps: int) -> None:
    """Run a machine's examples, the same ones each time, on one database."""
    on_url = type(machine.__name__, (machine,), {"url": url})
    run_state_machine_as_test(
        on_url,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
