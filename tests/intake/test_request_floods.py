"""How many requests one person hands in on one day: 10,000 of them would be twice as many letters."""

from datetime import timedelta

import pytest

from policy.controls.application_form import ApplicationForm
from schemas.errors import NotNow
from schemas.words import Via
from tasks.requests.hand_in import WithdrawalForm, withdraw_request
from tests.support.world import PRINCIPAL, TEACHER, World, mail


async def withdrawn(world: World, request: int) -> None:
    form = WithdrawalForm(actor=mail(TEACHER), request=request)
    await withdraw_request(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_so_many_requests_a_person_and_a_day(world: World) -> None:
    """Taken back or not, of whatever level; others ask, and the next day begins anew."""
    most = world.policy.the(ApplicationForm).requests_a_day_at_most
    for number in range(most):
        request = await world.submit(handle=f"@lakeside.{number}")
    await withdrawn(world, request)
    for level in ("school", "personal"):
        with pytest.raises(NotNow, match=f"handed in {most} requests today.*tomorrow"):
            await world.submit(handle="@one.more", level=level)
    assert len(await world.rows("account_request")) == most
    await world.submit(actor=mail(PRINCIPAL), handle="@of.somebody.else")
    world.later(days=1)
    await world.submit(handle="@one.more")
    assert len(await world.rows("account_request")) == most + 2


async def test_a_day_is_one_of_the_divisions_zone(one_world: World) -> None:
    """What was handed in at eleven in the evening there is of that day, whatever the day is in UTC."""
    world = one_world
    world.now = world.now.replace(hour=5, minute=0) + timedelta(days=1)  # eleven in the evening
    most = world.policy.the(ApplicationForm).requests_a_day_at_most
    for number in range(most):
        await world.submit(handle=f"@lakeside.{number}")
    world.now += timedelta(hours=1, minutes=30)
    await world.submit(handle="@after.midnight")
