"""No finding suspends an exempt account; after that, everything is announced anew."""

from datetime import date, timedelta

import pytest

from schemas.states import AccountState
from schemas.words import Via
from tasks.accounts.exempting import ExemptionEndForm, ExemptionForm, end_exemption, exempt_account
from tasks.accounts.listing import show_account
from tasks.suspension import asking
from tasks.suspension.preview import preview
from tests.lifecycles.suspension_helpers import announced, day, leaves, night, past, told
from tests.support.changed_policies import known_for_long
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail

WHY = "The channel for storm days."


async def asks(world: World) -> list[str]:
    said: list[str] = []
    for case in await asking.FINDINGS.due(world.runtime, world.now):
        said += await asking.FINDINGS.move(world.runtime, case, world.now)
    return said


async def exempt(world: World, until: date) -> None:
    form = ExemptionForm(account=1, actor=mail(CO), until=until, reason=WHY)
    await exempt_account(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


@pytest.mark.parametrize("ended", ["by its day", "by an act"])
async def test_it_stays_and_what_is_found_is_asked_for(world: World, ended: str) -> None:
    last = await announced(world)
    until = last + timedelta(days=40)
    await exempt(world, until)
    assert set(await told(world, "account_changed")) == {PRINCIPAL, TEACHER}
    assert await preview(world.store, world.policy, now=world.now) == ()
    assert await asks(world) == ["asked to mend"], "what is found is to be mended all the same"
    await past(world, last)
    assert await night(world) == []
    assert await world.account(1) is AccountState.LIVE
    async with world.store.read() as session:
        assert (await show_account(session, world.policy, "1")).never_suspended_until == until
    if ended == "by its day":
        await past(world, until)
        assert await night(world) == [], "what was asked names no suspension"
        assert await asks(world) == ["asked no longer"]
    else:
        form = ExemptionEndForm(account=1, actor=mail(CO), reason="The storms are over.")
        await end_exemption(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert await night(world) == ["suspension announced"]
    (ahead,) = await preview(world.store, world.policy, now=world.now)
    assert ahead.after > day(world)
    await past(world, ahead.after)
    assert await night(world) == ["account suspended for 8"]


async def test_nothing_is_suspended_after_the_calendar_has_run_out(world: World) -> None:
    last = await announced(world)
    reaches = world.policy.calendar.known_through
    assert reaches is not None
    world.on(reaches + timedelta(days=40))
    assert world.policy.calendar.is_school_day(day(world))
    assert await night(world) == []
    assert await world.account(1) is AccountState.LIVE
    world.policy = known_for_long(world.policy)
    assert last < day(world)
    await leaves(world, world.now)
    assert await night(world) == ["account suspended for 8"]
