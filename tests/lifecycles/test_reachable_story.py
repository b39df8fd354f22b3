"""No live account is left with nobody: at the last cut, and every night, whatever the cause."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from schemas.accounts import Access, Account
from schemas.people import Person, Role
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.suspension import asking
from tasks.suspension import lifecycle as suspension
from tasks.suspension.returns import HoldForm, take_hold
from tests.lifecycles.suspension_helpers import forgets, night, past
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail


async def change(world: World, *statements: object) -> None:
    async with world.store.write() as session:
        for one in statements:
            await session.run(one)  # type: ignore[call-overload]


async def is_here(world: World) -> None:
    """The custodian is here, holds the office and is not cut off."""


async def has_left(world: World) -> None:
    await change(world, update(Person).where(Person.id == CO).values(active=False))  # type: ignore[arg-type]


async def office_has_ended(world: World) -> None:
    ended = (world.now - timedelta(days=2)).date()
    await change(world, update(Role).where(Role.person_id == CO).values(ends_on=ended))  # type: ignore[arg-type]


async def is_cut_off(world: World) -> None:
    """The custodian's own access to it is suspended."""
    access = Access(account_id=1, person_id=CO, state=AccessState.SUSPENDED, state_since=world.now)
    async with world.store.write() as session:
        session.add(access)


@pytest.mark.parametrize(
    ("custodian", "kept"), [(is_here, 0), (has_left, 1), (office_has_ended, 1), (is_cut_off, 1)]
)
async def test_the_last_is_cut_only_where_a_custodian_can_reach_it(
    world: World, custodian: Callable[[World], Awaitable[None]], kept: int
) -> None:
    """A vault entry alone reaches nothing: somebody must be there who may open it."""
    await live(world)
    await change(world, update(Account).values(vault_reference="vault/Lakeside"))
    await forgets(world, TEACHER, PRINCIPAL)
    await night(world)
    await custodian(world)
    world.later(days=30)
    await past(world, world.now.date())
    await night(world)
    states = await world.accesses()
    assert [states[one] for one in (TEACHER, PRINCIPAL)].count(AccessState.GRANTED) == kept
    asked = [row for row in await world.rows("action_item") if row["kind"] == "take hold of the account"]
    assert len(asked) == kept


async def alone(world: World) -> None:
    """A live account; nothing shows that an office can reach it, and all who administer it have left."""
    await live(world)
    await change(
        world,
        update(Account).values(vault_reference=None, custodian_is_administrator=False),
        update(Person).where(Person.id.in_((TEACHER, PRINCIPAL))).values(active=False),  # type: ignore[union-attr]
    )


async def stranded_night(world: World) -> list[str]:
    said: list[str] = []
    for case in await asking.STRANDED.due(world.runtime, world.now):
        said += await asking.STRANDED.move(world.runtime, case, world.now)
    return said


def of_nobody(rows: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(row["role"], row["state"]) for row in rows if row["key"] == "account:1/nobody"]


async def test_who_can_name_somebody_is_asked_the_same_night(world: World) -> None:
    await alone(world)
    assert await stranded_night(world) == ["asked who is to have it: nobody can reach it"]
    assert await stranded_night(world) == [], "once"
    assert of_nobody(await world.rows("action_item")) == [("communications officer", "open")]
    letters = [row for row in await world.rows("notice") if row["kind"] == "nobody_reaches"]
    assert [(row["person_id"], row["urgency"]) for row in letters] == [(CO, "urgent")]

    form = HoldForm(account=1, actor=mail(CO), vault_reference="vault/Lakeside")
    await take_hold(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert of_nobody(await world.rows("action_item")) == [("communications officer", "done")]
    assert await stranded_night(world) == []


async def test_what_is_asked_ends_when_somebody_has_it_or_it_ends(world: World) -> None:
    await alone(world)
    await stranded_night(world)
    await change(world, update(Account).values(state=AccountState.CLOSED))
    assert await stranded_night(world) == ["nobody need be asked who is to have it"]
    assert of_nobody(await world.rows("action_item")) == [("communications officer", "dropped")]


def test_it_is_looked_for_every_night() -> None:
    assert asking.STRANDED.due in {stage.due for stage in suspension.LIFECYCLE.stages}
    assert suspension.LIFECYCLE.turn is not None
