"""`steward suspensions` shows every loss that lies ahead: of access, of an office, of a designation (10)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from deployments.sample.words import RoleKind
from policy.model import Policy
from schemas.ahead import Ahead
from schemas.columns import table_of
from schemas.people import Role
from tasks.access.lifecycle import LIFECYCLE as GATES
from tasks.access.preview import preview as of_access
from tasks.people.preview import preview as of_people
from tests.factories.division import a_designation
from tests.support.changed_policies import renamed, valid_days
from tests.support.stages import leaves, live
from tests.support.world import CO, PRINCIPAL, TEACHER, World


async def access(world: World) -> dict[int | None, Ahead]:
    found = await of_access(world.store, world.policy, now=world.now)
    return {one.person: one for one in found}


async def night(world: World) -> None:
    for stage in GATES.stages:
        for case in await stage.due(world.runtime, world.now):
            await stage.move(world.runtime, case, world.now)


async def test_nothing_ahead(world: World) -> None:
    await live(world)
    assert await access(world) == {}


@pytest.mark.parametrize("change", [valid_days, renamed])
async def test_a_change_of_the_course_is_seen_before_the_night_and_with_the_same_day_after_it(
    world: World, change: Callable[[Policy], Policy]
) -> None:
    await live(world)
    world.later(days=60)
    world.policy = change(world.policy)
    before = await access(world)
    assert set(before) == {PRINCIPAL, TEACHER}
    assert {(one.what, one.stands, one.account) for one in before.values()} == {
        ("access suspended", "not announced yet", 1)
    }
    assert all("Focus on Privacy" in one.because for one in before.values())
    await night(world)
    after = await access(world)
    assert {one.stands for one in after.values()} == {"announced, but no mail has left"}
    assert {one.after for one in after.values()} == {one.after for one in before.values()}


async def test_a_new_text_and_somebody_who_left(world: World) -> None:
    await live(world)
    texts = tuple(one.model_copy(update={"version": "2027-1"}) for one in world.policy.texts)
    world.policy = world.policy.model_copy(update={"texts": texts})
    await leaves(world, TEACHER)
    found = await of_access(world.store, world.policy, now=world.now)
    assert {(one.person, one.what, one.stands) for one in found} == {
        (PRINCIPAL, "access suspended", "not sent yet"),
        (TEACHER, "access ends", "the next run"),
    }
    assert {one.because for one in found if one.person == PRINCIPAL} == {
        "Social Media Guidelines, version 2027-1, is not acknowledged",
        "personal responsibility, version 2027-1, is not acknowledged",
    }


async def test_offices_and_designations_with_a_last_day(world: World) -> None:
    last = world.now.date() + timedelta(days=30)
    await world.put(a_designation(TEACHER, ends_on=last))
    async with world.store.write() as session:
        role = table_of(Role)
        await session.run(
            update(role).where(col(Role.kind) == RoleKind.COMMUNICATIONS_OFFICER).values(ends_on=last)
        )
    found = await of_people(world.store, world.policy, today=world.now.date())
    assert {(one.after, one.what, one.person) for one in found} == {
        (last, "office ends", CO),
        (last, "designation ends", TEACHER),
    }
    assert "Communications Officer" in next(one.because for one in found if one.person == CO)
    assert await of_people(world.store, world.policy, today=date(2027, 12, 1)) == ()
    assert await of_people(world.store, world.policy, account_id=1, today=world.now.date()) == ()
