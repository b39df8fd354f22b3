"""Whoever an item climbs to may do what it asks, and an empty office stops nothing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from policy.calendar import Calendar
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import NotAllowed
from schemas.outcome import Ask, Outcome, Subject
from schemas.people import Role
from schemas.states import AccountState, RequestState
from schemas.words import ItemKind, SubjectKind, Via
from tasks.items.lifecycle import LIFECYCLE as ITEMS
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.suspension.returns import HoldForm, take_hold
from tasks.suspension.suspend import ReinstatementForm, SuspensionForm, reinstate_account, suspend_account
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, World, mail

LONG = date(2026, 12, 4)


async def climb(world: World) -> None:
    """The nights until an item stands at the top of its ladder."""
    day = world.now.date()
    while day < LONG:
        day += timedelta(days=1)
        world.on(day)
        for stage in ITEMS.stages:
            for case in await stage.due(world.runtime, world.now):
                await stage.move(world.runtime, case, world.now)


@pytest.mark.parametrize("level", ["school", "classroom"])
async def test_who_is_asked_in_the_end_may_decide(world: World, level: str) -> None:
    request = await world.submit(level=level, actor=mail(TEACHER))
    await world.drain()
    with pytest.raises(NotAllowed):
        await world.decide(request, SUPER)
    await climb(world)
    await world.decide(request, SUPER)
    assert await world.request(request) is RequestState.APPROVED


async def test_who_asked_never_decides_however_high_it_climbed(world: World) -> None:
    request = await world.submit(level="classroom", actor=mail(SUPER))
    await world.drain()
    await climb(world)
    with pytest.raises(NotAllowed, match="their own request"):
        await world.decide(request, SUPER)


async def an_account(world: World, state: AccountState) -> int:
    """A school's account that is there, in this state."""
    request = await world.submit()
    await world.drain()
    await world.decide(request, CO)
    async with world.store.write(audited=False) as session:
        connection = await session.connection()
        await connection.execute(update(table_of(Account)).values(state=state))
    return int((await world.rows("account"))[0]["id"])


@pytest.mark.parametrize("kind", [ItemKind.TAKE_HOLD, ItemKind.DECIDE_REINSTATEMENT])
async def test_who_is_asked_in_the_end_may_act_on_the_account(world: World, kind: ItemKind) -> None:
    holding = kind is ItemKind.TAKE_HOLD
    account = await an_account(world, AccountState.LIVE if holding else AccountState.SUSPENDED)
    subject = Subject(SubjectKind.ACCOUNT, account)
    ask = Ask("asked", kind, PRINCIPAL, subject, "compliance", world.now.date())
    given = (world.store, world.policy)

    async def act() -> None:
        common = {"via": Via.COMMAND, "now": world.now}
        if holding:
            hold = HoldForm(actor=mail(SUPER), account=account, vault_reference="vault/Lakeside")
            await take_hold(*given, hold, **common)  # type: ignore[arg-type]
        else:
            back = ReinstatementForm(actor=mail(SUPER), account=account, reason="It is mended.")
            await reinstate_account(*given, back, **common)  # type: ignore[arg-type]

    with pytest.raises(NotAllowed):
        await act()
    async with world.store.write() as session:
        calendar = Calendar(world.policy)
        await apply(session, Outcome((ask,), "asked"), actor=STEWARD, calendar=calendar, now=world.now)
    await climb(world)
    await act()


async def test_with_an_empty_office_who_stands_in_suspends(world: World) -> None:
    account = await an_account(world, AccountState.LIVE)
    form = SuspensionForm(account=account, actor=mail(SUPER), reason="Somebody else posts there.")
    common = {"via": Via.COMMAND, "now": world.now}
    with pytest.raises(NotAllowed, match="Only the Communications Officer"):
        await suspend_account(world.store, world.policy, form, **common)  # type: ignore[arg-type]
    async with world.store.write(audited=False) as session:
        connection = await session.connection()
        await connection.execute(delete(table_of(Role)).where(col(Role.person_id) == CO))
    await suspend_account(world.store, world.policy, form, **common)  # type: ignore[arg-type]
    assert await world.account(account) is AccountState.SUSPENDED
