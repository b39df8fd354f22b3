"""Writers of wake-ups are not audited: only their turn orders them, so that no two block each other."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest
from sqlalchemy import text

from policy.calendar import Calendar
from policy.model import Policy
from schemas.events import EventKind, WakeState
from schemas.outcome import Emit, Outcome, Subject
from schemas.settings import Settings
from schemas.words import SubjectKind
from tasks.prefect.relay import relay
from tasks.store import Store, wakes
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.session import Session

Write = Callable[[Session], Awaitable[int]]
ACCOUNT = Subject(SubjectKind.ACCOUNT, 1)
ROSTER = Outcome((Emit(EventKind.ROSTER_IMPORTED, ACCOUNT),))
LIFECYCLES = ("training-gate", "account-creation")


def writes(now: datetime) -> list[Write]:
    """Every way in which wake-ups change, on rows that overlap."""
    late = now + timedelta(days=1)
    made: list[Write] = [
        lambda session: wakes.revive(session, late),
        lambda session: wakes.give_back(session, ["run 0", "run 1", "run 2"]),
    ]
    for lifecycle in LIFECYCLES:
        for run in ("run 0", "run 1"):
            made += [
                partial(wakes.take, lifecycle=lifecycle, run=run, now=now),
                partial(wakes.mark_asked, lifecycle=lifecycle, newest=10**6, run_key=run, now=now),
            ]
        made.append(partial(wakes.ask_again, lifecycle=lifecycle))
    return made


async def one_by_one(store: Store, write: Write) -> int:
    async with store.write(audited=False) as session:
        return await write(session)


async def emits(store: Store, policy: Policy, now: datetime, count: int) -> None:
    async with store.write() as session:
        for _ in range(count):
            await apply(session, ROSTER, actor=STEWARD, calendar=Calendar(policy), now=now)


@pytest.mark.usefixtures("double")
async def test_many_at_once_and_none_is_told_to_try_again(
    store: Store, policy: Policy, settings: Settings, now: datetime
) -> None:
    """Takers, relays, revivers and new events, all at once; a deadlock would raise StoreUnavailable."""
    random = Random(4)  # noqa: S311 - an order, no secret
    await emits(store, policy, now, 100)
    for _ in range(4):
        chosen: list[Awaitable[object]] = [one_by_one(store, write) for write in writes(now)]
        chosen += [relay(store, settings, now) for _ in range(2)]
        chosen.append(emits(store, policy, now, 5))
        random.shuffle(chosen)
        await asyncio.gather(*chosen)
    for lifecycle in LIFECYCLES:  # and whatever came of it, the next run has all of it
        await one_by_one(store, lambda session: wakes.revive(session, now + timedelta(days=1)))
        left = await one_by_one(store, partial(wakes.take, lifecycle=lifecycle, run="last", now=now))
        assert left == 120
        ended = await one_by_one(store, partial(wakes.done, lifecycle=lifecycle, run="last"))
        assert ended == 120


async def test_a_writer_waits_before_it_touches_a_row(
    postgresql_store: Store, policy: Policy, now: datetime
) -> None:
    """The other one changes different rows, and still waits: whoever holds rows waits for nobody."""
    store = postgresql_store
    await emits(store, policy, now, 3)
    for write in [*writes(now), lambda session: wakes.done(session, LIFECYCLES[0], "run 0")]:
        async with store.write(audited=False) as first:
            await wakes.take(first, LIFECYCLES[1], "run 0", now)
            second = asyncio.create_task(one_by_one(store, write))
            await _until_one_waits(store)
            assert not second.done()
        await second
        async with store.write(audited=False) as session:
            await session.run(
                text("UPDATE wake SET state = :pending, run_key = NULL"), {"pending": WakeState.PENDING.value}
            )


async def _until_one_waits(store: Store) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while True:
        async with store.read() as session:
            if (await session.run(waiting)).scalar_one():
                return
