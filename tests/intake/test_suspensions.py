"""Communications suspends an account at once and brings it back (10)."""

import asyncio
from datetime import timedelta

import pytest

from schemas.errors import AlreadyDone, BadInput, MovedMeanwhile, NotAllowed, NotNow, StewardError, Unknown
from schemas.forms import read
from schemas.people import Absence
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.suspension.suspend import ReinstatementForm, SuspensionForm, reinstate_account, suspend_account
from tests.support.stages import awaiting, leaves, live, prepared
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, World, mail

REASON = "Somebody else posts there."


def who(by: int | str) -> str:
    return by if isinstance(by, str) else mail(by)


async def suspend(world: World, by: int | str = CO, account: int = 1) -> Receipt:
    form = SuspensionForm(account=account, actor=who(by), reason=REASON)
    return await suspend_account(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def reinstate(world: World, by: int | str = CO, account: int = 1) -> Receipt:
    form = ReinstatementForm(account=account, actor=who(by), reason="It is ours again.")
    return await reinstate_account(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def told(world: World, kind: str) -> set[int]:
    return {person for what, person in await world.told() if what == kind}


async def test_suspended_at_once_and_back_again(world: World) -> None:
    await live(world)
    since = world.now
    await suspend(world)
    assert await world.account(1) is AccountState.SUSPENDED
    assert "notice-delivery" in await world.woken()
    # nobody loses access: they must be able to mend it
    assert set((await world.accesses()).values()) == {AccessState.GRANTED}
    assert await told(world, "account_suspended") == {PRINCIPAL, TEACHER, CO}
    (notice, *_) = [row for row in await world.rows("notice") if row["kind"] == "account_suspended"]
    assert notice["not_before"] == world.now  # urgent: at any hour (4)
    await world.drain()

    world.later(days=2)
    await reinstate(world)
    assert await world.account(1) is AccountState.LIVE
    assert await told(world, "account_reinstated") == {PRINCIPAL, TEACHER, CO}
    (row,) = await world.rows("suspension")
    assert (row["reason"], row["ended_because"]) == (REASON, "It is ours again.")
    assert (row["suspended_at"], row["ended_at"]) == (since, world.now)
    assert (row["decided_by_id"], row["ended_by_id"]) == (CO, CO)
    said = [entry["body"] for entry in await world.rows("audit_entry")]
    assert REASON not in repr(said)  # the chain holds codes, the reason stands in its own row

    world.later(days=1)
    await suspend(world)  # once more: a suspension of its own
    assert len(await world.rows("suspension")) == 2


async def test_somebody_who_left_loses_access_to_a_suspended_account(one_world: World) -> None:
    await live(one_world)
    await suspend(one_world)
    await leaves(one_world, TEACHER)
    await one_world.drain()
    assert (await one_world.accesses())[TEACHER] is AccessState.REVOKED
    assert (await one_world.accesses())[PRINCIPAL] is AccessState.GRANTED


async def test_a_deputy_suspends_and_is_named(one_world: World) -> None:
    await live(one_world)
    today = one_world.now.date()
    await one_world.put(
        Absence(person_id=CO, deputy_id=DEPUTY, starts_on=today, ends_on=today + timedelta(days=1))
    )
    await suspend(one_world, DEPUTY)
    (row,) = await one_world.rows("suspension")
    assert (row["decided_by_id"], row["deputy_for_id"]) == (DEPUTY, CO)


@pytest.mark.parametrize("by", [TEACHER, PRINCIPAL, SUPER, DEPUTY])
async def test_nobody_else_may(world: World, by: int) -> None:
    await live(world)
    before = await world.everything()
    with pytest.raises(NotAllowed, match=r"\(10\)"):
        await suspend(world, by)
    assert await world.everything() == before
    await suspend(world)
    before = await world.everything()
    with pytest.raises(NotAllowed, match=r"\(10\)"):
        await reinstate(world, by)
    assert await world.everything() == before


async def test_what_is_not_live_is_not_suspended(one_world: World) -> None:
    await awaiting(one_world)
    before = await one_world.everything()
    with pytest.raises(Unknown):
        await suspend(one_world)
    assert await one_world.everything() == before


async def test_wrong_moments(one_world: World) -> None:
    await prepared(one_world)
    tries: list[tuple[type[StewardError], object]] = [(NotNow, suspend), (NotNow, reinstate)]
    for kind, attempt in tries:
        before = await one_world.everything()
        with pytest.raises(kind):
            await attempt(one_world)  # type: ignore[operator]
        assert await one_world.everything() == before


async def test_twice_is_said_and_changes_nothing(one_world: World) -> None:
    await live(one_world)
    with pytest.raises(NotNow, match="not suspended"):
        await reinstate(one_world)
    await suspend(one_world)
    before = await one_world.everything()
    with pytest.raises(AlreadyDone):
        await suspend(one_world)
    assert await one_world.everything() == before


async def test_eight_at_once_make_one_suspension(world: World) -> None:
    await live(world)
    ended = await asyncio.gather(*(suspend(world) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, Receipt) for one in ended) == 1
    assert all(isinstance(one, Receipt | AlreadyDone | MovedMeanwhile) for one in ended)
    assert len(await world.rows("suspension")) == 1


async def test_one_that_an_inventory_found_suspended_comes_back(one_world: World) -> None:
    """It has no suspension of ours yet: the history says that it was there before."""
    await live(one_world)
    await suspend(one_world)
    async with one_world.store.write() as session:
        await (await session.connection()).exec_driver_sql("DELETE FROM suspension")
    await reinstate(one_world)
    (row,) = await one_world.rows("suspension")
    assert row["decided_by_id"] is None
    assert row["ended_by_id"] == CO


def test_a_password_in_the_reason_is_refused() -> None:
    with pytest.raises(BadInput, match="vault"):
        read(
            SuspensionForm,
            {"account": 1, "actor": mail(CO), "reason": "Password: Canary!9xK2vL7p"},
        )
