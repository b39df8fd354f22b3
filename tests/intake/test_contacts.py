"""A student's attempt to reach staff in private: shared with whom, seen by whom, and deleted when."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from schemas.errors import BadInput, NotAllowed, Unknown
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import PersonKind, Via
from tasks.acts.table import ACTS
from tasks.contacts.lifecycle import LIFECYCLE
from tasks.store import verifying
from tests.factories.division import a_person
from tests.support.stages import leaves
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

SAID = "A message on a private account, at ten at night."


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def report(world: World, actor: int = TEACHER, **values: Any) -> Receipt:
    return await acts(world, "report-a-contact", actor, **{"says": SAID, **values})


async def supervises(world: World, supervisor: int, person: int) -> None:
    async with world.store.write() as session:
        await session.exec(update(Person).where(col(Person.id) == person).values(supervisor_id=supervisor))


async def told(world: World) -> list[int]:
    return [person for kind, person in await world.told() if kind == "contact_shared"]


async def see(world: World, *people: int) -> list[int]:
    """Those of them who are not refused."""
    found = []
    for one in people:
        try:
            assert SAID in (await acts(world, "look-at-a-contact-report", one, report=1)).says
        except NotAllowed:
            continue
        found.append(one)
    return found


@pytest.mark.parametrize(
    ("supervisor", "gone", "employee", "shared"),
    [
        (None, False, TEACHER, [PRINCIPAL]),
        (VICE, False, TEACHER, [VICE]),
        (VICE, True, TEACHER, [PRINCIPAL]),
        (None, False, PRINCIPAL, [SUPER]),
    ],
)
async def test_with_whom_it_is_shared(
    world: World, supervisor: int | None, gone: bool, employee: int, shared: list[int]
) -> None:
    if supervisor is not None:
        await supervises(world, supervisor, employee)
    if gone and supervisor is not None:
        await leaves(world, supervisor)
    await report(world, employee)
    assert await told(world) == shared
    assert await see(world, CO, OTHER_PRINCIPAL, DEPUTY) == []
    near = list(dict.fromkeys((employee, *shared, SUPER)))
    assert await see(world, *near) == near


async def test_the_look_of_who_is_asked_counts(world: World) -> None:
    await report(world)
    for one in (TEACHER, SUPER):
        await acts(world, "look-at-a-contact-report", one, report=1)
        assert [what for what, _ in await world.asked()] == ["look at a contact report"]
    async with world.store.write() as session:  # it is late, and has climbed
        await session.exec(update(ActionItem).values(climbed_to="superintendent"))
    await acts(world, "look-at-a-contact-report", SUPER, report=1)
    assert await world.asked() == []
    (row,) = await world.rows("contact_report")
    assert (row["seen_at"], row["seen_by_id"]) == (world.now, SUPER)
    for one, sees in ((PRINCIPAL, True), (SUPER, True), (TEACHER, True), (CO, False), (VICE, False)):
        listed = (await acts(world, "list-contact-reports", one)).says
        assert ("Report 1: 2026-10-20, seen" in listed) is sees
        assert SAID not in listed


async def test_it_is_deleted_in_time_and_the_chain_stays_whole(world: World) -> None:
    days = world.policy.control("contact-reports").kept_days  # type: ignore[attr-defined]
    await report(world)
    await report(world)
    await acts(world, "withdraw-a-contact-report", TEACHER, report=2)
    assert len(await world.rows("contact_report")) == 1
    with pytest.raises(Unknown):
        await acts(world, "look-at-a-contact-report", TEACHER, report=2)
    (stage,) = LIFECYCLE.stages
    world.later(days=days - 1)
    assert await stage.due(world.runtime, world.now) == ()
    world.later(days=1)
    await world.bring_on(stage)
    assert await world.rows("contact_report") == []
    assert await world.asked() == []
    everything = await world.everything()
    assert not any(SAID in str(row) for row in everything.values())
    await verifying.verify(world.store)


async def test_no_student_is_named(world: World) -> None:
    await world.put(a_person(20, kind=PersonKind.STUDENT, given_name="Ada", family_name="Sample"))
    with pytest.raises(BadInput, match="names a student"):
        await report(world, says="A message of ADA  Sample.")
    with pytest.raises(BadInput, match="names a student"):
        await report(world, did="I told Ada Sample to write to the class page.")
    with pytest.raises(BadInput, match="not come yet"):
        await report(world, on=(world.now.date() + timedelta(days=1)).isoformat())
    assert await world.rows("contact_report") == []


async def test_only_who_shared_it_takes_it_back(world: World) -> None:
    await report(world)
    for one in (PRINCIPAL, SUPER):
        with pytest.raises(NotAllowed, match="Only who shared it"):
            await acts(world, "withdraw-a-contact-report", one, report=1)
