"""Whatever a rule finds is asked of somebody by an item, told once, and settled when it is mended."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from deployments.sample.words import RoleKind
from policy.finding_items import asked_for
from policy.model import load
from schemas.columns import table_of
from schemas.findings import Finding
from tasks.findings.notify_findings import tell_people
from tasks.items.listing import list_owed
from tasks.suspension import asking
from tests.support.databases import ROOT
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail

NAMES = asked_for(load(ROOT / "policy" / "ap151.toml"))
#: Who can mend it: whoever administers the account, or the office that can name an administrator.
ASKED = {
    "division-administrators": [RoleKind.SCHOOL_ADMINISTRATOR],
    "school-administrators": [RoleKind.SCHOOL_ADMINISTRATOR],
    "owner-is-named": [
        RoleKind.COMMUNICATIONS_OFFICER
    ],  # nobody has looked: asked of who may say what is there
    # it is shown that it can be reached: the office itself is to try it
    "communications-can-reach-it": [RoleKind.COMMUNICATIONS_OFFICER],
    "principal-can-reach-it": [RoleKind.COMMUNICATIONS_OFFICER],
}


async def found(world: World, control: str) -> None:
    await live(world)
    await world.put(Finding(control=control, account_id=1, due_on=world.now.date(), opened_at=world.now))


async def night(world: World) -> list[str]:
    said: list[str] = []
    for case in await asking.FINDINGS.due(world.runtime, world.now):
        said += await asking.FINDINGS.move(world.runtime, case, world.now)
    return said


async def of_findings(world: World) -> list[dict[str, object]]:
    return [row for row in await world.rows("action_item") if row["subject_kind"] == "finding"]


def test_every_rule_has_its_item_or_an_announcement() -> None:
    policy = load(ROOT / "policy" / "ap151.toml")
    elsewhere = {"privacy-course", "classroom-privacy-course", "password-change", "administrator-list-review"}
    elsewhere |= {"answers-in-time", "corrections"}  # asked for when somebody hands it in
    elsewhere |= {"daily-look"}  # only observes until somebody lets it act
    announced = {one.name for one in policy.rules() if policy.sanction_of(one.name)}
    assert {one.name for one in policy.rules()} == {*NAMES, *elsewhere, *announced}


@pytest.mark.parametrize("control", NAMES)
async def test_asked_with_a_day_told_once_and_settled(world: World, control: str) -> None:
    await found(world, control)
    assert await night(world) == ["asked to mend"]
    assert await night(world) == []
    items = await of_findings(world)
    asked = [row["role"] or row["person_id"] for row in items]
    assert asked == ASKED.get(control, [PRINCIPAL, TEACHER])
    letters = [row for row in await world.rows("notice") if row["kind"] == "findings"]
    assert {row["facts"]["mend_by"] for row in letters} == {str(row["due_on"]) for row in items}
    async with world.store.write() as session:
        assert await tell_people(session, world.policy, world.now) == 0, "one letter about one thing"
    async with world.store.read() as session:
        who = CO if RoleKind.COMMUNICATIONS_OFFICER in asked else PRINCIPAL
        owed = await list_owed(session, world.policy, world.now.date(), person=mail(who))
    assert control in {one.control for one in owed}, "in what the person owes"
    async with world.store.write() as session:
        values = {"resolved_at": world.now}
        await session.run(update(table_of(Finding)).where(col(Finding.control) == control).values(**values))
    assert await night(world) == ["mended"]
    assert {row["state"] for row in await of_findings(world)} == {"done"}
    assert await night(world) == []


async def test_nobody_is_asked_on_a_day_without_school(world: World) -> None:
    await found(world, NAMES[0])
    world.later(days=4)  # a Saturday
    assert await night(world) == []
    assert CO not in {row["person_id"] for row in await of_findings(world)}
