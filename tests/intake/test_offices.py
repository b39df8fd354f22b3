"""Who decides while people are away, leave or are designated (1, 5, 5.4, 6)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from deployments.sample.words import RoleKind
from schemas.errors import MovedMeanwhile, NotAllowed, StewardError
from schemas.people import Absence, Designation, Role
from schemas.states import AccountState, RequestState
from tests.factories.division import a_completion, a_person, a_role
from tests.support.stages import leaves
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

OFFICER = RoleKind.COMMUNICATIONS_OFFICER
CLASSROOM = {"level": "classroom", "administrators": [mail(TEACHER)]}


async def away(world: World, person: int, deputy: int, first: int = 0, last: int = 5) -> None:
    today = world.now.date()
    days: dict[str, Any] = {
        "starts_on": today + timedelta(days=first),
        "ends_on": today + timedelta(days=last),
    }
    await world.put(Absence(person_id=person, deputy_id=deputy, **days))


async def asked_to_decide(world: World) -> list[int]:
    return [person for kind, person in await world.told() if kind == "decision_wanted"]


async def awaiting(world: World, **changes: object) -> int:
    number = await world.submit(**changes)
    await world.drain()
    assert await world.request(number) is RequestState.AWAITING_DECISION
    return number


@pytest.mark.parametrize(("first", "last", "may"), [(0, 0, True), (-9, -1, False), (1, 9, False)])
async def test_a_deputy_decides_on_the_days_of_the_absence_only(
    world: World, first: int, last: int, *, may: bool
) -> None:
    await away(world, CO, DEPUTY, first, last)
    number = await awaiting(world)
    assert await asked_to_decide(world) == [DEPUTY if may else CO]
    if may:
        await world.decide(number, DEPUTY)
        (made,) = await world.rows("decision")
        assert (made["decided_by_id"], made["deputy_for_id"]) == (DEPUTY, CO)
        return
    before = await world.everything()
    with pytest.raises(NotAllowed, match=r"\(5\)"):
        await world.decide(number, DEPUTY)
    assert await world.everything() == before


async def test_who_is_away_still_holds_the_office(one_world: World) -> None:
    await away(one_world, CO, DEPUTY)
    await one_world.decide(await awaiting(one_world), CO)
    (made,) = await one_world.rows("decision")
    assert made["deputy_for_id"] is None


async def test_two_absences_at_once_with_one_deputy(one_world: World) -> None:
    """Two heads of a school are away, one stands in for both: one mail, one decision, one named."""
    world = one_world
    await world.put(a_role(VICE))
    await away(world, PRINCIPAL, DEPUTY)
    await away(world, VICE, DEPUTY)
    number = await awaiting(world, **CLASSROOM)
    assert await asked_to_decide(world) == [DEPUTY]
    await world.decide(number, DEPUTY)
    (made,) = await world.rows("decision")
    assert (made["decided_by_id"], made["deputy_for_id"]) == (DEPUTY, PRINCIPAL)


async def test_two_absences_at_once_with_a_deputy_each(one_world: World) -> None:
    world = one_world
    await away(world, PRINCIPAL, DEPUTY)
    await away(world, PRINCIPAL, VICE, -2, 3)  # as an import might bring it
    number = await awaiting(world, **CLASSROOM)
    assert await asked_to_decide(world) == [DEPUTY, VICE]
    await world.decide(number, VICE)


async def test_a_deputy_who_asked_for_it_does_not_decide_it(one_world: World) -> None:
    world = one_world
    await away(world, PRINCIPAL, TEACHER)
    number = await awaiting(world, **CLASSROOM)
    assert await asked_to_decide(world) == [PRINCIPAL], "away, but nobody else is free"
    with pytest.raises(NotAllowed, match="their own request"):
        await world.decide(number, TEACHER)
    await world.decide(number, PRINCIPAL)


async def test_a_deputy_who_is_away_too_is_not_the_only_one_to_be_told(one_world: World) -> None:
    """Nobody is here: all are told, and whoever comes back first decides. One who is here is told alone."""
    world = one_world
    await away(world, CO, DEPUTY)
    await away(world, DEPUTY, CO)
    number = await awaiting(world)
    assert await asked_to_decide(world) == [CO, DEPUTY]
    before = await world.everything()
    with pytest.raises(NotAllowed):
        await world.decide(number, VICE)  # stands in for the deputy, and not for the office
    assert await world.everything() == before
    await world.decide(number, DEPUTY, "decline")

    await world.put(a_person(8), a_role(8, OFFICER, school=None))
    await awaiting(world, handle="@second")
    assert await asked_to_decide(world) == [CO, DEPUTY, 8]


async def test_a_deputy_who_left_decides_nothing(one_world: World) -> None:
    world = one_world
    await away(world, CO, DEPUTY)
    await leaves(world, DEPUTY)
    await awaiting(world)
    assert await asked_to_decide(world) == [CO]


@pytest.mark.parametrize(("first", "last", "may"), [(0, 0, True), (-9, -1, False), (1, None, False)])
async def test_an_office_is_held_on_its_days_only(
    world: World, first: int, last: int | None, *, may: bool
) -> None:
    today = world.now.date()
    ends = None if last is None else today + timedelta(days=last)
    await world.put(a_role(VICE, OFFICER, school=None, starts_on=today + timedelta(days=first), ends_on=ends))
    number = await awaiting(world)
    if may:
        await world.decide(number, VICE)
        return
    with pytest.raises(NotAllowed):
        await world.decide(number, VICE)


async def test_the_superintendent_steps_in_where_communications_has_nobody(one_world: World) -> None:
    world = one_world
    async with world.store.write() as session:
        await session.exec(delete(Role).where(Role.person_id == CO))  # type: ignore[arg-type]
    number = await awaiting(world)
    assert await asked_to_decide(world) == [SUPER]
    await world.decide(number, SUPER)


@pytest.mark.parametrize("second", ["decline", "send back", "approve"])
async def test_of_two_deciders_at_once_one_learns_of_the_other(world: World, second: str) -> None:
    await world.put(a_role(VICE, OFFICER, school=None))
    number = await awaiting(world)
    made = await asyncio.gather(
        world.decide(number, CO, "send back"), world.decide(number, VICE, second), return_exceptions=True
    )
    (lost,) = [one for one in made if isinstance(one, BaseException)]
    assert isinstance(lost, MovedMeanwhile), repr(lost)
    (decision,) = await world.rows("decision")
    assert lost.by_id == decision["decided_by_id"]


@pytest.mark.parametrize(
    ("designated", "complete"),
    [
        ({}, True),
        ({"starts_on": 0, "ends_on": 0}, True),
        ({"ends_on": -1}, False),
        ({"starts_on": 1}, False),
        (None, False),
    ],
)
async def test_a_designated_person_administers_a_division_account(
    world: World, designated: dict[str, int] | None, *, complete: bool
) -> None:
    today = world.now.date()
    if designated is not None:
        days = {"starts_on": -30, **designated}
        dates: dict[str, Any] = {name: today + timedelta(days=day) for name, day in days.items()}
        await world.put(Designation(person_id=TEACHER, designated_by_id=SUPER, **dates))
    number = await world.submit(level="division", school="", administrators=[mail(TEACHER)])
    await world.drain()
    if not complete:
        assert await world.request(number) is RequestState.SENT_BACK
        (row,) = await world.rows("account_request")
        assert [reason for reason in row["reasons"] if "(1)" in reason] == row["reasons"]
        return
    await world.decide(number, CO)
    await world.drain()
    await world.meet_gates(1, TEACHER)
    await world.drain()
    assert await world.account(1) is AccountState.PREPARING


async def test_a_designation_for_one_account_is_none_for_another(one_world: World) -> None:
    world = one_world
    given = {"level": "division", "school": ""}
    await world.decide(await awaiting(world, **given, administrators=[mail(CO)]), CO)
    await world.put(
        Designation(person_id=TEACHER, designated_by_id=SUPER, account_id=1, starts_on=world.now.date())
    )
    second = await world.submit(**given, handle="@second", administrators=[mail(TEACHER)])
    await world.drain()
    assert await world.request(second) is RequestState.SENT_BACK


@pytest.mark.parametrize(
    ("named", "complete"),
    [
        ([PRINCIPAL], False),
        ([PRINCIPAL, PRINCIPAL], False),
        ([TEACHER, VICE], False),
        ([OTHER_PRINCIPAL, TEACHER], False),
        ([PRINCIPAL, TEACHER], True),
        ([PRINCIPAL, OTHER_PRINCIPAL], True),
    ],
)
async def test_a_school_account_needs_its_principal_and_somebody_besides(
    one_world: World, named: list[int], *, complete: bool
) -> None:
    world = one_world
    number = await world.submit(administrators=[mail(one) for one in named])
    await world.drain()
    expected = RequestState.AWAITING_DECISION if complete else RequestState.SENT_BACK
    assert await world.request(number) is expected
    if not complete:
        (row,) = await world.rows("account_request")
        assert len(row["reasons"]) == 1
        assert "(5.4)" in row["reasons"][0]


async def test_a_course_is_waived_for_a_classroom_and_for_nothing_else(one_world: World) -> None:
    world = one_world
    number = await awaiting(world, **CLASSROOM)
    await world.decide(number, PRINCIPAL, training_required=False)
    await world.drain()
    await world.meet_gates(1, TEACHER, course=False)
    await world.drain()
    assert await world.account(1) is AccountState.PREPARING
    await world.put(a_completion(VICE, world.now.date()))
    second = await awaiting(world, handle="@second")
    with pytest.raises(StewardError, match="it is not your word"):
        await world.decide(second, CO, training_required=True)
