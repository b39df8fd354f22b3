"""Accounts stopped in an emergency: confirmed by a second office, or back by themselves (10)."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from deployments.sample.words import RoleKind
from policy.notices import NoticeContext, read
from schemas.accounts import Access
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeState
from schemas.people import Absence
from schemas.states import AccessState, AccountState
from tasks.items.step import own_steps
from tasks.mail.mime import sender_of
from tasks.mail.rows import load
from tasks.mail.writing import Entry, entry
from tasks.stops.lifecycle import LIFECYCLE
from tasks.stops.listing import list_stops
from tests.commands.act_cases import acted, heard_out
from tests.factories.division import a_role, an_account
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

STAGE, ASKED_TOO = LIFECYCLE.stages
WHY = "It was taken over."


async def quarter(world: World) -> list[str]:
    """One run of the flow."""
    return [
        said
        for case in await STAGE.due(world.runtime, world.now)
        for said in await STAGE.move(world.runtime, case, world.now)
    ]


async def told(world: World, kind: str) -> list[int]:
    return sorted(person for what, person in await world.told() if what == kind)


async def asked(world: World) -> list[tuple[str, str]]:
    rows = await world.rows("action_item")
    wanted = [one for one in rows if one["state"] == "open" and one["kind"] == "decide the reinstatement"]
    return [(one["role"], one["key"].rpartition("/")[2]) for one in wanted]


async def test_confirmed_it_stays_through_its_day(world: World) -> None:
    """One office stops, everybody hears, another one confirms; after the last day it is back."""
    await live(world)
    for no in (PRINCIPAL, TEACHER, DEPUTY):
        with pytest.raises(NotAllowed):
            await acted(world, "stop-accounts", no, accounts=[1], reason=WHY)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY, through="2026-11-06")
    assert await world.account(1) is AccountState.SUSPENDED
    assert set((await world.accesses()).values()) == {AccessState.GRANTED}
    assert await told(world, "account_suspended") == [CO, PRINCIPAL, TEACHER]
    assert await told(world, "stop_to_confirm") == [SUPER]
    assert await asked(world) == [("superintendent", "stopped")]
    with pytest.raises(AlreadyDone):
        await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    for no in (CO, TEACHER):
        with pytest.raises(NotAllowed):
            await acted(world, "confirm-a-stop", no, accounts=[1])
    with pytest.raises(BadInput):
        await acted(world, "confirm-a-stop", SUPER, accounts=[1], through="2026-10-01")
    await acted(world, "confirm-a-stop", SUPER, accounts=[1])
    with pytest.raises(AlreadyDone):
        await acted(world, "confirm-a-stop", SUPER, accounts=[1])
    assert await asked(world) == [("communications officer", "restore")], "it is on the list"
    assert len(await told(world, "account_suspended")) == 6, "everybody hears that it was confirmed"
    async with world.store.read() as session:
        (shown,) = await list_stops(session, world.policy)
    assert (shown.account, shown.through, shown.confirm_by) == (1, date(2026, 11, 6), None)
    world.on(date(2026, 11, 6))
    assert await quarter(world) == []
    world.on(date(2026, 11, 7))
    assert await quarter(world) == ["back: its time was over"]
    assert await quarter(world) == []
    assert await world.account(1) is AccountState.LIVE
    assert await told(world, "account_reinstated") == [CO, SUPER, PRINCIPAL, TEACHER]
    assert await asked(world) == []


async def test_not_confirmed_it_ends_after_a_day(world: World) -> None:
    await live(world)
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    world.later(hours=23)
    assert await quarter(world) == []
    world.later(hours=1)
    with pytest.raises(NotNow, match="is over"):
        await acted(world, "confirm-a-stop", CO, accounts=[1])
    assert await quarter(world) == ["back: its time was over"]
    assert await world.account(1) is AccountState.LIVE
    (row,) = await world.rows("suspension")
    assert "no second office confirmed" in row["ended_because"]
    with pytest.raises(NotNow, match="nothing to confirm"):
        await acted(world, "confirm-a-stop", CO, accounts=[1])


async def test_one_office_keeps_no_account_stopped_alone(one_world: World) -> None:
    """It may be in haste twice; the third time another office is of its mind, or it stays live."""
    world = one_world
    await live(world)
    for _ in range(2):
        await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
        world.later(hours=24)
        assert await quarter(world) == ["back: its time was over"]
    with pytest.raises(NotNow, match=r"stopped account 1 2 times in 30 days.*Ask the Communications Officer"):
        await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    with pytest.raises(AlreadyDone):
        await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    await acted(world, "confirm-a-stop", SUPER, accounts=[1])
    assert await world.account(1) is AccountState.SUSPENDED
    world.later(days=31)
    await acted(world, "reinstate-an-account", CO, account=1, reason="It is ours again.")
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)


async def test_the_second_office_brings_it_back_at_once(world: World) -> None:
    await live(world)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    await acted(world, "reinstate-an-account", SUPER, account=1, reason="It was a joke of a pupil.")
    assert await world.account(1) is AccountState.LIVE
    assert await asked(world) == []


async def away(world: World, person: int, deputy: int) -> None:
    """From today on, for some days."""
    day = world.now.date()
    await world.put(
        Absence(person_id=person, deputy_id=deputy, starts_on=day, ends_on=day + timedelta(days=5))
    )


async def test_who_stands_in_for_who_stopped_confirms_nothing(world: World) -> None:
    """The Superintendent is away, and Communications deputizes: both offices are in one hand."""
    await live(world)
    await away(world, SUPER, CO)
    with pytest.raises(NotAllowed, match=r"You act for the .* and the .* today.*`steward account suspend`"):
        await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    with pytest.raises(NotAllowed, match=r"You stand in for who stopped it.* Nobody who is here"):
        await acted(world, "confirm-a-stop", CO, accounts=[1])


async def test_a_second_one_of_the_same_office_confirms_nothing_as_a_deputy(world: World) -> None:
    """Two hold the office; one of them deputizes for the other office, and is still of the first."""
    await live(world)
    await world.put(a_role(DEPUTY, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    await away(world, SUPER, DEPUTY)
    with pytest.raises(NotAllowed, match="You act for the"):
        await acted(world, "stop-accounts", DEPUTY, accounts=[1], reason=WHY)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    with pytest.raises(
        NotAllowed, match=r"Your own office stopped it, the Communications Officer.* Nobody who is here"
    ):
        await acted(world, "confirm-a-stop", DEPUTY, accounts=[1])
    await acted(world, "confirm-a-stop", SUPER, accounts=[1])


async def test_who_deputizes_for_the_deputy_confirms_nothing(world: World) -> None:
    """The Superintendent stops while away; her deputy's deputy stands in for her, too."""
    await live(world)
    await world.put(a_role(DEPUTY, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    await away(world, SUPER, DEPUTY)
    await away(world, DEPUTY, CO)
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    with pytest.raises(NotAllowed, match="You stand in for who stopped it"):
        await acted(world, "confirm-a-stop", CO, accounts=[1])


async def test_who_stands_in_through_another_confirms_nothing(world: World) -> None:
    """Not by the other office, which comes to them through the one who stopped."""
    await live(world)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    for person, deputy in ((SUPER, CO), (CO, DEPUTY)):
        await away(world, person, deputy)
    with pytest.raises(NotAllowed, match="You stand in for who stopped it"):
        await acted(world, "confirm-a-stop", DEPUTY, accounts=[1])
    await acted(world, "confirm-a-stop", SUPER, accounts=[1])


async def test_who_stopped_hears_that_it_is_confirmed(world: World) -> None:
    await live(world)
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    await acted(world, "confirm-a-stop", CO, accounts=[1])
    rows = await world.rows("notice")
    confirmed = [one for one in rows if one["facts"].get("confirmed")]
    assert sorted(one["person_id"] for one in confirmed) == [CO, SUPER, PRINCIPAL, TEACHER]


async def test_several_at_once_or_none(world: World) -> None:
    """A takeover of several accounts: one letter to the second office; one that cannot be stops none."""
    await live(world)
    await world.put(an_account(2))
    await acted(world, "suspend-an-account", CO, account=2, reason=WHY, through="2026-11-06")
    with pytest.raises(AlreadyDone):
        await acted(world, "stop-accounts", CO, accounts=[1, 2], reason=WHY)
    assert await world.account(1) is AccountState.LIVE
    await acted(world, "reinstate-an-account", CO, account=2, reason=WHY)
    await acted(world, "stop-accounts", CO, accounts=[2, 1], reason=WHY)
    assert await told(world, "stop_to_confirm") == [SUPER]
    await acted(world, "confirm-a-stop", SUPER, accounts=[1, 2])
    async with world.store.read() as session:
        assert [one.account for one in await list_stops(session, world.policy)] == [1, 2]


async def letter(world: World, kind: str, to: int) -> Entry | None:
    """The latest letter of a kind to a person as it would leave now; None where it would not."""
    async with world.store.read() as session:
        asked = select(Notice).where(col(Notice.kind) == kind, col(Notice.person_id) == to)
        row = list(await session.exec(asked.order_by(col(Notice.id))))[-1]
        context = NoticeContext(
            row,
            await load(session, [row], world.now.astimezone(world.policy.zone).date()),
            world.policy,
            world.now,
        )
    if read(row).stale(context) is not None:
        return None
    return entry(context, sender_of("steward@example.org", "office@example.org", ""))


@pytest.mark.parametrize("over", ["reinstate-an-account", "confirm-a-stop"])
async def test_of_several_the_second_office_is_asked_about_those_that_wait(world: World, over: str) -> None:
    """The first of them is back, or confirmed, before the letter leaves: it is about the others."""
    await live(world)
    await world.put(an_account(2, handle="second.sample"))
    await acted(world, "stop-accounts", CO, accounts=[1, 2], reason=WHY)
    both = await letter(world, "stop_to_confirm", SUPER)
    assert both is not None
    assert "2 stopped" in both.subject

    async def end(number: int) -> None:
        if over == "confirm-a-stop":
            await acted(world, over, SUPER, accounts=[number])
        else:
            await acted(world, over, CO, account=number, reason="A slip.")

    await end(1)
    rest = await letter(world, "stop_to_confirm", SUPER)
    assert rest is not None
    assert "second.sample" in rest.subject
    assert "2 stopped" not in rest.subject
    assert "lakeside" not in rest.body.text
    await end(2)
    assert await letter(world, "stop_to_confirm", SUPER) is None


async def test_one_deadline_on_a_friday_evening(world: World) -> None:
    """The letter, its calendar, the item and the page say the moment at which the stop ends: on Saturday."""
    await live(world)
    world.on(date(2026, 11, 27))
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    (row,) = await world.rows("suspension")
    ends = row["confirm_by"].astimezone(world.policy.zone)
    assert ends.date() == date(2026, 11, 28)
    asked = await letter(world, "stop_to_confirm", SUPER)
    assert asked is not None
    assert asked.due is not None
    assert asked.due.on == ends.date()
    said = f"Saturday 28 November 2026, {ends:%H:%M}"
    assert said in asked.due.title
    assert said in asked.body.text
    async with world.store.read() as session:
        (item,) = await session.exec(select(ActionItem).where(col(ActionItem.key).endswith("/stopped")))
        (step,) = await own_steps(session, world.policy, SUPER, world.now.date())
    assert item.due_on == ends.date()
    assert said in step.does


@pytest.mark.parametrize("stops", [CO, SUPER])
async def test_the_other_hands_hear_that_it_is_over_and_who_ended_it(world: World, stops: int) -> None:
    """Who stopped it, and the office that was asked to confirm it; by a decision, or by itself."""
    await live(world)
    await acted(world, "stop-accounts", stops, accounts=[1], reason=WHY)
    async with world.store.write() as session:
        for row in await session.exec(select(Notice)):
            row.state, row.sent_at = NoticeState.SENT, world.now
    await acted(world, "reinstate-an-account", CO, account=1, reason="A slip.")
    assert {CO, SUPER} <= set(await told(world, "account_reinstated"))
    over = await letter(world, "account_reinstated", SUPER)
    people = {one["id"]: one for one in await world.rows("person")}
    assert over is not None
    assert f"{people[CO]['given_name']} {people[CO]['family_name']}" in over.body.text
    await acted(world, "stop-accounts", stops, accounts=[1], reason=WHY)
    world.later(hours=24)
    assert await quarter(world) == ["back: its time was over"]
    assert (await told(world, "account_reinstated")).count(SUPER) == 2


async def test_who_was_never_asked_to_confirm_reads_of_no_end(world: World) -> None:
    """The account is back before the first letter left."""
    await live(world)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    await acted(world, "reinstate-an-account", CO, account=1, reason="A slip.")
    assert await letter(world, "stop_to_confirm", SUPER) is None
    assert await letter(world, "account_reinstated", SUPER) is None


async def test_whom_a_stop_concerns_does_not_end_it(world: World) -> None:
    """Communications administers the account that the Superintendent stopped."""
    await live(world)
    await world.put(
        Access(account_id=1, person_id=CO, state=AccessState.GRANTED, state_since=world.now),
        a_role(DEPUTY, RoleKind.COMMUNICATIONS_OFFICER, school=None),
    )
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    with pytest.raises(NotAllowed, match="you administer it"):
        await acted(world, "reinstate-an-account", CO, account=1, reason="It is fine.")
    await acted(world, "reinstate-an-account", DEPUTY, account=1, reason="It is fine.")
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    await acted(world, "reinstate-an-account", CO, account=1, reason="A slip of mine.")


async def test_who_stopped_may_end_their_own_stop_where_nobody_else_could(world: World) -> None:
    """The only other officer administers the account; and who lost the office ends nothing any more."""
    await live(world)
    await world.put(Access(account_id=1, person_id=CO, state=AccessState.GRANTED, state_since=world.now))
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    with pytest.raises(NotAllowed, match="you administer it"):
        await acted(world, "reinstate-an-account", CO, account=1, reason="It is fine.")
    with pytest.raises(NotAllowed):
        await acted(world, "reinstate-an-account", PRINCIPAL, account=1, reason="It is fine.")
    await acted(world, "reinstate-an-account", SUPER, account=1, reason="A slip of mine.")
    assert await world.account(1) is AccountState.LIVE
    await acted(world, "stop-accounts", SUPER, accounts=[1], reason=WHY)
    await world.put(a_role(DEPUTY, RoleKind.SUPERINTENDENT, school=None))
    end = {"office": RoleKind.SUPERINTENDENT, "person": mail(SUPER), "reason": "Left.", "at_once": True}
    await acted(world, "end-an-office", DEPUTY, **end)
    with pytest.raises(NotAllowed):
        await acted(world, "reinstate-an-account", SUPER, account=1, reason="A slip of mine.")


async def test_who_comes_to_the_office_later_is_asked_too(world: World) -> None:
    """A new Superintendent, and then a deputy of both; each once, and nobody once it is confirmed."""
    await live(world)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    assert await told(world, "stop_to_confirm") == [SUPER]
    world.later(minutes=20)
    assert await asked_too(world) == []
    await world.put(a_role(DEPUTY, RoleKind.SUPERINTENDENT, school=None))
    assert await asked_too(world) == ["asked somebody else to confirm"]
    assert await asked_too(world) == []
    today = world.policy.calendar.today(world.now)
    for person in (SUPER, DEPUTY):
        await world.put(Absence(person_id=person, deputy_id=PRINCIPAL, starts_on=today, ends_on=today))
    assert await asked_too(world) == ["asked somebody else to confirm"]
    assert await told(world, "stop_to_confirm") == [SUPER, PRINCIPAL, DEPUTY]
    await acted(world, "confirm-a-stop", DEPUTY, accounts=[1])
    await world.put(a_role(VICE, RoleKind.SUPERINTENDENT, school=None))
    assert await asked_too(world) == []


async def asked_too(world: World) -> list[str]:
    """One run of the flow's other stage."""
    cases = await ASKED_TOO.due(world.runtime, world.now)
    return [said for case in cases for said in await ASKED_TOO.move(world.runtime, case, world.now)]


async def test_who_is_to_confirm_reads_who_stopped_it_and_why(world: World) -> None:
    await live(world)
    await acted(world, "stop-accounts", CO, accounts=[1], reason=WHY)
    asked = await letter(world, "stop_to_confirm", SUPER)
    people = {one["id"]: one for one in await world.rows("person")}
    assert asked is not None
    assert f"{people[CO]['given_name']} {people[CO]['family_name']}" in asked.body.text
    assert "as the Communications Officer" in asked.body.text
    assert WHY in asked.body.text


async def test_a_report_may_suspend_for_a_time(world: World) -> None:
    await heard_out(world)
    given = {"incident": 1, "reason": WHY, "through": "2026-11-06"}
    with pytest.raises(BadInput, match="last day"):
        await acted(world, "decide-on-a-report", CO, verdict="warn", **given)
    await acted(world, "decide-on-a-report", CO, verdict="suspend the account", **given)
    world.on(date(2026, 11, 9))
    assert await quarter(world) == ["back: its time was over"]
    assert await world.account(1) is AccountState.LIVE
