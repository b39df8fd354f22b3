"""A channel for emergencies is never suspended: what is found there goes to people."""

import pytest
from sqlalchemy import update

from policy.controls import SanctionOf
from policy.model import load
from schemas.accounts import Account
from schemas.findings import Finding
from schemas.states import AccountState
from schemas.words import PageVerdict
from tasks.suspension import lifecycle as suspension
from tasks.suspension.preview import preview
from tests.support.databases import ROOT
from tests.support.stages import live
from tests.support.world import World

SUSPENDING = load(ROOT / "policy" / "ap151.toml").sanctioned(SanctionOf.ACCOUNT)


async def night(world: World) -> None:
    for stage in suspension.LIFECYCLE.stages:
        for case in await stage.due(world.runtime, world.now):
            await stage.move(world.runtime, case, world.now)


@pytest.mark.parametrize(("platform", "ends"), [("call-out system", "live"), ("Instagram", "suspended")])
@pytest.mark.parametrize("control", SUSPENDING)
async def test_people_are_asked_and_it_stays_live(
    world: World, control: str, platform: str, ends: str
) -> None:
    await live(world)
    await world.look(1, PageVerdict.MISSING)
    async with world.store.write() as session:
        await session.run(update(Account).values(platform=platform))
    await world.put(Finding(control=control, account_id=1, due_on=world.now.date(), opened_at=world.now))
    await night(world)
    kinds = {row["kind"] for row in await world.rows("notice")}
    asked = [row for row in await world.rows("action_item") if row["subject_kind"] == "finding"]
    offices = {row["role"] for row in asked if row["role"]}
    never = ends == AccountState.LIVE
    assert ("suspension_ahead" in kinds) is not never
    assert ("findings" in kinds) is never
    assert offices == ({"communications officer"} if never else set())
    assert bool(await preview(world.store, world.policy, now=world.now)) is not never
    async with world.store.write() as session:
        await (await session.connection()).exec_driver_sql(
            "UPDATE notice SET state = 'sent', sent_at = created_at WHERE sent_at IS NULL"
        )
    world.later(days=90)
    for _ in range(7):  # one of them has school
        await night(world)
        world.later(days=1)
    assert await world.account(1) == ends
