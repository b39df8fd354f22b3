"""What a person ended is one term: another one that stands does not end with it, and a new one may come."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployments.sample.words import RoleKind
from policy.notices.offices import OfficeChanged
from schemas.people import Designation
from schemas.words import Via
from tasks.people.merging import MergeForm, merge_people
from tasks.people.roster import RosterForm, RosterReport, import_roster
from tasks.people.roster_groups import groups
from tests.commands.act_cases import acted
from tests.roster.roster_bundles import bundle12, folder, role12, user12
from tests.support.world import CO, SUPER, TEACHER, VICE, World, mail

OFFICE, SCHOOL = RoleKind.SCHOOL_ADMINISTRATOR, "Lakeside Sample School"
STAFF = range(1, 8)
FIRST = "2026-09-01"


def principal(begins: str = FIRST, *, person: int = VICE, of: str = "s1", number: int = 0) -> list[str]:
    """A row that makes somebody the principal of Lakeside."""
    return role12(person, "principal", of, beginDate=begins, sourcedId=f"p{person}-{number}")


async def roster(
    world: World, path: Path, *principals: list[str], school: str = "s1", without: int = 0
) -> RosterReport:
    """A roster with these principals; the sourcedId of Lakeside may be another one, and somebody gone."""
    gone = {"enabledUser": "false", "status": "tobedeleted"}
    roles = [role12(one, org=school) for one in STAFF] + list(principals)
    files = bundle12([user12(one, school, **(gone if one == without else {})) for one in STAFF], roles)
    files["orgs.csv"] = files["orgs.csv"].replace(b"\ns1,", f"\n{school},".encode())
    given = {"actor": mail(CO), "path": folder(path, files), "allow_mass_deactivation": True}
    form = RosterForm.model_validate(given)
    return await import_roster(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def ends(world: World, **more: Any) -> None:
    given = {"office": OFFICE, "person": mail(VICE), "school": SCHOOL, "reason": "Dismissed by the board."}
    await acted(world, "end-an-office", SUPER, **{**given, **more})


async def merged(world: World) -> str:
    """What is said once the record of the vice principal is the teacher's."""
    given = {"actor": mail(CO), "person": mail(VICE), "into": mail(TEACHER), "reason": "One badge."}
    form = MergeForm.model_validate(given)
    return (await merge_people(world.store, world.policy, form, via=Via.COMMAND, now=world.now)).says


async def terms(world: World, person: int) -> list[tuple[date, date | None]]:
    """The first and the last day of each term of the person's office, in their order."""
    rows = [one for one in await world.rows("role") if one["person_id"] == person and one["kind"] == OFFICE]
    return [(one["starts_on"], one["ends_on"]) for one in rows if one["school_id"] is not None]


async def test_a_merged_record_s_office_does_not_end_the_same_one_of_who_stays(
    one_world: World, tmp_path: Path
) -> None:
    """Two rows of one principal are made one: the next roster, as before, ended the office that stayed."""
    world = one_world
    both = principal(), principal(person=TEACHER)
    await roster(world, tmp_path, *both)
    assert "No office moves" not in await merged(world)
    found = await roster(world, tmp_path, *both)
    assert (found.difference.count, found.difference.stays_ended) == (0, ())
    assert (date(2026, 9, 1), None) in await terms(world, TEACHER)


async def test_a_designation_that_both_records_have_ends_nothing(one_world: World) -> None:
    world = one_world
    today = world.policy.calendar.today(world.now)
    for one in (VICE, TEACHER):
        await world.put(Designation(person_id=one, designated_by_id=SUPER, starts_on=today))
    assert "The designation of" not in await merged(world)


