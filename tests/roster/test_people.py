"""Offices, absences and designations by command: who may, in which days, and what is refused."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from policy.model import Policy
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, Unknown
from schemas.machinery import AuditEntry
from schemas.outcome import RoleAt
from schemas.people import Absence, Designation, Role
from schemas.words import RoleKind
from tasks.people import offices as people
from tasks.people.roster import import_roster
from tasks.store import Store, audit
from tasks.store.holders import Holder, holders
from tests.factories.division import a_person, a_role, a_school, put
from tests.roster.roster_bundles import bundle11, folder, user11

TODAY = date(2026, 10, 20)
ONE, TWO, THREE = (f"person{number}@example.org" for number in (1, 2, 3))
CHIEF, OFFICER = RoleKind.SUPERINTENDENT, RoleKind.COMMUNICATIONS_OFFICER


@pytest.fixture
async def division(store: Store, policy: Policy, now: datetime, tmp_path: Path) -> Store:
    files = bundle11(*(user11(number) for number in (1, 2, 3)), user11(4, "student"))
    await import_roster(store, policy, folder(tmp_path / "b", files), students=True, now=now)
    return store


async def total(store: Store) -> int:
    async with store.read() as session:
        connection = await session.connection()
        return sum(
            [
                (await connection.execute(select(func.count()).select_from(table_of(model)))).scalar_one()
                for model in (Role, Absence, Designation, AuditEntry)
            ]
        )


async def test_a_granted_office_holds_and_its_deputy_stands_in(
    division: Store, policy: Policy, now: datetime
) -> None:
    noted = await people.grant_role(division, policy, OFFICER, ONE, now=now)
    assert noted.says == "Given1 Sample1 is communications officer from 2026-10-20 on."
    await people.note_absence(
        division, policy, ONE, deputy=TWO, starts_on=TODAY, ends_on=date(2026, 10, 23), now=now
    )
    async with division.read() as session:
        assert await holders(session, RoleAt(OFFICER), TODAY) == (Holder(1, absent=True), Holder(2, 1))
        assert await holders(session, RoleAt(OFFICER), date(2026, 10, 24)) == (Holder(1),)
    assert (await audit.verify(division)).seq >= 3


async def test_an_office_ends_after_its_last_day(division: Store, policy: Policy, now: datetime) -> None:
    await people.grant_role(division, policy, CHIEF, ONE, now=now)
    await people.end_role(division, policy, CHIEF, ONE, now=now)
    async with division.read() as session:
        assert await holders(session, RoleAt(CHIEF), TODAY) == (Holder(1),)
        assert await holders(session, RoleAt(CHIEF), date(2026, 10, 21)) == ()


async def test_only_the_superintendent_designates(division: Store, policy: Policy, now: datetime) -> None:
    await people.grant_role(division, policy, CHIEF, ONE, now=now)
    before = await total(division)
    with pytest.raises(NotAllowed, match="Only the Superintendent"):
        await people.designate(division, policy, TWO, designated_by=THREE, now=now)
    assert await total(division) == before
    await people.designate(division, policy, TWO, designated_by=ONE, now=now)
    with pytest.raises(AlreadyDone):
        await people.designate(division, policy, TWO, designated_by=ONE, now=now)


async def test_what_is_refused_changes_nothing(division: Store, policy: Policy, now: datetime) -> None:
    await people.grant_role(division, policy, CHIEF, ONE, now=now)
    before = await total(division)
    past, later = date(2026, 10, 19), date(2026, 11, 2)
    with pytest.raises(AlreadyDone, match="from 2026-10-20 on already"):
        await people.grant_role(division, policy, CHIEF, ONE, starts_on=later, now=now)
    with pytest.raises(BadInput, match="at a school: name it"):
        await people.grant_role(division, policy, RoleKind.SCHOOL_ADMINISTRATOR, ONE, now=now)
    with pytest.raises(BadInput, match="the whole division's"):
        await people.grant_role(division, policy, CHIEF, TWO, school="Lakeside Sample School", now=now)
    with pytest.raises(Unknown, match="did you mean Lakeside Sample School"):
        await people.grant_role(
            division, policy, RoleKind.SCHOOL_ADMINISTRATOR, TWO, school="Lakside Sample School", now=now
        )
    with pytest.raises(BadInput, match="has passed"):
        await people.grant_role(division, policy, OFFICER, TWO, starts_on=past, ends_on=past, now=now)
    with pytest.raises(BadInput, match="before it starts"):
        await people.grant_role(division, policy, OFFICER, TWO, starts_on=later, ends_on=TODAY, now=now)
    with pytest.raises(NotAllowed, match="student"):
        await people.grant_role(division, policy, OFFICER, "person4@example.org", now=now)
    with pytest.raises(BadInput, match="for themselves"):
        await people.note_absence(division, policy, ONE, deputy=ONE, starts_on=TODAY, ends_on=later, now=now)
    with pytest.raises(Unknown, match="Nobody here is known by"):
        await people.note_absence(
            division, policy, ONE, deputy="zoe@example.net", starts_on=TODAY, ends_on=later, now=now
        )
    assert await total(division) == before


async def test_a_deputy_who_is_away_is_refused(division: Store, policy: Policy, now: datetime) -> None:
    week: dict[str, Any] = {"starts_on": TODAY, "ends_on": date(2026, 10, 23), "now": now}
    await people.note_absence(division, policy, TWO, deputy=THREE, **week)
    with pytest.raises(BadInput, match="The deputy is away too"):
        await people.note_absence(division, policy, ONE, deputy=TWO, **week)
    with pytest.raises(AlreadyDone, match="would overlap"):
        await people.note_absence(division, policy, TWO, deputy=ONE, **week)


async def test_a_roster_does_not_end_what_a_command_gave(
    division: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    school = "Lakeside Sample School"
    kind = RoleKind.SCHOOL_ADMINISTRATOR
    await people.grant_role(division, policy, kind, ONE, school=school, now=now)
    files = bundle11(*(user11(number, familyName="Newname") for number in (1, 2, 3)))
    await import_roster(division, policy, folder(tmp_path / "c", files), allow_mass=True, now=now)
    async with division.read() as session:
        assert await holders(session, RoleAt(kind, 2), date(2026, 12, 1)) == (Holder(1),)


async def test_who_names_nobody_has_the_policys_deputy(store: Store, policy: Policy, now: datetime) -> None:
    """Another of the same office first; then the next office; an absent one is passed over."""
    week: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=5), "now": now}
    async with store.write() as session:
        await put(
            session,
            a_school(1),
            *(a_person(number) for number in range(1, 5)),
            a_role(1),
            a_role(2),
            a_role(3, RoleKind.COMMUNICATIONS_OFFICER, school=None),
        )
    noted = await people.note_absence(store, policy, "person1@example.org", **week)
    assert noted.says.startswith("Given2 Sample2 deputizes for Given1 Sample1")
    noted = await people.note_absence(store, policy, "person2@example.org", **week)
    assert noted.says.startswith("Given3 Sample3 deputizes"), "the first is away too"
    with pytest.raises(BadInput, match="name somebody with --deputy"):
        await people.note_absence(store, policy, "person4@example.org", **week)
    with pytest.raises(BadInput, match="name somebody with --deputy"):
        await people.note_absence(store, policy, "person3@example.org", **week)
