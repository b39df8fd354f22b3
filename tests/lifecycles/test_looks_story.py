"""Looks at accounts (9): the word of a day or week, who is asked once nobody looked, who looks instead."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from deployments.sample.words import RoleKind
from schemas.errors import NotAllowed
from schemas.people import Absence
from schemas.words import Mode, Via
from tasks.findings.evaluation import evaluate
from tasks.items import lifecycle as action_items
from tasks.lifecycles import Lifecycle
from tasks.monitoring import lifecycle as looks
from tasks.monitoring.check_in import CheckInForm, check_in
from tasks.people.absences import AbsenceForm, note_absence
from tasks.suspension import lifecycle as suspension
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, VICE, World, mail

#: A Monday; no day before it counts.
BEGIN = date(2027, 1, 11)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2027, 1, 11 + day) for day in range(5))
THROUGH = date(2027, 1, 29)


async def begun(world: World, **more: Any) -> World:
    await live(world)
    given = {"mode": Mode.ENFORCE, "begins_on": BEGIN, "word_each_day": False, **more}
    return replace(world, policy=world.policy.changed("daily-look", **given))


async def away(world: World, *people: int, deputy: int = DEPUTY) -> None:
    await world.put(
        *(Absence(person_id=one, deputy_id=deputy, starts_on=BEGIN, ends_on=THROUGH) for one in people)
    )


async def moved(world: World, lifecycle: Lifecycle) -> None:
    """Everything that is due moves, and is not due again."""
    for stage in lifecycle.stages:
        for case in await stage.due(world.runtime, world.now):
            assert await stage.move(world.runtime, case, world.now)
        assert await stage.due(world.runtime, world.now) == ()


async def night(world: World, day: date) -> None:
    """The parts of a sweep that follow from a look, in its order."""
    world.on(day)
    await moved(world, looks.LIFECYCLE)
    await moved(world, action_items.LIFECYCLE)
    async with world.store.write() as session:
        await evaluate(session, world.policy.control("daily-look"), world.policy, day, world.now)  # type: ignore[arg-type]
    await moved(world, suspension.LIFECYCLE)


async def say(world: World, by: int, *accounts: int) -> str:
    form = CheckInForm(actor=mail(by), accounts=accounts, everything=not accounts)
    return (await check_in(world.store, world.policy, form, via=Via.COMMAND, now=world.now)).says


async def letters(world: World, *kinds: str) -> list[tuple[str, int]]:
    """Who was told, by kind; of the climbs, those of looks alone."""
    items = {row["id"] for row in await world.rows("action_item") if row["kind"] == "look at the account"}
    rows = [row for row in await world.rows("notice") if row["kind"] in kinds]
    return sorted(
        (row["kind"], row["person_id"]) for row in rows if row["facts"].get("item_id") in {None, *items}
    )


async def asked_to_look(world: World) -> list[tuple[int | None, str | None]]:
    rows = [row for row in await world.rows("action_item") if row["kind"] == "look at the account"]
    return [(row["person_id"], row["climbed_to"]) for row in rows if row["state"] == "open"]


@pytest.mark.parametrize(
    ("day", "setting", "told", "through"),
    [
        (TUESDAY, "word_each_day", [PRINCIPAL, TEACHER], None),
        (TUESDAY, "", [], None),
        (date(2027, 1, 8), "word_each_day", [], None),  # before the control begins
        (date(2027, 1, 16), "word_each_day", [], None),  # a Saturday
        (WEDNESDAY, "word_each_week", [PRINCIPAL, TEACHER], "2027-01-15"),  # no sweep went on Monday
    ],
)
async def test_the_word_comes_once_a_day_or_once_a_week(
    world: World, day: date, setting: str, told: list[int], through: str | None
) -> None:
    world = await begun(world, **({setting: True} if setting else {}))
    world.on(day)
    await moved(world, looks.LIFECYCLE)
    rows = [row for row in await world.rows("notice") if row["kind"] == "look_today"]
    assert sorted(row["person_id"] for row in rows) == told
    assert {row["urgency"] for row in rows} <= {"low"}
    assert all(row["facts"]["account_ids"] == [1] and row["facts"]["through"] == through for row in rows)
    world.on(day.replace(day=day.day + 1))
    await moved(world, looks.LIFECYCLE)
    again = [row for row in await world.rows("notice") if row["kind"] == "look_today"]
    assert len(again) == len(rows) * (1 if setting == "word_each_week" else 2) or not rows


async def test_misses_climb_before_a_suspension_is_announced(world: World) -> None:
    """Monday to Thursday nobody looks: asked, then the school, then Communications; then it is announced."""
    world = await begun(world)
    heard: list[list[tuple[str, int]]] = []
    for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY):
        before = await letters(world, "look_missed", "item_escalated", "suspension_ahead")
        await night(world, day)
        after = await letters(world, "look_missed", "item_escalated", "suspension_ahead")
        for one in before:
            after.remove(one)
        heard.append(after)
    assert heard == [
        [],
        [("look_missed", PRINCIPAL), ("look_missed", TEACHER)],
        [("item_escalated", CO), ("item_escalated", PRINCIPAL)],  # what the head owes goes past their office
        [("item_escalated", CO)],
        [("suspension_ahead", PRINCIPAL), ("suspension_ahead", TEACHER)],
    ]
    assert await asked_to_look(world) == [
        (PRINCIPAL, RoleKind.COMMUNICATIONS_OFFICER),
        (TEACHER, RoleKind.COMMUNICATIONS_OFFICER),
    ]
    with pytest.raises(NotAllowed):
        await say(world, OTHER_PRINCIPAL, 1)
    await say(world, CO, 1)  # whoever it climbed to may look, too
    assert await asked_to_look(world) == []
    assert {row["state"] for row in await world.rows("action_item") if "look" in row["key"]} == {"done"}


async def test_another_administrator_looks_for_whoever_is_away(world: World) -> None:
    world = await begun(world, word_each_day=True)
    await away(world, TEACHER)
    await night(world, TUESDAY)
    assert await letters(world, "look_missed", "look_instead", "look_today") == [
        ("look_instead", PRINCIPAL),
        ("look_missed", PRINCIPAL),
        ("look_today", PRINCIPAL),
    ]
    await night(world, WEDNESDAY)
    assert len(await letters(world, "look_instead")) == 1, "once an absence"


@pytest.mark.parametrize("deputy_stays", [True, False], ids=["the deputy", "the school's office"])
async def test_where_all_are_away_somebody_else_looks(world: World, deputy_stays: bool) -> None:
    world = await begun(world, word_each_day=True)
    await away(world, PRINCIPAL, TEACHER)
    if not deputy_stays:
        await away(world, DEPUTY, deputy=VICE)
        await away(world, VICE, deputy=CO)
    who = DEPUTY if deputy_stays else CO
    await night(world, TUESDAY)
    assert set(await letters(world, "look_missed", "look_instead", "look_today")) == {
        ("look_instead", who),
        ("look_missed", who),
        ("look_today", who),
    }
    assert [person for person, _ in await asked_to_look(world)] == [who]
    assert (await say(world, who)).startswith("1 account checked in")  # all of mine, without access
    assert await asked_to_look(world) == []


async def test_nothing_is_asked_for_days_away(world: World) -> None:
    """Asked, then away: it is asked of somebody else, and neither a climb nor an announcement is theirs."""
    world = await begun(world)
    await night(world, TUESDAY)
    assert [person for person, _ in await asked_to_look(world)] == [PRINCIPAL, TEACHER]
    await away(world, TEACHER, PRINCIPAL)
    for day in (WEDNESDAY, THURSDAY, FRIDAY):
        await night(world, day)
    assert [person for person, _ in await asked_to_look(world)] == [DEPUTY]
    told = await letters(world, "item_escalated", "suspension_ahead")
    assert TEACHER not in {person for _, person in told}
    assert ("suspension_ahead", CO) in told, "the office that can get in"


async def test_an_absence_wakes_it_and_observing_asks_nobody(world: World) -> None:
    world = await begun(world, mode=Mode.OBSERVE)
    world.on(BEGIN)
    await world.woken()
    days = {"starts_on": BEGIN, "ends_on": THROUGH}
    form = AbsenceForm(actor=mail(TEACHER), person=mail(TEACHER), deputy=mail(DEPUTY), **days)
    await note_absence(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert "looks" in await world.woken()
    await night(world, FRIDAY)
    assert await letters(world, "look_missed", "look_instead", "look_today", "suspension_ahead") == []
