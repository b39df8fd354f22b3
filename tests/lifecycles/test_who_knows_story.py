"""Duties change, people go: who knows the password then, what they lose, and who is told (11)."""

from datetime import timedelta

import pytest

from schemas.errors import NotAllowed
from schemas.states import AccessState
from tests.clauses.driving import acted
from tests.lifecycles.rotation_helpers import confirm, open_items, rotate
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

CHANGE, CONFIRM = "change the password", "confirm the new password"
WHY = "Other duties from now on."


async def asked(world: World, kind: str) -> list[int]:
    return [person for person, _ in await open_items(world, kind)]


async def told(world: World, *kinds: str) -> list[tuple[str, int]]:
    return sorted((kind, person) for kind, person in await world.told() if kind in kinds)


async def knows(world: World) -> set[int]:
    """Who still knows the password."""
    rows = await world.rows("access")
    return {row["person_id"] for row in rows if row["knows_secret_since"] and not row["knows_secret_until"]}


async def test_who_is_taken_off_knows_it_until_it_was_changed_without_them(one_world: World) -> None:
    world = one_world
    await live(world)
    world.later(days=10)
    await acted(
        world, "remove-an-administrator", PRINCIPAL, account=1, person=mail(TEACHER), reason=WHY, at_once=True
    )
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED
    assert await knows(world) == {PRINCIPAL, TEACHER}, "nobody forgets by losing access"
    assert await asked(world, CHANGE) == [PRINCIPAL], "nothing is asked of whoever is off"
    # who took them off knows; Communications hears of it where one alone is left
    assert await told(world, "rotation_due", "access_revoked") == [
        ("access_revoked", CO),
        ("access_revoked", TEACHER),
        ("rotation_due", PRINCIPAL),
    ]
    await rotate(world, PRINCIPAL)
    await world.drain()
    assert await knows(world) == {PRINCIPAL}
    assert await told(world, "rotated") == [("rotated", CO)], "not whoever changed it, not whoever is off"
    assert await asked(world, CHANGE) == []
    with pytest.raises(NotAllowed):
        await confirm(world, TEACHER)


async def test_who_has_the_office_now_is_told_and_who_had_it_is_not(one_world: World) -> None:
    world, office = one_world, "communications officer"
    await live(world)
    await acted(world, "give-an-office", SUPER, office=office, person=mail(VICE))
    await acted(world, "end-an-office", SUPER, office=office, person=mail(CO), reason=WHY, at_once=True)
    assert ("office_ended", CO) in await world.told()
    await rotate(world, TEACHER)
    assert await told(world, "rotated") == [("rotated", PRINCIPAL), ("rotated", VICE)]
    assert await asked(world, CONFIRM) == [PRINCIPAL, VICE]
    with pytest.raises(NotAllowed):
        await confirm(world, CO)
    await confirm(world, VICE)
    assert await asked(world, CONFIRM) == [PRINCIPAL]


async def test_whoever_no_longer_runs_the_school_goes_on_administering_the_account(one_world: World) -> None:
    """The office goes, and with it what it may decide; the access is somebody's own, until it is taken."""
    world, office = one_world, "school administrator"
    await live(world)
    await acted(world, "give-an-office", SUPER, office=office, person=mail(VICE), school="Sample School 1")
    given = {"person": mail(PRINCIPAL), "school": "Sample School 1", "reason": WHY, "at_once": True}
    await acted(world, "end-an-office", SUPER, office=office, **given)
    assert ("office_ended", PRINCIPAL) in await world.told()
    world.now += timedelta(days=1)
    await world.drain()
    assert (await world.accesses())[PRINCIPAL] is AccessState.GRANTED
    assert await knows(world) == {PRINCIPAL, TEACHER}
    assert await asked(world, CHANGE) == []
    await rotate(world, TEACHER)
    assert await asked(world, CONFIRM) == [CO, PRINCIPAL], "not who runs the school now"
