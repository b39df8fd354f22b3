"""A merge is no way to an office: what the other record alone had ends, and everybody concerned reads it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from deployments.sample.words import RoleKind
from policy.notices import read
from policy.notices.people import RecordsMerged
from schemas.errors import NotNow
from schemas.incidents import Incident
from schemas.leave import Leave
from schemas.machinery import Notice
from schemas.outcome import RoleAt
from schemas.people import Absence, Designation, Role, TerminalUser
from schemas.sign_in import LinkedIdentity, SignInAttempt
from schemas.states import IncidentState, LeaveState
from schemas.words import SignInWay, Via
from tasks.mail.rows import load
from tasks.people.merging import MergeForm, merge_people
from tasks.sign_in import sessions
from tasks.sign_in.attempts import by_address
from tasks.store.holders import holders, stood_in_for
from tests.commands.act_cases import acted
from tests.factories.division import a_role
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail


async def merge(world: World, other: int, kept: int, **more: object) -> str:
    given = {"actor": mail(CO), "person": str(other), "into": str(kept), "reason": "One badge.", **more}
    form = MergeForm.model_validate(given)
    return (await merge_people(world.store, world.policy, form, via=Via.COMMAND, now=world.now)).says


async def who_holds(world: World, role: str, day: date, school: int | None = None) -> set[int]:
    async with world.store.read() as session:
        return {one.person_id for one in await holders(session, RoleAt(role, school), day)}


@pytest.mark.parametrize("day", [0, 40])
async def test_an_office_ends_with_the_record_that_goes(world: World, day: int) -> None:
    """Also a term that is to come."""
    today = world.policy.calendar.today(world.now)
    coming = Role(
        person_id=SUPER, kind=RoleKind.IT_OPERATOR, starts_on=today + timedelta(30), source="command line"
    )
    await world.put(coming)
    said = await merge(world, SUPER, TEACHER)
    assert "No office moves: what person 2 alone held ends (Superintendent, IT operator)." in said
    for office in (RoleKind.SUPERINTENDENT, RoleKind.IT_OPERATOR):
        assert await who_holds(world, office, today + timedelta(day)) == set()


async def test_what_who_stays_holds_stays(world: World) -> None:
    today = world.policy.calendar.today(world.now)
    await merge(world, TEACHER, SUPER)
    assert await who_holds(world, RoleKind.SUPERINTENDENT, today) == {SUPER}


async def test_nobody_stands_in_by_a_merge(world: World) -> None:
    """Neither for whom the other record deputized, nor does the other's deputy for who stays."""
    today = world.policy.calendar.today(world.now)
    last = today + timedelta(9)
    await world.put(
        Absence(person_id=SUPER, deputy_id=DEPUTY, starts_on=today, ends_on=last),
        Absence(person_id=PRINCIPAL, deputy_id=VICE, starts_on=today, ends_on=last),
    )
    said = await merge(world, DEPUTY, TEACHER)
    assert "Person 6 deputizes for nobody any more." in said
    said = await merge(world, PRINCIPAL, OTHER_PRINCIPAL)
    assert "The absences noted of person 3 end: note them anew." in said
    async with world.store.read() as session:
        assert SUPER not in await stood_in_for(session, TEACHER, today)
        assert await stood_in_for(session, VICE, today) == frozenset()


async def test_a_designation_and_a_terminal_s_user_end(world: World) -> None:
    today = world.policy.calendar.today(world.now)
    await world.put(
        Designation(person_id=VICE, designated_by_id=SUPER, starts_on=today),
        TerminalUser(user="vice", host="desk", person_id=VICE, bound_by_id=CO, bound_at=world.now),
    )
    said = await merge(world, VICE, TEACHER)
    assert "The designation of person 7 ends" in said
    assert {one["ends_on"] for one in await world.rows("designation")} == {today - timedelta(1)}
    assert [one["ended_at"] for one in await world.rows("terminal_user")] == [world.now]


async def test_every_open_sign_in_of_both_ends(world: World) -> None:
    """A browser that was open as the other record is not who stays, nor does their address lead there."""
    begin: Mapping[str, Any] = {
        "way": SignInWay.MAIL,
        "browser": "Firefox",
        "lasts": timedelta(hours=1),
        "now": world.now,
    }
    words = [await sessions.begin(world.store, one, **begin) for one in (VICE, TEACHER)]
    until = world.now + timedelta(minutes=10)
    await world.put(
        LinkedIdentity(issuer="https://id.example", subject="7", person_id=VICE, linked_at=world.now),
        *(
            SignInAttempt(browser_hash=str(one), person_id=one, begun_at=world.now, until=until)
            for one in (VICE, TEACHER)
        ),
    )
    await merge(world, VICE, TEACHER)
    async with world.store.read() as session:
        assert [await sessions.who(session, one, world.now) for one in words] == [None, None]
        assert await by_address(session, mail(VICE)) is None
        found = await by_address(session, mail(TEACHER))
        assert found is not None
        assert found.id == TEACHER
    assert await world.rows("linked_identity") == []
    assert await world.rows("sign_in_attempt") == []


