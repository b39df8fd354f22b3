"""A terminal's word is its user's word: bound users, what only the person records, and who is told."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.people import Person, TerminalUser
from schemas.words import Via
from tasks.acts.recorder import TypedBy
from tasks.acts.table import ACTS
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

DESK = TypedBy("ann", "desk")
OTHER = TypedBy("ann", "laptop")


async def typed(world: World, name: str, actor: int, by: TypedBy | None = DESK, **values: Any) -> None:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now, typed_by=by)


async def told(world: World, kind: str) -> set[int]:
    return {row["person_id"] for row in await world.rows("notice") if row["kind"] == kind}


async def test_before_any_user_is_bound_what_is_typed_is_believed_and_kept(one_world: World) -> None:
    await live(one_world)
    await typed(one_world, "check-in", TEACHER, accounts=[1])
    entry = (await one_world.rows("audit_entry"))[-1]
    assert (entry["body"]["os_user"], entry["body"]["host"]) == ("ann", "desk")
    assert not await told(one_world, "recorded_in_your_name")


async def test_from_the_first_one_on_a_user_is_a_person(one_world: World) -> None:
    await live(one_world)
    await typed(one_world, "bind-a-user", SUPER, user="ann", person=mail(CO), host="desk")
    assert await told(one_world, "office_changed") == {SUPER}

    await typed(one_world, "suspend-an-account", CO, account=1, reason="It was taken over.")
    with pytest.raises(NotAllowed, match="steward user bind ann YOU --host laptop"):
        await typed(one_world, "check-in", CO, OTHER, accounts=[1])
    with pytest.raises(NotAllowed, match="Only the person records this"):
        await typed(one_world, "bind-a-user", SUPER, user="eve", person=mail(VICE))

    await typed(one_world, "ask-for-a-return", PRINCIPAL, account=1, reason="The intruder is gone.")
    assert await told(one_world, "recorded_in_your_name") == {PRINCIPAL}
    bodies = [row["body"] for row in await one_world.rows("audit_entry")]
    assert [one["recorded_by"] for one in bodies if "recorded_by" in one][-1] == CO


async def test_a_user_is_one_person_until_unbound_and_whoever_left_is_nobody(one_world: World) -> None:
    await typed(one_world, "bind-a-user", SUPER, user="ann", person=mail(CO), host="desk")
    with pytest.raises(AlreadyDone, match="steward user unbind"):
        await typed(one_world, "bind-a-user", CO, user="ann", person=mail(VICE), host="desk")
    await typed(one_world, "unbind-a-user", CO, user="ann", host="desk")
    at = one_world.now
    await one_world.put(
        TerminalUser(user="dee", host="desk", person_id=DEPUTY, bound_by_id=SUPER, bound_at=at)
    )
    with pytest.raises(NotAllowed):
        await typed(one_world, "bind-a-user", CO, user="ann", person=mail(CO), host="desk")
    async with one_world.store.write() as session:
        await session.run(
            table_of(Person).update().where(table_of(Person).c.id == DEPUTY).values(active=False)
        )
    await typed(one_world, "bind-a-user", CO, user="ann", person=mail(CO), host="desk")


@pytest.mark.parametrize("name", ["give-an-office", "end-an-office", "designate-an-administrator"])
async def test_each_change_of_an_office_is_told_at_once_to_who_gives_offices(
    one_world: World, name: str
) -> None:
    values: dict[str, Any] = {"person": mail(VICE)}
    if name != "designate-an-administrator":
        values["office"] = "communications officer"
    if name == "end-an-office":
        values = {**values, "person": mail(CO), "reason": "A new timetable."}
    await typed(one_world, name, SUPER, **values)
    rows = [row for row in await one_world.rows("notice") if row["kind"] == "office_changed"]
    expected = {SUPER, CO} - ({CO} if name == "end-an-office" else set())
    assert expected <= {row["person_id"] for row in rows}
    assert {row["urgency"] for row in rows} == {"urgent"}
    assert {row["not_before"] for row in rows} == {one_world.now}


async def test_nobody_gains_by_what_they_record(one_world: World) -> None:
    office: dict[str, Any] = {"office": "communications officer", "person": mail(SUPER)}
    with pytest.raises(NotAllowed, match="Nobody gives an office to themselves"):
        await typed(one_world, "give-an-office", SUPER, **office)
    day = one_world.now.date()
    away: dict[str, Any] = {"starts_on": day, "ends_on": day}
    with pytest.raises(NotAllowed, match="Nobody makes themselves somebody else's deputy"):
        await typed(one_world, "note-an-absence", CO, person=mail(SUPER), deputy=mail(CO), **away)
    await typed(one_world, "note-an-absence", SUPER, person=mail(SUPER), deputy=mail(VICE), **away)
    with pytest.raises(
        NotAllowed, match="Nobody gives an office to themselves"
    ):  # nor to whom they stand in for
        await typed(one_world, "give-an-office", VICE, **office)
    with pytest.raises(NotAllowed, match="Nobody makes themselves somebody else's deputy"):
        await typed(one_world, "change-a-deputy", CO, person=mail(SUPER), deputy=mail(CO))


async def test_nobody_becomes_a_deputy_by_naming_none(one_world: World) -> None:
    """The policy's default would be who notes it; the person themselves may have it so."""
    day = one_world.now.date()
    away: dict[str, Any] = {"person": mail(OTHER_PRINCIPAL), "starts_on": day, "ends_on": day}
    with pytest.raises(BadInput, match="The policy names nobody who could deputize"):
        await typed(one_world, "note-an-absence", CO, **away)
    await typed(one_world, "note-an-absence", OTHER_PRINCIPAL, **away)
    assert [row["deputy_id"] for row in await one_world.rows("absence")] == [CO]


async def test_a_deputys_deputy_gives_no_office_to_whom_they_stand_in_for(one_world: World) -> None:
    day = one_world.now.date()
    away: dict[str, Any] = {"starts_on": day, "ends_on": day}
    await typed(one_world, "note-an-absence", SUPER, person=mail(SUPER), deputy=mail(PRINCIPAL), **away)
    await typed(one_world, "note-an-absence", PRINCIPAL, person=mail(PRINCIPAL), deputy=mail(VICE), **away)
    office: dict[str, Any] = {"office": "communications officer"}
    for whom in (SUPER, PRINCIPAL, VICE):
        with pytest.raises(NotAllowed, match="Nobody gives an office to themselves"):
            await typed(one_world, "give-an-office", VICE, person=mail(whom), **office)


async def test_an_absence_of_more_than_a_year_is_a_slip(one_world: World) -> None:
    """It would hand an office over for good."""
    day = one_world.now.date()
    away: dict[str, Any] = {"person": mail(OTHER_PRINCIPAL), "deputy": mail(CO), "starts_on": day}
    with pytest.raises(BadInput, match="That is 367 days: an absence is a year at most"):
        await typed(one_world, "note-an-absence", OTHER_PRINCIPAL, **away, ends_on=day + timedelta(days=366))
    await typed(one_world, "note-an-absence", OTHER_PRINCIPAL, **away, ends_on=day + timedelta(days=365))
