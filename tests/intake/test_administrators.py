"""Who administers a live account changes: gates first, a last day that is told, and the last one stays."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.acts.table import ACTS
from tests.support.stages import approved, leaves, live
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, VICE, World, mail

WHY = "The school has a new timetable."


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), "account": 1, **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def taken_off(world: World, person: int, by: int = CO, **more: Any) -> Receipt:
    return await acts(world, "remove-an-administrator", by, person=mail(person), reason=WHY, **more)


async def past_the_last_day(world: World) -> date:
    (ends_on,) = {row["ends_on"] for row in await world.rows("access") if row["ends_on"]}
    assert isinstance(ends_on, date)
    world.on(ends_on)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED, "the last day is the person's own"
    world.on(ends_on + timedelta(days=1))
    await world.drain()
    return ends_on


async def test_whoever_is_named_passes_the_gates_first(world: World) -> None:
    await live(world)
    await acts(world, "add-an-administrator", CO, person=mail(VICE))
    assert "training-gate" in await world.woken()
    await world.drain()
    assert (await world.accesses())[VICE] is AccessState.WAITING
    assert {what for what, who in await world.asked() if who == VICE} == {
        "acknowledge the guidelines",
        "accept responsibility",
        "complete the course",
    }
    assert {("account_changed", PRINCIPAL), ("account_changed", TEACHER)} <= set(await world.told())
    await world.meet_gates(1, VICE)
    await world.drain()
    assert (await world.accesses())[VICE] is AccessState.GRANTED
    assert await world.account(1) is AccountState.LIVE
    with pytest.raises(AlreadyDone):
        await acts(world, "add-an-administrator", CO, person=mail(VICE))


async def test_somebody_still_employed_is_taken_off_with_notice_and_the_password_is_changed(
    world: World,
) -> None:
    await live(world)
    receipt = await taken_off(world, TEACHER)
    assert {("access_ends", TEACHER), ("access_ends", PRINCIPAL)} <= set(await world.told())
    assert ("access_ends", CO) not in await world.told(), "who decided knows"
    ends_on = await past_the_last_day(world)
    assert str(ends_on) in receipt.says
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED
    assert ("access_revoked", TEACHER) in await world.told()
    assert "credential-rotation" in await world.woken(), "who knew the password has lost access"


async def test_an_emergency_ends_the_access_now_and_tells_everybody(world: World) -> None:
    await live(world)
    await taken_off(world, TEACHER, at_once=True)
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED
    assert {("access_revoked", TEACHER), ("access_revoked", PRINCIPAL)} <= set(await world.told())


async def test_an_announced_end_is_taken_back(world: World) -> None:
    await live(world)
    await taken_off(world, TEACHER)
    with pytest.raises(AlreadyDone):
        await taken_off(world, TEACHER)
    with pytest.raises(AlreadyDone, match="keep-administrator 1 4"):
        await acts(world, "add-an-administrator", CO, person=mail(TEACHER))
    await acts(world, "keep-an-administrator", PRINCIPAL, person=mail(TEACHER), reason=WHY)
    world.later(days=60)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED
    with pytest.raises(NotNow):
        await acts(world, "keep-an-administrator", PRINCIPAL, person=mail(TEACHER), reason=WHY)


async def test_the_last_one_stays_until_another_has_access(world: World) -> None:
    await live(world)
    await taken_off(world, TEACHER, at_once=True)
    with pytest.raises(NotNow, match="steward account add-administrator 1"):
        await taken_off(world, PRINCIPAL)
    await acts(world, "add-an-administrator", CO, person=mail(VICE))
    with pytest.raises(NotNow):
        await taken_off(world, PRINCIPAL, at_once=True)
    await world.meet_gates(1, VICE)
    await world.drain()
    await taken_off(world, PRINCIPAL, at_once=True)
    assert (await world.accesses())[PRINCIPAL] is AccessState.REVOKED


async def test_a_successor_comes_before_the_other_goes(world: World) -> None:
    await live(world)
    await acts(world, "replace-an-administrator", CO, person=mail(TEACHER), successor=mail(VICE), reason=WHY)
    await world.drain()
    found = await world.accesses()
    assert (found[TEACHER], found[VICE]) == (AccessState.GRANTED, AccessState.WAITING)
    await world.meet_gates(1, VICE)
    await world.drain()
    await past_the_last_day(world)
    found = await world.accesses()
    assert (found[TEACHER], found[VICE]) == (AccessState.REVOKED, AccessState.GRANTED)


async def test_whoever_was_taken_off_can_be_named_again(world: World) -> None:
    await live(world)
    await taken_off(world, TEACHER, at_once=True)
    await acts(world, "add-an-administrator", CO, person=mail(TEACHER))
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED, "the gates are met still"


async def test_a_person_may_go_without_waiting(world: World) -> None:
    await live(world)
    await taken_off(world, TEACHER, by=TEACHER)
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED


@pytest.mark.parametrize("by", [TEACHER, OTHER_PRINCIPAL, DEPUTY])
async def test_who_may_not(one_world: World, by: int) -> None:
    await live(one_world)
    with pytest.raises(NotAllowed, match="names an administrator"):
        await acts(one_world, "add-an-administrator", by, person=mail(VICE))
    with pytest.raises(NotAllowed, match="takes somebody off"):
        await taken_off(one_world, PRINCIPAL, by=by)


async def test_what_is_refused(one_world: World) -> None:
    await approved(one_world)
    await taken_off(one_world, TEACHER)
    assert (await one_world.accesses())[TEACHER] is AccessState.REVOKED, "who waits loses nothing"
    with pytest.raises(BadInput, match="steward account show 1"):
        await taken_off(one_world, VICE)
    with pytest.raises(BadInput):
        await acts(
            one_world,
            "replace-an-administrator",
            CO,
            person=mail(PRINCIPAL),
            successor=mail(PRINCIPAL),
            reason=WHY,
        )


async def test_a_return_brings_back_what_the_leaving_took_and_nothing_else(world: World) -> None:
    await live(world)
    await acts(world, "add-an-administrator", CO, person=mail(VICE))
    await world.meet_gates(1, VICE)
    await world.drain()
    await taken_off(world, VICE, at_once=True)
    await leaves(world, TEACHER)
    await leaves(world, VICE)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED
    await leaves(world, TEACHER, back=True)
    await leaves(world, VICE, back=True)
    await world.drain()
    found = await world.accesses()
    assert (found[TEACHER], found[VICE]) == (AccessState.GRANTED, AccessState.REVOKED)


async def test_a_return_passes_the_gates(world: World) -> None:
    await live(world)
    await leaves(world, TEACHER)
    await world.drain()
    world.later(days=400)  # the course has lapsed
    await leaves(world, TEACHER, back=True)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.WAITING
    assert ("complete the course", TEACHER) in await world.asked()
