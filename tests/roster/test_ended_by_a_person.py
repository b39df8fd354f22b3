"""What a person ended stays ended, whatever a roster has; a changed address is told, and signs out."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployments.sample.words import RoleKind
from policy.notices.offices import OfficesByRoster
from policy.notices.rosters import AddressChanged, EndedOfficeInRoster, LeftByRoster
from schemas.people import Absence
from schemas.sign_in import PortalSession
from schemas.words import SignInWay, Via
from tasks.people.roster import RosterForm, RosterReport, import_roster
from tests.commands.act_cases import acted
from tests.roster.roster_bundles import bundle12, folder, role12, user12
from tests.support.letters import Taken, deliver_at
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, SUPER, TEACHER, VICE, World, mail

OFFICE = RoleKind.SCHOOL_ADMINISTRATOR
SCHOOL = "Lakeside Sample School"
STAFF = range(1, 8)


async def roster(
    world: World, path: Path, *, begins: str = "2026-09-01", without: int = 0, **changed: dict[str, str]
) -> RosterReport:
    """A roster in which the vice principal (7) is the principal of Lakeside; `u4={...}`: another row of 4."""
    here = [one for one in STAFF if one != without]
    roles = [role12(one) for one in here] + [role12(VICE, "principal", beginDate=begins)]
    bundle = bundle12([user12(one, **changed.get(f"u{one}", {})) for one in here], roles)
    files = folder(path / f"{world.now:%Y%m%d%H%M}-{len(changed)}{begins}{without}", bundle)
    form = RosterForm.model_validate({"actor": mail(CO), "path": files, "allow_mass_deactivation": True})
    return await import_roster(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def offices(world: World, person: int) -> list[Any]:
    """The last day of each term of the person's office at the school, the earliest first."""
    return [one["ends_on"] for one in await world.rows("role") if one["person_id"] == person]


async def ends(world: World, **more: Any) -> None:
    given = {"office": OFFICE, "person": mail(VICE), "school": SCHOOL, "reason": "Dismissed by the board."}
    await acted(world, "end-an-office", SUPER, **{**given, **more})


async def told(world: World, kind: str) -> list[dict[str, Any]]:
    return [row for row in await world.rows("notice") if row["kind"] == kind]


@pytest.mark.parametrize("how", [{"at_once": True}, {"last_day": timedelta(days=30)}])
async def test_the_same_roster_does_not_undo_an_end(
    one_world: World, tmp_path: Path, how: dict[str, Any]
) -> None:
    world = one_world
    await roster(world, tmp_path)
    day = world.now.date()
    if "last_day" in how:
        how = {"last_day": day + how["last_day"]}
    await ends(world, **how)
    last = how.get("last_day", day - timedelta(days=1))
    assert await offices(world, VICE) == [last]
    found = await roster(world, tmp_path)
    assert found.difference.count == 0
    assert await offices(world, VICE) == [last]
    if "last_day" in how:
        world.now += how["last_day"] + timedelta(days=1) - day  # and once the day is over
        found = await roster(world, tmp_path)
    assert await offices(world, VICE) == [last]
    assert [(one.person_id, one.kind) for one in found.difference.stays_ended] == [(VICE, OFFICE)]


