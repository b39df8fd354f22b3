"""The one door: legal or refused, fresh or refused, and the entry with the state or neither."""

import asyncio
import os
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.accounts import Account
from schemas.errors import IllegalTransition, MovedMeanwhile, Unknown
from schemas.outcome import Subject
from schemas.states import (
    INITIAL,
    TRANSITIONS,
    AccessState,
    AccountState,
    IncidentState,
    LeaveState,
    RequestState,
    State,
)
from schemas.words import SubjectKind
from tasks.store import Store, audit, verifying
from tasks.store.audit import STEWARD
from tasks.store.transition import transition
from tests.store.subjects import a_person, actor, an_account, entries, move, one_of, standing
from tests.support import forks

LIFECYCLES = (RequestState, AccountState, AccessState, LeaveState, IncidentState)
LEGAL = [(before, after) for before, allowed in TRANSITIONS.items() for after in sorted(allowed)]


def path_to(state: State) -> list[State]:
    """The shortest way from the first state of its lifecycle to this one."""
    ways: dict[State, list[State]] = {INITIAL[type(state)]: []}
    while state not in ways:
        for before, way in list(ways.items()):
            for after in sorted(TRANSITIONS[before]):
                ways.setdefault(after, [*way, after])
    return ways[state]


async def bring_to(store: Store, state: State, now: datetime) -> tuple[Subject, int]:
    """A new subject in this state, and its version."""
    async with store.write() as session:
        subject, person = await one_of(session, type(state), now)
        version, standing_in = 1, INITIAL[type(state)]
        for after in path_to(state):
            step = move(subject, standing_in, after, version)
            await transition(session, step, actor=actor(person), now=now)
            version, standing_in = version + 1, after
    return subject, version


@pytest.mark.parametrize(
    ("before", "after"), LEGAL, ids=[f"{type(a).__name__}-{a.name}-{b.name}" for a, b in LEGAL]
)
async def test_a_legal_transition_is_made_with_its_entry(
    sqlite_store: Store, before: State, after: State, now: datetime
) -> None:
    subject, version = await bring_to(sqlite_store, before, now)
    later = now + timedelta(minutes=5)
    async with sqlite_store.write() as session:
        await transition(session, move(subject, before, after, version), actor=STEWARD, now=later)
    async with sqlite_store.read() as session:
        assert await standing(session, subject) == (after, version + 1)
        last = (await entries(session, subject))[-1]
    assert (last.from_state, last.to_state, last.version) == (before, after, version + 1)
    assert (last.actor_id, last.via, last.at, last.control) == (None, "Steward", later, "approval")


@pytest.mark.parametrize("lifecycle", LIFECYCLES)
async def test_no_other_transition_is_made(store: Store, lifecycle: type[State], now: datetime) -> None:
    async with store.write() as session:
        subject, _ = await one_of(session, lifecycle, now)
    others = [state for other in LIFECYCLES for state in other]
    for before in lifecycle:
        for after in others:
            if after not in TRANSITIONS[before]:
                with pytest.raises(IllegalTransition, match="is not a transition"):
                    async with store.write() as session:
                        await transition(session, move(subject, before, after), actor=STEWARD, now=now)
    async with store.read() as session:
        assert await standing(session, subject) == (INITIAL[lifecycle], 1)
        assert len(await entries(session, subject)) == 1


async def test_a_state_of_another_lifecycle_is_refused_although_it_reads_the_same(
    store: Store, now: datetime
) -> None:
    """An account that is "suspended" is no access that is."""
    subject, version = await bring_to(store, AccountState.SUSPENDED, now)
    wrong = move(subject, AccessState.SUSPENDED, AccessState.REVOKED, version)
    with pytest.raises(IllegalTransition):
        async with store.write() as session:
            await transition(session, wrong, actor=STEWARD, now=now)
    async with store.read() as session:
        assert await standing(session, subject) == (AccountState.SUSPENDED, version)


@pytest.mark.parametrize(
    ("seen", "version"),
    [(AccountState.APPROVED, 1), (AccountState.APPROVED, 3), (AccountState.PREPARING, 1)],
    ids=["an old sight of it", "an old state with the new version", "the new state with an old version"],
)
async def test_who_saw_it_before_somebody_moved_it_is_refused_and_told(
    store: Store, seen: AccountState, version: int, now: datetime
) -> None:
    async with store.write() as session:
        person = await a_person(session)
        subject = await an_account(session, person, now)
    for number, (before, after) in enumerate(
        [(AccountState.APPROVED, AccountState.PREPARING), (AccountState.PREPARING, AccountState.LIVE)], 1
    ):
        async with store.write() as session:
            step = move(subject, before, after, number)
            await transition(session, step, actor=actor(person), now=now + timedelta(hours=number))
    late = move(subject, seen, AccountState.WITHDRAWN, version)
    with pytest.raises(MovedMeanwhile, match="is 'live' already") as told:
        async with store.write() as session:
            await transition(session, late, actor=STEWARD, now=now)
    assert (told.value.by_id, told.value.at, told.value.state) == (person, now + timedelta(hours=2), "live")
    async with store.read() as session:
        assert await standing(session, subject) == (AccountState.LIVE, 3)
        assert len(await entries(session, subject)) == 3


