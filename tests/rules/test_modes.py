"""A control that observes finds and acts on nobody; one that is off finds nothing, and what it found ends."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from policy.controls import Mode, SanctionOf
from policy.model import Policy, load
from policy.modes import why_not
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.settings import ROOT, Settings
from schemas.words import PageVerdict
from tasks.findings import evaluation
from tasks.findings.notify_findings import tell_people
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.suspension import asking
from tasks.suspension.candidates import to_announce_by_control
from tests.factories.division import a_person, a_school, an_access, an_account, put
from tests.support.stages import live
from tests.support.world import World

CONTROL = "notice-on-page"
FOUND = date(2026, 10, 1)


async def sweep(store: Store, policy: Policy, now: datetime) -> int:
    """Hold the account to every control of the policy; how many people are told or asked."""
    today = policy.calendar.today(now)
    async with store.write() as session:
        for rule in policy.rules():
            await evaluation.evaluate(session, rule, policy, today, now)
        await evaluation.let_go(session, policy, now)
        told = await tell_people(session, policy, now)
    for case in await asking.FINDINGS.due(Runtime(Settings(), policy, store), now):
        told += len(await asking.FINDINGS.move(Runtime(Settings(), policy, store), case, now))
    return told


async def open_findings(store: Store) -> set[str]:
    async with store.read() as session:
        finding = table_of(Finding).c
        rows = await session.run(select(finding.control).where(col(Finding.resolved_at).is_(None)))
        return set(rows.scalars())


def only(policy: Policy, mode: Mode) -> Policy:
    """A policy in which nothing runs but one control, in this mode."""
    for rule in policy.rules():
        policy = policy.changed(rule.name, mode=mode if rule.name == CONTROL else Mode.OFF)
    return policy


async def test_a_control_that_observes_finds_and_tells_nobody(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    async with sqlite_store.write() as session:
        await put(session, a_school(1), a_person(1), an_account(1), an_access(1, 1))
    observed = only(policy, Mode.OBSERVE)
    assert await sweep(sqlite_store, observed, now) == 0
    assert await open_findings(sqlite_store) == {CONTROL}
    assert observed.sanctioned(SanctionOf.ACCOUNT) == ()
    assert observed.sanction_of(CONTROL) is None
    assert await sweep(sqlite_store, only(policy, Mode.ENFORCE), now + timedelta(days=1)) == 1


async def test_what_a_control_found_ends_when_it_is_switched_off(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    async with sqlite_store.write() as session:
        await put(session, a_school(1), a_person(1), an_account(1), an_access(1, 1))
    await sweep(sqlite_store, only(policy, Mode.ENFORCE), now)
    assert await open_findings(sqlite_store) == {CONTROL}
    off = only(policy, Mode.OFF)
    assert off.rules() == ()
    await sweep(sqlite_store, off, now + timedelta(days=1))
    assert await open_findings(sqlite_store) == set()


async def test_what_it_asked_for_ends_while_it_observes_and_begins_anew(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    """Enforced again, no day runs on from before: whoever is to mend it is asked with a new one."""
    async with sqlite_store.write() as session:
        await put(session, a_school(1), a_person(1), an_account(1), an_access(1, 1))

    async def items() -> list[tuple[str, date]]:
        async with sqlite_store.read() as session:
            item = table_of(ActionItem).c
            rows = await session.run(select(item.state, item.due_on))
            return [(str(row.state), row.due_on) for row in rows]

    enforced, observed = only(policy, Mode.ENFORCE), only(policy, Mode.OBSERVE)
    await sweep(sqlite_store, enforced, now)
    ((state, first),) = await items()
    assert state == "open"
    await sweep(sqlite_store, observed, now + timedelta(days=1))
    await sweep(sqlite_store, observed, now + timedelta(days=2))
    assert await items() == [("dropped", first)]
    await sweep(sqlite_store, enforced, now + timedelta(days=7))
    ((state, then),) = await items()
    assert state == "open"
    assert then > first


@pytest.mark.parametrize(
    "name", [one.name for one in load(ROOT / "policy" / "ap151.toml").controls if not why_not(one)]
)
async def test_what_can_only_observe_asks_and_tells_nobody(world: World, name: str) -> None:
    """What it found stands there, seen and late, and leads to nothing; enforced it would."""
    await live(world)
    await world.look(1, PageVerdict.MISSING)
    await world.put(Finding(control=name, account_id=1, due_on=FOUND, opened_at=world.now))

    async def follows(mode: Mode) -> bool:
        policy = world.policy.changed(name, mode=mode)
        runtime = Runtime(Settings(), policy, world.store)
        async with world.store.read() as session:
            found = session.run(to_announce_by_control(policy, world.now.date()))
            announced = [row.control for row in await found]
        async with world.store.write() as session:
            told = await tell_people(session, policy, world.now)
        return bool(announced or told or await asking.FINDINGS.due(runtime, world.now))

    before = await world.everything()
    assert not await follows(Mode.OBSERVE)
    assert await world.everything() == before
    assert await follows(Mode.ENFORCE)
