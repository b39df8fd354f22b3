"""A school's list, from the letter to the answer: who may answer, what is struck, what stays."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.errors import BadInput, NotAllowed
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.inventory.confirming import SchoolListForm, confirm_list
from tasks.inventory.lifecycle import LIFECYCLE
from tasks.people.listing import list_schools
from tests.factories.division import a_school
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, World, mail

ASKED = "confirm the list of a school"
(STAGE,) = LIFECYCLE.stages


async def confirm(world: World, actor: int, **values: Any) -> Receipt:
    form = SchoolListForm.model_validate({"actor": mail(actor), "school": "Sample School 1", **values})
    return await confirm_list(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def asked(world: World) -> list[int | None]:
    return [person for what, person in await world.asked() if what == ASKED]


async def in_february(world: World) -> None:
    await live(world)
    await world.put(a_school(3, is_division=True))
    world.now = datetime(2027, 2, 1, 16, tzinfo=UTC)
    await world.bring_on(STAGE)


async def test_each_school_is_asked_once_and_its_answer_ends_it(world: World) -> None:
    await in_february(world)
    await world.bring_on(STAGE)
    told = [one for one in await world.told() if one[0] == "list_to_confirm"]
    assert told == [("list_to_confirm", PRINCIPAL), ("list_to_confirm", OTHER_PRINCIPAL)]
    items = [one for one in await world.rows("action_item") if one["kind"] == ASKED]
    assert [(one["role_school_id"], str(one["due_on"])) for one in items] == [
        (1, "2027-02-18"),
        (2, "2027-02-18"),  # ten school days, without Family Day and a convention
    ]
    (sent, _) = [one for one in await world.rows("notice") if one["kind"] == "list_to_confirm"]
    assert (sent["facts"]["account_ids"], sent["facts"]["holders"]) == ([1], [[PRINCIPAL, TEACHER]])

    done = await confirm(world, PRINCIPAL)
    assert done.says == ("The list of Sample School 1 is confirmed. 1 account is on it: account 1.")
    await world.bring_on(STAGE)
    items = [one for one in await world.rows("action_item") if one["kind"] == ASKED]
    assert [(one["role_school_id"], one["state"]) for one in items] == [(1, "done"), (2, "open")]
    async with world.store.read() as session:
        listed = {one.school_name: one.list_confirmed_at for one in await list_schools(session)}
    assert listed["Sample School 1"] == world.now
    assert listed["Sample School 2"] is None


async def test_what_is_struck_is_announced_and_can_be_kept(world: World) -> None:
    await in_february(world)
    done = await confirm(world, PRINCIPAL, strike=(1,))
    assert "`steward account keep` undoes it" in done.says
    (account,) = await world.rows("account")
    assert account["state"] == "live"
    assert account["closes_on"] > world.now.date()
    assert ("account_closes", TEACHER) in await world.told()
    (said,) = await world.rows("list_confirmation")
    assert (said["confirmed"], said["struck"]) == ([], [1])
    again = await confirm(world, PRINCIPAL, strike=(1,))
    assert str(account["closes_on"]) in again.says


@pytest.mark.parametrize(
    ("actor", "values", "error"),
    [
        (OTHER_PRINCIPAL, {}, NotAllowed),
        (TEACHER, {}, NotAllowed),
        (PRINCIPAL, {"strike": (2,)}, BadInput),
        (CO, {"school": "Sample School 3"}, BadInput),  # the head office
    ],
)
async def test_who_may_not_and_what_is_not_there(
    world: World, actor: int, values: dict[str, Any], error: type[Exception]
) -> None:
    await in_february(world)
    with pytest.raises(error):
        await confirm(world, actor, **values)
    assert await world.rows("list_confirmation") == []


async def test_who_it_climbed_to_may_answer(world: World) -> None:
    await in_february(world)
    assert (await confirm(world, CO)).state == "confirmed"
    assert len(await asked(world)) == 1