async def test_somebody_is_left_who_gives_offices(world: World) -> None:
    """The last one who does is not merged away; the other way round it is possible."""
    duties = world.policy.duties.model_copy(update={"gives_offices": (RoleKind.SUPERINTENDENT,)})
    world.policy = world.policy.model_copy(update={"duties": duties})
    before = await world.everything()
    with pytest.raises(NotNow, match="the other way round"):
        await merge(world, SUPER, DEPUTY)
    assert await world.everything() == before
    await merge(world, DEPUTY, SUPER)


async def test_both_addresses_and_the_offices_concerned_read_of_it(world: World) -> None:
    await world.put(a_role(DEPUTY, RoleKind.IT_OPERATOR, school=None))
    await world.put(a_role(VICE, RoleKind.IT_OPERATOR, school=None))
    await merge(world, VICE, TEACHER)
    async with world.store.read() as session:
        rows = await session.exec(select(Notice).where(col(Notice.kind) == RecordsMerged.kind))
        notices = rows.all()
        loaded = await load(session, notices, world.now.astimezone(world.policy.zone).date())
    assert {one.person_id for one in notices} == {CO, SUPER, TEACHER, DEPUTY, VICE}
    assert read(notices[0]).model_dump()["offices"] == (RoleKind.IT_OPERATOR,)
    assert loaded.merged == {VICE: mail(VICE)}


@pytest.mark.parametrize(("other", "kept"), [(VICE, TEACHER), (TEACHER, VICE)])
async def test_what_one_hand_asked_for_and_decided_is_named(world: World, other: int, kept: int) -> None:
    """One of the two asked, the other decided; of the appeal too. What others decided is not named."""
    await world.put(a_role(VICE, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    await world.submit(actor=mail(TEACHER))
    await world.submit(actor=mail(PRINCIPAL), handle="@lakeside.second")
    await world.drain()
    for request in (1, 2):
        await world.decide(request, VICE)
    report: dict[str, Any] = {
        "under": "violations",
        "rule": "x",
        "tells": "Said.",
        "recorded_via": Via.COMMAND,
    }
    report |= {"reported_at": world.now, "state_since": world.now, "state": IncidentState.CLOSED}
    asked: dict[str, Any] = {"under": "x", "purpose": "A game.", "recorded_via": Via.COMMAND}
    asked |= {"asked_at": world.now, "state_since": world.now, "state": LeaveState.GRANTED}
    days: dict[str, Any] = {"starts_on": world.now.date(), "ends_on": world.now.date()}
    await world.put(
        Incident(**report, reported_by_id=TEACHER, decided_by_id=VICE),
        Incident(**report, reported_by_id=PRINCIPAL, decided_by_id=VICE, appeal_decided_by_id=TEACHER),
        Incident(**report, reported_by_id=PRINCIPAL, decided_by_id=VICE),
        Leave(**asked, **days, person_id=TEACHER, decided_by_id=SUPER, deputy_for_id=VICE),
        Leave(**asked, **days, person_id=TEACHER, decided_by_id=SUPER),
    )
    said = await merge(world, other, kept)
    assert "One person asked for and approved: request 1." in said
    assert "One person asked for and granted: leave 1." in said
    assert "One person had two parts in the decision on: report 1, 2." in said
    told = [one["facts"] for one in await world.rows("notice") if one["kind"] == RecordsMerged.kind]
    assert {(*one["requests"], *one["leaves"], *one["reports"]) for one in told} == {(1, 1, 1, 2)}
    assert "One person" not in await merge(world, PRINCIPAL, OTHER_PRINCIPAL)


async def test_a_stop_that_one_person_made_and_confirmed_is_confirmed_anew(world: World) -> None:
    """The second office was the same hand, as the merge shows: it is asked again, for as long as at first."""
    await live(world)
    await world.put(a_role(VICE, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    await acted(world, "stop-accounts", VICE, accounts=[1], reason="It was taken over.")
    await acted(world, "confirm-a-stop", SUPER, accounts=[1])
    before = await world.told()
    said = await merge(world, SUPER, VICE)
    assert "One person stopped and confirmed: account 1." in said
    (row,) = await world.rows("suspension")
    assert (row["confirmed_by_id"], row["confirmed_at"]) == (None, None)
    assert row["confirm_by"] == world.now + timedelta(hours=24)
    open_now = [one["key"] for one in await world.rows("action_item") if one["state"] == "open"]
    (asked,) = [one for one in open_now if one.endswith(("/stopped", "/restore"))]
    assert asked.endswith("/stopped")
    assert len(await world.told()) > len(before)
