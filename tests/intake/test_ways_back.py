"""Each one-way door has a way back, from a moment, and says what it does not bring back."""

from datetime import timedelta
from typing import Any

import pytest

from deployments.sample.words import Level, RoleKind
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.events import EventKind
from schemas.people import Absence
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState, RequestState
from schemas.words import CustodyMode, Via
from tasks.acts.table import ACTS
from tests.factories.division import a_completion, a_designation, a_role, an_acceptance, an_access, an_account
from tests.support.stages import approved, leaves, live
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

OFFICER = RoleKind.COMMUNICATIONS_OFFICER
WHY = "It was a mistake."


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def away(world: World, person: int, deputy: int, days: int = 30) -> None:
    today = world.now.date()
    await world.put(
        Absence(person_id=person, deputy_id=deputy, starts_on=today, ends_on=today + timedelta(days=days))
    )


async def awaiting(world: World) -> int:
    number = await world.submit()
    await world.drain()
    return number


async def test_a_return_that_somebody_notes_brings_the_access_back(world: World) -> None:
    await live(world)
    await leaves(world, TEACHER)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED
    await acts(world, "note-a-return", PRINCIPAL, person=mail(TEACHER))
    assert "training-gate" in await world.woken()
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED
    with pytest.raises(AlreadyDone):
        await acts(world, "note-a-return", PRINCIPAL, person=mail(TEACHER))


async def test_an_absence_ends_from_this_moment(world: World) -> None:
    await away(world, CO, DEPUTY)
    number = await awaiting(world)
    await acts(world, "end-an-absence", CO, person=mail(CO))
    told = [one["facts"] for one in await world.rows("notice") if one["kind"] == "recorded_for_you"]
    assert [(one["what"], one["person_ids"]) for one in told] == [("absence's end", [CO])], "to the deputy"
    kinds = {one["kind"] for one in await world.rows("event")}
    assert EventKind.PEOPLE_CHANGED in kinds
    assert EventKind.ROSTER_IMPORTED not in kinds, "a run would say that it was woken by a roster"
    with pytest.raises(NotAllowed):
        await world.decide(number, DEPUTY)
    await world.decide(number, CO)
    with pytest.raises(NotNow, match="steward absences"):
        await acts(world, "end-an-absence", CO, person=mail(CO))


async def test_who_gives_offices_notes_that_the_only_one_of_an_office_is_away(one_world: World) -> None:
    """The only Communications Officer is in hospital, and belongs to no school that could say so."""
    world, today = one_world, one_world.now.date()
    number = await awaiting(world)
    days = {"starts_on": today, "ends_on": today + timedelta(days=5)}
    with pytest.raises(NotAllowed):
        await acts(world, "note-an-absence", TEACHER, person=mail(CO), deputy=mail(DEPUTY), **days)
    with pytest.raises(NotAllowed):
        await acts(world, "note-an-absence", SUPER, person=mail(CO), deputy=mail(SUPER), **days)
    await acts(world, "note-an-absence", SUPER, person=mail(CO), deputy=mail(DEPUTY), **days)
    await world.decide(number, DEPUTY)
    await acts(world, "end-an-absence", SUPER, person=mail(CO))


async def test_what_fell_due_in_an_absence_is_asked_again_with_new_days(world: World) -> None:
    await approved(world)
    await away(world, TEACHER, DEPUTY, days=80)
    world.later(days=60)
    await acts(world, "end-an-absence", TEACHER, person=mail(TEACHER))
    mine = [row for row in await world.rows("action_item") if row["person_id"] == TEACHER]
    assert mine
    assert all(row["due_on"] > world.now.date() for row in mine)
    asked = [who for kind, who in await world.told() if kind == "item_reminder"]
    assert asked == [TEACHER] * len(mine)