async def test_a_state_that_was_left_and_is_back_is_not_the_one_that_was_seen(
    store: Store, now: datetime
) -> None:
    subject, version = await bring_to(store, AccountState.APPROVED, now)
    there, back = AccountState.PREPARING, AccountState.APPROVED
    async with store.write() as session:
        await transition(session, move(subject, back, there, version), actor=STEWARD, now=now)
        await transition(session, move(subject, there, back, version + 1), actor=STEWARD, now=now)
    late = move(subject, AccountState.APPROVED, AccountState.WITHDRAWN, version)
    with pytest.raises(MovedMeanwhile):
        async with store.write() as session:
            await transition(session, late, actor=STEWARD, now=now)
    async with store.read() as session:
        assert await standing(session, subject) == (AccountState.APPROVED, version + 2)


async def test_a_subject_that_is_not_there_is_unknown(store: Store, now: datetime) -> None:
    step = move(Subject(SubjectKind.ACCOUNT, 7), AccountState.APPROVED, AccountState.CLOSED)
    with pytest.raises(Unknown, match="There is no account 7"):
        async with store.write() as session:
            await transition(session, step, actor=STEWARD, now=now)


async def test_changes_are_made_with_the_state(store: Store, now: datetime) -> None:
    subject, version = await bring_to(store, AccountState.PREPARING, now)
    step = move(subject, AccountState.PREPARING, AccountState.LIVE, version, live_since=now)
    async with store.write() as session:
        await transition(session, step, actor=STEWARD, now=now)
    async with store.read() as session:
        account = await session.get(Account, subject.id)
    assert account is not None
    assert (account.live_since, account.state_since, account.version) == (now, now, version + 1)


async def test_two_at_once_have_one_winner(store: Store, now: datetime) -> None:
    async with store.write() as session:
        people = [await a_person(session, number) for number in (1, 2)]
        subject = await an_account(session, people[0], now)

    async def one(person: int, to: AccountState) -> AccountState | MovedMeanwhile:
        try:
            async with store.write() as session:
                step = move(subject, AccountState.APPROVED, to)
                await transition(session, step, actor=actor(person), now=now)
        except MovedMeanwhile as late:
            return late
        return to

    results = await asyncio.gather(
        one(people[0], AccountState.PREPARING), one(people[1], AccountState.WITHDRAWN)
    )
    won = [person for person, result in zip(people, results, strict=True) if isinstance(result, AccountState)]
    lost = [result for result in results if isinstance(result, MovedMeanwhile)]
    assert len(won) == len(lost) == 1
    assert lost[0].by_id == won[0]


async def test_two_transitions_in_one_transaction_are_kept_together_or_not_at_all(
    store: Store, now: datetime
) -> None:
    subject, version = await bring_to(store, AccountState.APPROVED, now)

    async def both(second: AccountState) -> None:
        async with store.write() as session:
            first = move(subject, AccountState.APPROVED, AccountState.PREPARING, version)
            await transition(session, first, actor=STEWARD, now=now)
            then = move(subject, AccountState.PREPARING, second, version + 1)
            await transition(session, then, actor=STEWARD, now=now)

    with pytest.raises(IllegalTransition):
        await both(AccountState.SUSPENDED)
    async with store.read() as session:
        assert await standing(session, subject) == (AccountState.APPROVED, version)
        assert len(await entries(session, subject)) == 1
    await both(AccountState.LIVE)
    async with store.read() as session:
        assert await standing(session, subject) == (AccountState.LIVE, version + 2)
        assert [entry.version for entry in await entries(session, subject)] == [1, 2, 3]
    await verifying.verify(store)


def die(url: str, subject: Subject, now: datetime, where: str) -> None:
    """Make a transition and die at a point of it, as by a kill -9."""

    async def work() -> None:
        store = Store.open(url)
        append = audit.append

        async def dying(*args: Any, **kwargs: Any) -> int:
            if where == "before the entry":
                os._exit(9)
            number = await append(*args, **kwargs)
            if where == "after the entry":
                os._exit(9)
            return number

        audit.append = dying
        async with store.write() as session:
            step = move(subject, AccountState.APPROVED, AccountState.PREPARING)
            await transition(session, step, actor=STEWARD, now=now)
            if where == "before the commit":
                os._exit(9)
        os._exit(0)

    asyncio.run(work())


@pytest.mark.parametrize("where", ["before the entry", "after the entry", "before the commit", "afterwards"])
async def test_a_crash_leaves_state_and_entry_or_neither(
    store: Store, store_url: str, now: datetime, where: str
) -> None:
    subject, _ = await bring_to(store, AccountState.APPROVED, now)
    process = forks.process(die, store_url, subject, now, where)
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == (0 if where == "afterwards" else 9)
    process.close()
    async with store.read() as session:
        state, version = await standing(session, subject)
        written = [entry.version for entry in await entries(session, subject)]
    if where == "afterwards":
        assert (state, version, written) == (AccountState.PREPARING, 2, [1, 2])
    else:
        assert (state, version, written) == (AccountState.APPROVED, 1, [1])
    async with store.write() as session:  # and it left no lock
        step = move(subject, AccountState(state), AccountState.CLOSED, version)
        await transition(session, step, actor=STEWARD, now=now)
    await verifying.verify(store)