async def test_a_term_that_was_given_again_stays_though_its_first_day_is_put_back(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await roster(world, tmp_path, principal())
    await ends(world, at_once=True)
    today = world.now.date()
    await roster(world, tmp_path, principal(str(today)))
    assert (await terms(world, VICE))[1:] == [(today, None)]
    world.later(days=10)
    for begins in (FIRST, ""):
        found = await roster(world, tmp_path, principal(begins))
        assert found.difference.count == 0
        assert (await terms(world, VICE))[1:] == [(today, None)]


async def test_who_a_roster_drops_and_has_again_holds_the_office_until_the_day_that_was_said(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await roster(world, tmp_path, principal())
    last = world.now.date() + timedelta(days=30)
    await ends(world, last_day=last)
    gone = [*principal()]
    gone[1] = "tobedeleted"
    await roster(world, tmp_path, gone)
    over = (date(2026, 9, 1), world.now.date() - timedelta(days=1))
    assert await terms(world, VICE) == [over]
    world.later(days=1)
    for _ in range(2):
        await roster(world, tmp_path, principal())
        assert await terms(world, VICE) == [(date(2026, 9, 1), last)]
    await ends(world, at_once=True)
    await roster(world, tmp_path, principal())
    assert await terms(world, VICE) == [(date(2026, 9, 1), world.now.date() - timedelta(days=1))]


async def test_a_new_row_gives_it_again_beside_the_old_one(one_world: World, tmp_path: Path) -> None:
    world = one_world
    await roster(world, tmp_path, principal())
    await ends(world, at_once=True)
    begins = world.now.date() + timedelta(days=3)
    rows = principal(), principal(str(begins), number=1)
    for _ in range(3):
        found = await roster(world, tmp_path, *rows)
        assert found.difference.stays_ended == () or world.now.date() < begins
        assert (await terms(world, VICE))[1:] == [(begins, None)]
        world.later(days=3)


@pytest.mark.parametrize("nights", [1, 2])
async def test_a_school_under_another_number_does_not_bring_back_what_was_ended(
    one_world: World, tmp_path: Path, nights: int
) -> None:
    """The school's row is another one, with the same name."""
    world = one_world
    await roster(world, tmp_path, principal())
    await ends(world, at_once=True)
    for _ in range(nights):
        found = await roster(world, tmp_path, principal(of="s9"), school="s9")
        world.later(days=1)
    assert [one.person_id for one in found.difference.stays_ended] == [VICE]
    assert len(await terms(world, VICE)) == 1


async def test_a_school_under_another_number_keeps_an_announced_last_day(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await roster(world, tmp_path, principal())
    last = world.now.date() + timedelta(days=30)
    await ends(world, last_day=last)
    for _ in range(3):
        await roster(world, tmp_path, principal(of="s9"), school="s9")
        assert (await terms(world, VICE))[1:] == [(date(2026, 9, 1), last)]
        world.later(days=1)
    world.later(days=30)
    found = await roster(world, tmp_path, principal(of="s9"), school="s9")
    assert [one.person_id for one in found.difference.stays_ended] == [VICE]
    assert (await terms(world, VICE))[1:] == [(date(2026, 9, 1), last)]


async def test_who_is_back_after_the_day_that_was_said_is_given_nothing(
    one_world: World, tmp_path: Path
) -> None:
    """Who gives offices read that it was given, from the day of the return on."""
    world = one_world
    await roster(world, tmp_path, principal())
    last = world.now.date() + timedelta(days=30)
    await ends(world, last_day=last)
    await roster(world, tmp_path, principal(), without=VICE)
    world.later(days=40)
    before = len(await world.rows("notice"))
    await acted(world, "note-a-return", SUPER, person=mail(VICE))
    told = [one["kind"] for one in (await world.rows("notice"))[before:]]
    assert await terms(world, VICE) == [(date(2026, 9, 1), last)]
    assert OfficeChanged.kind not in told


async def test_the_difference_names_who_begins_in_an_office(one_world: World, tmp_path: Path) -> None:
    """Also somebody of whom nothing else changes: their roster's number stood there."""
    world = one_world
    await roster(world, tmp_path)
    found = await roster(world, tmp_path, principal())
    said = dict(groups(found.difference))["Offices that start"]
    assert [one.partition(":")[0] for one in said] == [f"Given{VICE} Sample{VICE}"]