async def test_an_absence_that_overlaps_says_how_to_change_it(world: World) -> None:
    await away(world, CO, DEPUTY)
    days = {"starts_on": world.now.date(), "ends_on": world.now.date() + timedelta(days=3)}
    noted = {"person": mail(CO), "deputy": mail(VICE), **days}
    with pytest.raises(AlreadyDone, match=f"steward absence end {CO}"):
        await acts(world, "note-an-absence", CO, **noted)
    await acts(world, "end-an-absence", CO, person=str(CO))
    await acts(world, "note-an-absence", CO, **noted)


async def test_a_deputy_who_leaves_is_replaced(world: World) -> None:
    await away(world, CO, DEPUTY)
    number = await awaiting(world)
    await leaves(world, DEPUTY)
    await acts(world, "change-a-deputy", CO, person=mail(CO), deputy=mail(VICE))
    await world.decide(number, VICE)
    (row,) = await world.rows("decision")
    assert (row["decided_by_id"], row["deputy_for_id"]) == (VICE, CO)
    with pytest.raises(AlreadyDone):
        await acts(world, "change-a-deputy", CO, person=mail(CO), deputy=mail(VICE))


@pytest.mark.parametrize(("deputy", "refusal"), [(CO, BadInput), (TEACHER, BadInput)])
async def test_who_can_not_deputize(one_world: World, deputy: int, refusal: type[Exception]) -> None:
    await away(one_world, CO, DEPUTY)
    await away(one_world, TEACHER, DEPUTY)
    with pytest.raises(refusal):
        await acts(one_world, "change-a-deputy", CO, person=mail(CO), deputy=mail(deputy))


async def test_the_deputy_of_a_deputy_is_asked_and_may(world: World) -> None:
    await away(world, CO, DEPUTY)
    await away(world, DEPUTY, VICE)
    number = await awaiting(world)
    assert ("decision_wanted", VICE) in await world.told()
    await world.decide(number, VICE)
    (row,) = await world.rows("decision")
    assert (row["decided_by_id"], row["deputy_for_id"]) == (VICE, CO)


@pytest.mark.parametrize("asks", [CO, DEPUTY])
async def test_nobody_on_the_way_to_a_deputy_has_their_own_request_decided(world: World, asks: int) -> None:
    await away(world, CO, DEPUTY)
    await away(world, DEPUTY, VICE)
    number = await world.submit(actor=mail(asks))
    await world.drain()
    assert ("decision_wanted", VICE) not in await world.told()
    with pytest.raises(NotAllowed):
        await world.decide(number, VICE)


async def test_two_who_deputize_for_each_other_are_both_found_once(world: World) -> None:
    await away(world, CO, DEPUTY)
    await away(world, DEPUTY, CO)
    number = await awaiting(world)
    await world.decide(number, CO)


async def test_an_office_ends_from_this_moment(world: World) -> None:
    number = await awaiting(world)
    office = {"office": OFFICER, "person": mail(CO)}
    with pytest.raises(BadInput, match="leave one out"):
        await acts(world, "end-an-office", SUPER, **office, at_once=True, last_day="2027-01-29", reason=WHY)
    await acts(world, "end-an-office", SUPER, **office, at_once=True, reason=WHY)
    assert ("office_ended", CO) in await world.told()
    with pytest.raises(NotAllowed):
        await world.decide(number, CO)
    await acts(world, "give-an-office", SUPER, **office)
    await world.decide(number, CO)


async def division_wide(world: World) -> None:
    """An account of the division, run by the officer, and by a teacher who is designated for it."""
    division: dict[str, Any] = {
        "level": Level.DIVISION,
        "school_id": None,
        "custody": CustodyMode.PERSONAL_ADMINISTRATORS,
    }
    await world.put(an_account(1, **division))
    await world.put(an_access(1, CO), an_access(1, TEACHER), an_access(1, VICE))
    for person in (CO, TEACHER, VICE):
        day = world.now.date() - timedelta(days=3)
        await world.put(a_completion(person, day), an_acceptance(1, person))


