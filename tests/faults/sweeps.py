"""One run of the sweep as its flow does it, without Prefect; and faults at a drawn moment of it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event

from policy.model import Policy
from schemas.settings import Settings
from tasks.lifecycles import every
from tasks.mail.delivery import DeliveryReport, deliver
from tasks.rehearsal import fetching, sweep
from tasks.runtime import Runtime
from tasks.store import Store, wakes

Clock = Callable[[], datetime]

#: How long a sweep takes before it delivers. One of eight o'clock delivers when digests may leave.
SWEEPING = timedelta(minutes=15)


def settings_for(port: int, folder: Path, *, patience: float = 20.0) -> Settings:
    """Settings for a mail server on this port; `patience` in seconds, short where it falls silent."""
    return Settings(
        data_dir=folder,
        smtp_port=port,
        smtp_timeout_seconds=patience,
        mail_from="Steward <steward@example.org>",
        mail_reply_to="communications@example.org",
    )


async def run(store: Store, policy: Policy, settings: Settings, clock: Clock, worker: str) -> Counter[str]:
    """One run: what happened. It takes the wake-ups of every lifecycle: it stands for their flows too."""
    now, happened = clock(), Counter[str]()
    async with store.write(audited=False) as session:
        await wakes.revive(session, now)
        for lifecycle in every():
            await wakes.take(session, lifecycle.name, worker, now)
    runtime = Runtime(settings, policy, store)
    async for _ in sweep(runtime, now, happened, without=fetching()):
        pass
    report = await post(store, policy, settings, lambda: clock() + SWEEPING, worker)
    happened["mails sent"] += report.sent
    async with store.write(audited=False) as session:
        for lifecycle in every():
            await wakes.done(session, lifecycle.name, worker)
    return +happened


async def post(
    store: Store, policy: Policy, settings: Settings, clock: Clock, worker: str, seed: int = 7
) -> DeliveryReport:
    """Deliver what may leave now."""
    return await deliver(
        store,
        policy,
        settings,
        now=clock(),
        clock=clock,
        worker=worker,
        rng=Random(seed),  # noqa: S311 - the same waits each time
    )


async def settle(store: Store, policy: Policy, settings: Settings, clock: Clock) -> int:
    """Sweep until a sweep changes nothing; how many it took."""
    for number in range(1, 7):
        if not await run(store, policy, settings, clock, f"quiet-{number}"):
            return number
    raise AssertionError("the night does not come to rest")


@contextmanager
def moments(store: Store, act: Callable[[int], None]) -> Iterator[None]:
    """Call `act` before each statement and each commit of the store, with its number from 1 on."""
    engine, count = store._engine.sync_engine, 0

    def note(*_: Any) -> None:
        nonlocal count
        count += 1
        act(count)

    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, note)
    try:
        yield
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(engine, name, note)
