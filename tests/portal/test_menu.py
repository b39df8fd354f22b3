"""What an account's page offers to do with it: what its reader may do, and what makes sense there."""

import re
from types import SimpleNamespace

import pytest

from portal.accounts import _DOES
from schemas.errors import StewardError
from schemas.words import PageVerdict, Via
from tasks.accounts.listing import show_account
from tasks.acts.context import ActContext
from tasks.acts.menu import makes_sense
from tasks.acts.table import ACTS
from tasks.store.audit import Actor
from tests.portal.asked import noted
from tests.portal.browser import Portal
from tests.support.stages import approved, live, prepared
from tests.support.world import CO, PRINCIPAL, TEACHER, World

PASSWORDS = {"record-a-new-password", "confirm-a-new-password"}


async def menu(portal: Portal, person: int) -> set[str]:
    """The acts that the page of account 1 offers to this person."""
    async with portal.as_person(person) as browser:
        page = (await browser.get("/accounts/1")).text
    return set(re.findall(r'href="/acts/([a-z-]+)\?account=1&amp;accounts=1', page))


async def allowed(world: World, person: int, names: set[str]) -> set[str]:
    """The slow way: each act's own rule, asked in a transaction as when it is recorded."""
    found = set()
    form = SimpleNamespace(account=1, accounts=(1,), person=str(person), strike=())
    for name in names:
        async with world.store.write(audited=False) as session:
            policy = world.policy
            context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), world.now)
            try:
                if await ACTS[name].load().who.test(context, form) is not None:
                    found.add(name)
            except StewardError:
                pass
    return found


async def unread_classroom(world: World) -> None:
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    await world.look(1, PageVerdict.UNREACHABLE)


@pytest.mark.parametrize("stage", [approved, prepared, live, unread_classroom])
@pytest.mark.parametrize("person", [TEACHER, PRINCIPAL, CO])
async def test_each_act_is_offered_to_whoever_may_do_it_and_to_nobody_else(
    portal: Portal, stage: object, person: int
) -> None:
    world = portal.world
    await stage(world)  # type: ignore[operator]
    async with world.store.read() as session:
        shown = await show_account(session, world.policy, "1")
    sensible = {one for one in _DOES.get(shown.state, ()) if makes_sense(one, shown, world.policy)}
    assert await menu(portal, person) == await allowed(world, person, sensible)


async def test_a_principal_who_does_not_administer_it_is_offered_no_password(portal: Portal) -> None:
    """It was offered, filled in, and refused."""
    world = portal.world
    await unread_classroom(world)
    offered = await menu(portal, PRINCIPAL)
    assert not PASSWORDS & offered
    assert "attest-a-notice" in offered
    assert "attest-a-profile" in offered
    assert "attest-a-notice" not in await menu(portal, TEACHER)


async def test_who_may_say_what_an_unread_page_shows_finds_it_before_it_is_live(portal: Portal) -> None:
    """It was found under “Everything” alone, and without it the account would never be live."""
    world = portal.world
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    assert "attest-a-notice" not in await menu(portal, PRINCIPAL), "nobody has looked yet"
    await world.look(1, PageVerdict.UNREACHABLE)
    assert {"attest-a-notice", "attest-a-profile"} <= await menu(portal, PRINCIPAL)
    assert "attest-a-notice" not in await menu(portal, TEACHER)


@pytest.mark.parametrize(("person", "most"), [(TEACHER, 10), (PRINCIPAL, 14), (CO, 14)])
async def test_a_menu_costs_hardly_anything(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, person: int, most: int
) -> None:
    """Twenty rules asked one by one would be thirty statements."""
    await live(portal.world)
    async with portal.as_person(person) as browser:
        await browser.get("/accounts/1")
        with noted(portal, monkeypatch) as (asked, _):
            assert (await browser.get("/accounts/1")).status_code == 200
    assert len([one for one in asked if one != "BEGIN"]) <= most, asked