@pytest.mark.parametrize("account", [None, 1])
async def test_what_hangs_on_a_designation_ends_with_it_and_with_notice(
    world: World, account: int | None
) -> None:
    await division_wide(world)
    await world.put(a_designation(TEACHER, account=account))
    await world.drain()
    assert set((await world.accesses()).values()) == {AccessState.GRANTED}
    of = {} if account is None else {"account": account}
    await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), reason=WHY, **of)
    await world.drain()
    (ends_on,) = {row["ends_on"] for row in await world.rows("access") if row["ends_on"]}
    assert {("access_ends", TEACHER), ("access_ends", CO)} <= set(await world.told())
    world.on(ends_on)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED
    world.on(ends_on + timedelta(days=1))
    await world.drain()
    assert await world.accesses() == {
        CO: AccessState.GRANTED,
        TEACHER: AccessState.REVOKED,
        VICE: AccessState.GRANTED,  # never designated: 1 says so, and nobody is cut off for it
    }


async def test_a_designation_that_ends_by_its_date_is_announced_before(world: World) -> None:
    await division_wide(world)
    last = world.now.date() + timedelta(days=21)
    await world.put(a_designation(TEACHER, ends_on=last))
    while "access_ends" not in {kind for kind, _ in await world.told()}:
        world.later(days=1)
        await world.drain()
    assert last - timedelta(days=21) < world.now.date() < last
    world.on(last + timedelta(days=1))
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED


@pytest.mark.parametrize("how", ["designated again", "in office"])
async def test_who_is_designated_again_or_in_office_keeps_it(world: World, how: str) -> None:
    await division_wide(world)
    await world.put(a_designation(TEACHER))
    await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), reason=WHY)
    await world.drain()
    if how == "in office":
        await world.put(a_role(TEACHER, OFFICER, school=None))
    else:
        (row,) = await world.rows("designation")
        after = row["ends_on"] + timedelta(days=1)
        await acts(world, "designate-an-administrator", SUPER, person=mail(TEACHER), starts_on=after)
    await world.drain()
    world.later(days=40)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED


async def test_a_designation_ends_at_once_in_an_emergency(world: World) -> None:
    await division_wide(world)
    await world.put(a_designation(TEACHER))
    await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), at_once=True, reason=WHY)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED
    assert {("office_ended", TEACHER), ("access_revoked", TEACHER)} <= set(await world.told())
    with pytest.raises(NotNow, match="steward designations"):
        await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), reason=WHY)


async def test_a_decision_is_taken_back_before_the_account_is_live(world: World) -> None:
    await approved(world)
    await acts(world, "take-a-decision-back", CO, request=1, reason=WHY)
    assert await world.request(1) is RequestState.AWAITING_DECISION
    assert await world.account(1) is AccountState.WITHDRAWN
    assert set((await world.accesses()).values()) == {AccessState.REVOKED}
    assert ("decision_taken_back", TEACHER) in await world.told()
    assert ("decide the request", None) in await world.asked()
    await world.decide(1, CO)
    await world.drain()
    assert await world.account(2) is AccountState.APPROVED, "made anew"


async def test_a_refusal_is_taken_back_too(world: World) -> None:
    number = await awaiting(world)
    await world.decide(number, CO, "decline")
    await acts(world, "take-a-decision-back", CO, request=number, reason=WHY)
    await world.decide(number, CO)
    assert await world.request(number) is RequestState.APPROVED


async def test_a_decision_stands_once_the_account_is_live(world: World) -> None:
    await live(world)
    with pytest.raises(NotNow, match="steward account close 1"):
        await acts(world, "take-a-decision-back", CO, request=1, reason=WHY)


async def test_the_requester_does_not_take_it_back(one_world: World) -> None:
    await approved(one_world)
    with pytest.raises(NotAllowed):
        await acts(one_world, "take-a-decision-back", TEACHER, request=1, reason=WHY)