async def test_it_is_told_once_and_not_where_the_office_was_given_again(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await roster(world, tmp_path)
    await ends(world, at_once=True)
    for _ in range(3):
        await roster(world, tmp_path)
        world.later(days=1)
    letters = await told(world, EndedOfficeInRoster.kind)
    assert {one["person_id"] for one in letters} == {CO, SUPER}
    assert len(letters) == 2, "once"
    given = {"office": OFFICE, "person": mail(VICE), "school": SCHOOL}
    await acted(world, "give-an-office", SUPER, **given)
    found = await roster(world, tmp_path)
    assert (found.difference.count, found.difference.stays_ended) == (0, ())
    assert len(await offices(world, VICE)) == 2


async def test_a_new_first_day_gives_it_again(one_world: World, tmp_path: Path) -> None:
    world = one_world
    await roster(world, tmp_path)
    await ends(world, at_once=True)
    last = world.now.date() - timedelta(days=1)
    await roster(world, tmp_path, begins=str(last))
    assert await offices(world, VICE) == [last]
    await roster(world, tmp_path, begins=str(last + timedelta(days=1)))
    assert await offices(world, VICE) == [last, None]


async def test_a_first_day_before_the_announced_last_day_is_no_new_one(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await roster(world, tmp_path)
    last = world.now.date() + timedelta(days=30)
    await ends(world, last_day=last)
    await roster(world, tmp_path, begins=str(last - timedelta(days=9)))
    assert len(await offices(world, VICE)) == 1
    await roster(world, tmp_path, begins=str(last + timedelta(days=9)))
    assert (await offices(world, VICE))[1:] == [None]


async def test_a_term_to_come_that_was_ended_does_not_begin(one_world: World, tmp_path: Path) -> None:
    world = one_world
    begins = world.now.date() + timedelta(days=40)
    await roster(world, tmp_path, begins=str(begins))
    await ends(world, at_once=True)
    before = await offices(world, VICE)
    await roster(world, tmp_path, begins=str(begins))
    assert await offices(world, VICE) == before


async def test_no_office_comes_to_who_stays_by_the_roster_after_a_merge(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await roster(world, tmp_path)
    merge = {"person": mail(VICE), "into": mail(TEACHER), "reason": "One badge, two records."}
    await acted(world, "merge-two-records", CO, **merge)
    found = await roster(world, tmp_path)
    assert await offices(world, TEACHER) == [world.now.date() - timedelta(days=1)]
    assert [one.person_id for one in found.difference.stays_ended] == [TEACHER]


@pytest.mark.parametrize(("address", "becomes"), [(VICE, TEACHER), (70, 70)])
async def test_the_row_of_a_merged_record_does_not_bring_its_address(
    one_world: World, tmp_path: Path, address: int, becomes: int
) -> None:
    """With another address than it had, the row is a change as any other."""
    world = one_world
    await roster(world, tmp_path)
    merge = {"person": mail(VICE), "into": mail(TEACHER), "reason": "One badge, two records."}
    await acted(world, "merge-two-records", CO, **merge)
    await roster(world, tmp_path, without=TEACHER, u7={"email": mail(address)})
    kept = next(one for one in await world.rows("person") if one["id"] == TEACHER)
    assert (kept["email"], kept["given_name"] == f"Given{TEACHER}") == (mail(becomes), becomes == TEACHER)


async def test_who_is_back_has_the_office_until_the_day_that_a_person_said(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await roster(world, tmp_path)
    day = world.now.date() + timedelta(days=30)
    await ends(world, last_day=day)
    await roster(world, tmp_path, u7={"enabledUser": "false", "status": "tobedeleted"})
    await acted(world, "note-a-return", SUPER, person=mail(VICE))
    assert await offices(world, VICE) == [day]


async def signed_in(world: World, person: int) -> None:
    row: dict[str, Any] = {"token_hash": "c" * 64, "person_id": person, "way": SignInWay.MAIL, "browser": ""}
    await world.put(
        PortalSession(**row, begun_at=world.now, seen_at=world.now, until=world.now + timedelta(days=1))
    )


async def test_a_changed_address_signs_out_and_is_told_at_both(one_world: World, tmp_path: Path) -> None:
    world, new = one_world, "somebody.else@example.org"
    await roster(world, tmp_path)
    await signed_in(world, SUPER)
    world.later(minutes=5)
    await roster(world, tmp_path, u2={"email": new})
    assert [one["ended_at"] for one in await world.rows("portal_session")] == [world.now]
    post = Taken()
    await deliver_at(world.store, world.policy, world.settings, world.now, post)
    letters = [to for to, text in post.letters if "Your address to sign in was changed" in text]
    assert sorted(letters) == sorted([mail(SUPER), new])
    (*_, told_offices) = await told(world, OfficesByRoster.kind)
    assert (told_offices["facts"]["person_ids"], told_offices["facts"]["changes"]) == ([SUPER], ["address"])
    assert {one["person_id"] for one in await told(world, OfficesByRoster.kind)} == {CO, SUPER}


@pytest.mark.parametrize("from_now", [timedelta(0), timedelta(days=20)])
async def test_the_changed_address_of_who_stands_in_is_told(
    one_world: World, tmp_path: Path, from_now: timedelta
) -> None:
    """Whoever has the deputy's address acts for the Superintendent; also one whose absence is to come."""
    world = one_world
    await roster(world, tmp_path)
    first = world.now.date() + from_now
    await world.put(
        Absence(person_id=SUPER, deputy_id=TEACHER, starts_on=first, ends_on=first + timedelta(days=9))
    )
    await roster(world, tmp_path, u4={"email": "somebody.else@example.org"})
    letters = await told(world, AddressChanged.kind)
    assert [one["person_id"] for one in letters] == [TEACHER] * 2
    (*_, told_offices) = await told(world, OfficesByRoster.kind)
    facts = told_offices["facts"]
    assert (facts["person_ids"], facts["offices"]) == ([TEACHER], [RoleKind.SUPERINTENDENT])


async def test_who_has_neither_office_nor_access_reads_nothing_of_it(
    one_world: World, tmp_path: Path
) -> None:
    world = one_world
    await live(world)
    await roster(world, tmp_path)
    await signed_in(world, DEPUTY)
    new: dict[str, Any] = {"u4": {"email": "new.name@example.org"}, "u6": {"email": "other.name@example.org"}}
    await roster(world, tmp_path, **new)
    assert [one["ended_at"] for one in await world.rows("portal_session")] == [world.now]
    letters = await told(world, AddressChanged.kind)
    assert [(one["person_id"], one["facts"]["former"]) for one in letters] == [(TEACHER, mail(TEACHER))] * 2


async def test_who_left_as_a_roster_says_reads_it_with_the_offices(one_world: World, tmp_path: Path) -> None:
    """The Superintendent's own office is no roster's: nobody read that nobody could act in it any more."""
    world = one_world
    await roster(world, tmp_path)
    world.later(days=1)
    gone = {"enabledUser": "false", "status": "tobedeleted"}
    await roster(world, tmp_path, u2=gone, u6=gone, u7=gone)
    letters = await told(world, LeftByRoster.kind)
    assert {one["person_id"]: one["facts"]["offices"] for one in letters} == {
        SUPER: [RoleKind.SUPERINTENDENT],
        VICE: [OFFICE],
    }
    (*_, told_offices) = await told(world, OfficesByRoster.kind)
    assert told_offices["person_id"] == CO
    assert dict(zip(told_offices["facts"]["person_ids"], told_offices["facts"]["changes"], strict=True)) == {
        SUPER: "left",
        VICE: "ends",
    }
    post = Taken()
    await deliver_at(world.store, world.policy, world.settings, world.now, post)
    assert [to for to, text in post.letters if "You count as having left" in text] == [
        mail(SUPER),
        mail(VICE),
    ]


async def test_a_former_address_is_forgotten_with_the_person(one_world: World, tmp_path: Path) -> None:
    world, former = one_world, mail(VICE)
    await roster(world, tmp_path)
    await roster(world, tmp_path, u7={"email": "new.name@example.org"})
    assert former in str(await told(world, AddressChanged.kind))
    await roster(world, tmp_path, u7={"enabledUser": "false", "status": "tobedeleted"})
    await acted(world, "forget-a-person", CO, person=str(VICE), reason="They asked for it.")
    assert former not in str(await world.everything())
