"""Offices, absences and designations by command: who may, in which days, and what is refused."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as sqlmodel_select

from deployments.sample.words import RoleKind
from policy.model import Policy
from policy.notices.people import RecordedForYou
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, Unknown
from schemas.forms import read
from schemas.machinery import AuditEntry, Notice
from schemas.outcome import RoleAt
from schemas.people import Absence, Designation, Role
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.people.absences import AbsenceForm, note_absence
from tasks.people.designations import DesignationForm, designate
from tasks.people.offices import EndForm, GrantForm, end_role, grant_role
from tasks.people.roster import RosterForm, import_roster
from tasks.store import Store, verifying
from tasks.store.holders import Holder, holders
from tests.factories.division import a_person, a_role, a_school, put
from tests.roster.roster_bundles import bundle11, folder, user11

TODAY = date(2026, 10, 20)
ONE, TWO, THREE, FIVE = (f"person{number}@example.org" for number in (1, 2, 3, 5))
CHIEF, OFFICER = RoleKind.SUPERINTENDENT, RoleKind.COMMUNICATIONS_OFFICER


@pytest.fixture
async def division(store: Store, policy: Policy, now: datetime, tmp_path: Path) -> Store:
    """Three teachers, a student, and person 5, who holds the first office."""
    files = bundle11(*(user11(number) for number in (1, 2, 3, 5)), user11(4, "student"))
    roster = RosterForm(actor=FIVE, path=folder(tmp_path / "b", files), students=True)
    await import_roster(store, policy, roster, via=Via.COMMAND, now=now)
    await grant(store, policy, OFFICER, FIVE, now=now)
    return store


async def grant(
    store: Store, policy: Policy, office: RoleKind, who: str, *, now: datetime, by: str = FIVE, **more: Any
) -> Receipt:
    form = read(GrantForm, {"actor": by, "office": office, "person": who, **more})
    return await grant_role(store, policy, form, via=Via.COMMAND, now=now)


async def end(
    store: Store, policy: Policy, office: RoleKind, who: str, *, now: datetime, by: str = FIVE, **more: Any
) -> Receipt:
    form = EndForm(actor=by, office=office, person=who, reason="Somebody else has it.", **more)
    return await end_role(store, policy, form, via=Via.COMMAND, now=now)


async def away(
    store: Store, policy: Policy, who: str, *, now: datetime, by: str | None = None, **more: Any
) -> Receipt:
    form = read(AbsenceForm, {"actor": by or who, "person": who, **more})
    return await note_absence(store, policy, form, via=Via.COMMAND, now=now)


async def designated(store: Store, policy: Policy, who: str, *, now: datetime, by: str) -> Receipt:
    form = DesignationForm(actor=by, person=who)
    return await designate(store, policy, form, via=Via.COMMAND, now=now)


async def total(store: Store) -> int:
    async with store.read() as session:
        return sum(
            [
                (await session.run(select(func.count()).select_from(table_of(model)))).scalar_one()
                for model in (Role, Absence, Designation, AuditEntry)
            ]
        )


async def test_a_granted_office_holds_and_its_deputy_stands_in(
    division: Store, policy: Policy, now: datetime
) -> None:
    noted = await grant(division, policy, OFFICER, ONE, now=now)
    assert noted.says == "Given1 Sample1 is Communications Officer from 2026-10-20 on."
    await away(division, policy, ONE, deputy=TWO, starts_on=TODAY, ends_on=date(2026, 10, 23), now=now)
    async with division.read() as session:
        assert await holders(session, RoleAt(OFFICER), TODAY) == (
            Holder(1, absent=True),
            Holder(4),
            Holder(2, 1),
        )
        assert await holders(session, RoleAt(OFFICER), date(2026, 10, 24)) == (Holder(1), Holder(4))
    assert (await verifying.verify(division)).seq >= 3


async def test_an_office_ends_after_its_last_day(division: Store, policy: Policy, now: datetime) -> None:
    await grant(division, policy, CHIEF, ONE, now=now)
    await end(division, policy, CHIEF, ONE, now=now)
    async with division.read() as session:
        assert await holders(session, RoleAt(CHIEF), date(2026, 10, 27)) == (Holder(1),)
        assert await holders(session, RoleAt(CHIEF), date(2026, 10, 28)) == ()


async def test_only_the_superintendent_designates(division: Store, policy: Policy, now: datetime) -> None:
    await grant(division, policy, CHIEF, ONE, now=now)
    before = await total(division)
    with pytest.raises(NotAllowed, match="Only the Superintendent"):
        await designated(division, policy, TWO, by=THREE, now=now)
    assert await total(division) == before
    await designated(division, policy, TWO, by=ONE, now=now)
    with pytest.raises(AlreadyDone):
        await designated(division, policy, TWO, by=ONE, now=now)


async def test_what_is_refused_changes_nothing(division: Store, policy: Policy, now: datetime) -> None:
    await grant(division, policy, CHIEF, ONE, now=now)
    before = await total(division)
    past, later = date(2026, 10, 19), date(2026, 11, 2)
    with pytest.raises(AlreadyDone, match="from 2026-10-20 on already"):
        await grant(division, policy, CHIEF, ONE, starts_on=later, now=now)
    with pytest.raises(BadInput, match="at a school: name it"):
        await grant(division, policy, RoleKind.SCHOOL_ADMINISTRATOR, ONE, now=now)
    with pytest.raises(BadInput, match="no school's own"):
        await grant(division, policy, CHIEF, TWO, school="Lakeside Sample School", now=now)
    with pytest.raises(Unknown, match="did you mean Lakeside Sample School"):
        await grant(
            division, policy, RoleKind.SCHOOL_ADMINISTRATOR, TWO, school="Lakside Sample School", now=now
        )
    with pytest.raises(BadInput, match="has passed"):
        await grant(division, policy, OFFICER, TWO, starts_on=past, ends_on=past, now=now)
    with pytest.raises(BadInput, match="before it starts"):
        await grant(division, policy, OFFICER, TWO, starts_on=later, ends_on=TODAY, now=now)
    with pytest.raises(NotAllowed, match="student"):
        await grant(division, policy, OFFICER, "person4@example.org", now=now)
    with pytest.raises(BadInput, match="for themselves"):
        await away(division, policy, ONE, deputy=ONE, starts_on=TODAY, ends_on=later, now=now)
    with pytest.raises(Unknown, match="Nobody here is known by"):
        await away(division, policy, ONE, deputy="zoe@example.net", starts_on=TODAY, ends_on=later, now=now)
    assert await total(division) == before


async def test_a_deputy_who_is_away_is_refused(division: Store, policy: Policy, now: datetime) -> None:
    week: dict[str, Any] = {"starts_on": TODAY, "ends_on": date(2026, 10, 23), "now": now}
    await away(division, policy, TWO, deputy=THREE, **week)
    with pytest.raises(BadInput, match="The deputy is away too"):
        await away(division, policy, ONE, deputy=TWO, **week)
    with pytest.raises(AlreadyDone, match="would overlap"):
        await away(division, policy, TWO, deputy=ONE, **week)


async def test_a_roster_does_not_end_what_a_command_gave(
    division: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    school = "Lakeside Sample School"
    kind = RoleKind.SCHOOL_ADMINISTRATOR
    await grant(division, policy, kind, ONE, school=school, now=now)
    files = bundle11(*(user11(number, familyName="Newname") for number in (1, 2, 3, 5)))
    roster = RosterForm(actor=FIVE, path=folder(tmp_path / "c", files), allow_mass_deactivation=True)
    await import_roster(division, policy, roster, via=Via.COMMAND, now=now)
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
    noted = await away(store, policy, "person1@example.org", **week)
    assert noted.says.startswith("Given2 Sample2 deputizes for Given1 Sample1")
    noted = await away(store, policy, "person2@example.org", **week)
    assert noted.says.startswith("Given3 Sample3 deputizes"), "the first is away too"
    with pytest.raises(BadInput, match="name somebody with --deputy"):
        await away(store, policy, "person4@example.org", **week)
    with pytest.raises(BadInput, match="name somebody with --deputy"):
        await away(store, policy, "person3@example.org", **week)


async def test_nobody_gives_an_office_but_who_may_and_never_to_themselves(
    division: Store, policy: Policy, now: datetime
) -> None:
    """A teacher made himself Communications Officer, and approved a request."""
    before = await total(division)
    for by, who, said in (
        (TWO, TWO, "Only the Superintendent or the Communications Officer"),
        (TWO, THREE, "Only the Superintendent or the Communications Officer"),
        (FIVE, FIVE, "to themselves"),
    ):
        with pytest.raises(NotAllowed, match=said):
            await grant(division, policy, CHIEF, who, now=now, by=by)
    form = EndForm(actor=TWO, office=OFFICER, person=FIVE, reason="I want it.")
    with pytest.raises(NotAllowed, match="ends an office"):
        await end_role(division, policy, form, via=Via.COMMAND, now=now)
    with pytest.raises(NotAllowed, match="notes an absence"):
        await away(division, policy, ONE, deputy=TWO, starts_on=TODAY, ends_on=TODAY, now=now, by=TWO)
    assert await total(division) == before


async def test_nobody_at_once_ends_the_last_office_that_gives_offices(
    division: Store, policy: Policy, now: datetime
) -> None:
    """Three ends at once, one of them by a dismissed deputy, left nobody who could give an office."""
    await grant(division, policy, CHIEF, ONE, now=now)
    await end(division, policy, CHIEF, ONE, now=now, at_once=True)
    before = await total(division)
    with pytest.raises(NotAllowed, match="Nobody could give an office then"):
        await end(division, policy, OFFICER, FIVE, now=now, at_once=True)
    assert await total(division) == before
    said = await end(division, policy, OFFICER, FIVE, now=now)
    assert said.says.endswith("nobody gives offices: give one of those that do to somebody before.")


async def test_who_stands_in_for_somebody_does_not_end_their_office(
    division: Store, policy: Policy, now: datetime
) -> None:
    await grant(division, policy, CHIEF, ONE, now=now)
    await grant(division, policy, OFFICER, THREE, now=now)
    await away(division, policy, FIVE, deputy=TWO, starts_on=TODAY, ends_on=TODAY, now=now)
    with pytest.raises(NotAllowed, match="stands in for somebody"):
        await end(division, policy, OFFICER, FIVE, now=now, by=TWO, at_once=True)


async def test_who_lost_an_office_at_once_deputizes_for_nobody(
    division: Store, policy: Policy, now: datetime
) -> None:
    await grant(division, policy, CHIEF, THREE, now=now)
    await grant(division, policy, OFFICER, ONE, now=now)
    await grant(division, policy, OFFICER, TWO, now=now)
    for who in (ONE, "person4@example.org"):
        days: Any = {"starts_on": TODAY, "ends_on": date(2026, 10, 23)}
        await away(division, policy, who, by=FIVE, now=now, deputy=TWO, **days)
    said = await end(division, policy, OFFICER, TWO, now=now, at_once=True)
    assert said.says.endswith(
        "Nobody deputizes any more for Given4 Sample4: name somebody with `steward absence deputy`."
    )
    async with division.read() as session:
        held = await holders(session, RoleAt(OFFICER), TODAY)
    assert held == (Holder(1, absent=True), Holder(4), Holder(3, 1))
    assert await verifying.verify(division)


async def test_who_operates_the_machine_gives_an_office_where_nobody_else_could(
    division: Store, policy: Policy, now: datetime
) -> None:
    """Others still hold offices, but none that gives one."""
    await grant(division, policy, RoleKind.IT_OPERATOR, THREE, now=now)
    async with division.write(audited=False) as session:
        last = {"ends_on": TODAY - timedelta(days=1)}
        await session.run(table_of(Role).update().where(col(Role.kind) == OFFICER).values(last))
    form = read(GrantForm, {"actor": THREE, "office": OFFICER, "person": TWO})
    for door in (Via.PORTAL, Via.PREFECT_FORM):
        with pytest.raises(NotAllowed, match="gives an office"):
            await grant_role(division, policy, form, via=door, now=now)
    with pytest.raises(NotAllowed, match="to themselves"):
        await grant(division, policy, OFFICER, THREE, now=now, by=THREE)
    await grant(division, policy, OFFICER, TWO, now=now, by=THREE)
    async with division.read() as session:
        entries = (await session.exec(sqlmodel_select(AuditEntry).order_by(col(AuditEntry.seq)))).all()
        assert await holders(session, RoleAt(OFFICER), TODAY) == (Holder(2),)
    assert [one.body.get("nobody in office") for one in entries if one.cause == "office given"][-1] is True


async def test_the_first_office_is_given_by_anybody_and_the_chain_says_so(
    division: Store, policy: Policy, now: datetime
) -> None:
    await grant(division, policy, CHIEF, ONE, now=now)
    async with division.read() as session:
        entries = (await session.exec(sqlmodel_select(AuditEntry).order_by(col(AuditEntry.seq)))).all()
    assert [one.body.get("to themselves") for one in entries if one.cause == "office given"] == [True, None]
    begun = [(one.cause, one.body.get("nobody in office", False)) for one in entries]
    assert [one for one in begun if one[0] in {"roster imported", "office given"}] == [
        ("roster imported", True),
        ("office given", True),
        ("office given", False),
    ]


async def test_who_is_told_what_was_recorded_in_their_name(
    division: Store, policy: Policy, now: datetime
) -> None:
    await grant(division, policy, CHIEF, ONE, now=now)
    await designated(division, policy, TWO, by=ONE, now=now)
    days: dict[str, Any] = {"starts_on": TODAY, "ends_on": TODAY, "now": now}
    await away(division, policy, TWO, deputy=THREE, by=FIVE, **days)
    await away(division, policy, ONE, deputy=FIVE, **days)
    async with division.read() as session:
        asked = (
            sqlmodel_select(Notice).where(col(Notice.kind) == RecordedForYou.kind).order_by(col(Notice.id))
        )
        rows = (await session.exec(asked)).all()
    assert [(row.person_id, row.facts["what"], row.facts["by_id"]) for row in rows] == [
        (1, "office", 4),
        (2, "designation", 1),
        (2, "absence", 4),
        (3, "absence's deputy", 4),
        (4, "absence's deputy", 1),
    ]
    assert {row.urgency.value for row in rows} == {"low"}
