"""Who holds an office today, asked for many offices at once or one by one: the same, in one statement."""

from datetime import date, timedelta

import pytest

from schemas.outcome import RoleAt
from schemas.people import Absence
from tasks.store.holders import Holder, holders, holders_at
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, VICE, World

TODAY = date(2026, 10, 20)
CENTRAL = RoleAt("communications officer")
FIRST, OTHER = RoleAt("school administrator", 1), RoleAt("school administrator", 2)


def away(person: int, deputy: int, days: int = 0) -> Absence:
    begins = TODAY + timedelta(days=days)
    return Absence(person_id=person, deputy_id=deputy, starts_on=begins, ends_on=begins)


@pytest.mark.parametrize(
    ("absences", "central", "first"),
    [
        ((), {Holder(CO)}, PRINCIPAL),
        ((away(CO, DEPUTY, days=1),), {Holder(CO)}, PRINCIPAL),
        ((away(CO, DEPUTY),), {Holder(CO, absent=True), Holder(DEPUTY, CO)}, PRINCIPAL),
        # a deputy who is away too has one of their own; an absence that is noted twice counts once
        (
            (away(CO, DEPUTY), away(CO, DEPUTY), away(DEPUTY, SUPER)),
            {Holder(CO, absent=True), Holder(DEPUTY, CO, absent=True), Holder(SUPER, CO)},
            PRINCIPAL,
        ),
    ],
)
async def test_many_offices_at_once_are_as_one_after_the_other(
    world: World, absences: tuple[Absence, ...], central: set[Holder], first: int
) -> None:
    await world.put(*(Absence(**one.model_dump(exclude={"id"})) for one in absences))
    asked = (CENTRAL, FIRST, OTHER, RoleAt("school administrator", 77), RoleAt("nobody has it"))
    async with world.store.read() as session:
        together = await holders_at(session, asked, TODAY)
    for one in asked:
        async with world.store.read() as session:
            assert await holders(session, one, TODAY) == together[one]
    assert set(together[CENTRAL]) == central
    assert first in {one.person_id for one in together[FIRST]}
    assert {one.person_id for one in together[OTHER]} == {OTHER_PRINCIPAL}
    assert together[asked[3]] == together[asked[4]] == ()
    assert VICE not in {one.person_id for one in together[OTHER]}
