"""Whoever gives offices, and the office concerned, learn of each change of who may act, however it comes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployments.sample.words import RoleKind
from policy.notices.offices import NAMED, DeputyNamed, OfficeChanged, OfficesByRoster
from schemas.errors import NotAllowed
from schemas.people import Absence
from tests.commands.act_cases import acted
from tests.factories.division import a_person, a_role
from tests.roster.roster_bundles import bundle11, folder, user11
from tests.support.letters import leave
from tests.support.stages import leaves
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

ADMINISTRATOR = RoleKind.SCHOOL_ADMINISTRATOR
STAFF = [user11(number) for number in range(1, 8)]


async def rosters(world: World, path: Path, *users: list[str]) -> None:
    await acted(world, "import-a-roster", CO, path=folder(path, bundle11(*users)))


async def told(world: World, kind: str) -> list[dict[str, Any]]:
    return [row for row in await world.rows("notice") if row["kind"] == kind]


async def test_a_roster_s_offices_are_told_in_one_letter_at_once(world: World, tmp_path: Path) -> None:
    await rosters(world, tmp_path / "first", *STAFF)
    assert await told(world, OfficesByRoster.kind) == [], "no office changed"
    heads = [user11(number, "principal", "s2") for number in range(20, 20 + NAMED + 2)]
    world.later(days=1)
    await rosters(world, tmp_path / "second", *STAFF, *heads)
    letters = await told(world, OfficesByRoster.kind)
    assert {row["person_id"] for row in letters} == {CO, SUPER}
    facts = letters[0]["facts"]
    assert (facts["by_id"], set(facts["changes"]), facts["more"]) == (CO, {"given"}, 2)
    assert set(facts["offices"]) == {ADMINISTRATOR}
    assert len(facts["person_ids"]) == NAMED
    # the school of the office, and not only that of the person
    schools = {row["source_id"]: row["id"] for row in await world.rows("school")}
    assert facts["school_ids"] == [schools["s2"]] * NAMED
    assert {row["not_before"] for row in letters} == {world.now}, "and not in the digest"

    world.later(days=1)
    gone = user11(20, "principal", "s2", enabledUser="false")
    await rosters(world, tmp_path / "third", *STAFF, gone, *heads[1:])
    (facts,) = [
        row["facts"] for row in await told(world, OfficesByRoster.kind) if row["created_at"] == world.now
    ][:1]
    assert (facts["changes"], facts["more"], facts["school_ids"]) == (["ends"], 0, [schools["s2"]])


async def test_an_office_that_a_return_brings_back_is_told_at_once(one_world: World, tmp_path: Path) -> None:
    world = one_world
    await rosters(world, tmp_path / "first", *STAFF[:-1], user11(7, "principal"))
    await rosters(world, tmp_path / "second", *STAFF[:-1], user11(7, "principal", enabledUser="false"))
    await acted(world, "note-a-return", SUPER, person=mail(VICE))
    letters = [one for one in await told(world, OfficeChanged.kind) if one["subject_id"] == VICE]
    assert {row["person_id"] for row in letters} == {CO, SUPER}
    assert letters[0]["facts"]["office"] == ADMINISTRATOR


def days(world: World) -> dict[str, Any]:
    return {"starts_on": world.now.date(), "ends_on": world.now.date() + timedelta(days=3)}


async def noted(world: World, who: int, by: int) -> None:
    await acted(world, "note-an-absence", by, person=mail(who), deputy=mail(DEPUTY), **days(world))


async def changed(world: World, who: int, by: int) -> None:
    await world.put(Absence(person_id=who, deputy_id=TEACHER, **days(world)))
    await acted(world, "change-a-deputy", by, person=mail(who), deputy=mail(DEPUTY))


async def ended(world: World, who: int, by: int) -> None:
    await world.put(Absence(person_id=who, deputy_id=DEPUTY, **days(world)))
    await acted(world, "end-an-absence", by, person=mail(who))


@pytest.mark.parametrize("how", [noted, changed, ended])
@pytest.mark.parametrize(
    ("who", "by", "readers"),
    [
        (CO, CO, {SUPER, 8}),  # 8 is the second Communications Officer
        (PRINCIPAL, PRINCIPAL, {VICE}),  # the school's other head
        (OTHER_PRINCIPAL, CO, set()),  # the only one: they read of it as the person
        (TEACHER, CO, set()),  # holds no office
    ],
)
async def test_who_stands_in_is_told_to_the_office_concerned(
    one_world: World, how: Callable[[World, int, int], Awaitable[None]], who: int, by: int, readers: set[int]
) -> None:
    if who == TEACHER and how is changed:
        return  # their own deputy, which is refused
    world = one_world
    await world.put(a_person(8), a_role(8, RoleKind.COMMUNICATIONS_OFFICER, school=None), a_role(VICE))
    await how(world, who, by)
    letters = await told(world, DeputyNamed.kind)
    assert {row["person_id"] for row in letters} == readers
    for row in letters:
        assert (row["subject_id"], row["facts"]["person_ids"]) == (who, [DEPUTY])
        assert row["facts"]["change"] == ("ended" if how is ended else "named")


@pytest.mark.parametrize("left", [False, True])
async def test_an_absence_that_never_began_is_told_as_over_to_who_read_of_it(
    one_world: World, left: bool
) -> None:
    world = one_world
    await world.put(a_role(VICE))
    day = world.now.date() + timedelta(days=5)
    soon = {"starts_on": day, "ends_on": day + timedelta(days=3)}
    await acted(world, "note-an-absence", PRINCIPAL, person=mail(PRINCIPAL), deputy=mail(DEPUTY), **soon)
    if left:
        await leave(world.store, world.now)
    await acted(world, "end-an-absence", PRINCIPAL, person=mail(PRINCIPAL))
    changes = [row["facts"]["change"] for row in await told(world, DeputyNamed.kind)]
    assert changes == (["named", "ended"] if left else ["named"])


async def test_the_first_office_is_given_to_oneself_in_an_empty_store_alone(world: World) -> None:
    """Where all who held one have left, somebody else is given it."""
    for person in (CO, SUPER):
        await leaves(world, person)
    office = {"office": RoleKind.COMMUNICATIONS_OFFICER}
    with pytest.raises(NotAllowed, match="to themselves"):
        await acted(world, "give-an-office", TEACHER, person=mail(TEACHER), **office)
    await acted(world, "give-an-office", TEACHER, person=mail(VICE), **office)
    entry = (await world.rows("audit_entry"))[-1]
    assert entry["body"]["nobody in office"] is True
    assert "to themselves" not in entry["body"]
