"""Whoever must be able to reach an account tries it each year, and says so (5.5, 6.2)."""

from datetime import date, timedelta

import pytest

from policy.controls import Rule
from schemas.errors import NotAllowed
from schemas.words import Via
from tasks.findings.evaluation import evaluate
from tasks.suspension import asking
from tasks.suspension.returns import HoldForm, take_hold
from tests.support.rules import RULES
from tests.support.stages import live
from tests.support.world import CO, TEACHER, World, mail

NAME = "communications-can-reach-it"
RULE: Rule = RULES[NAME]
#: A school day, a year and a day after the first day that counts.
LAPSED = date(2028, 1, 12)


async def night(world: World, day: date) -> list[tuple[str, object]]:
    """What is found, and who is asked to mend it."""
    world.on(day)
    async with world.store.write() as session:
        await evaluate(session, RULE, world.policy, day, world.now)
    for case in await asking.FINDINGS.due(world.runtime, world.now):
        await asking.FINDINGS.move(world.runtime, case, world.now)
    items = await world.rows("action_item")
    mine = [row for row in items if row["control"] == NAME and row["state"] == "open"]
    return [(str(row["due_on"]), row["role"] or row["person_id"]) for row in mine]


async def says(world: World, by: int) -> None:
    form = HoldForm(actor=mail(by), account=1, signed_in=True)
    await take_hold(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_the_keeper_is_asked_each_year_and_says_that_it_works(world: World) -> None:
    await live(world)
    assert await night(world, LAPSED - timedelta(days=1)) == []
    (asked,) = await night(world, LAPSED)
    assert asked[1] == "communications officer", "who keeps it tries it, and not who administers it"
    (letter,) = [row for row in await world.rows("notice") if row["kind"] == "findings"]
    assert letter["person_id"] == CO
    with pytest.raises(NotAllowed):
        await says(world, TEACHER)
    await says(world, CO)
    assert await night(world, LAPSED) == []
    assert {row["state"] for row in await world.rows("action_item") if row["control"] == NAME} == {"done"}
    again = LAPSED + timedelta(days=365)
    assert await night(world, again) == []
    assert len(await night(world, again + timedelta(days=1))) == 1
