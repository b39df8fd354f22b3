"""Advice: found in the database as the decision says, sent once, answered, and counted by school."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.calendar import Calendar
from policy.guidance import decide_advice
from schemas.errors import NotNow
from schemas.words import Via
from tasks.acts.table import ACTS
from tasks.guidance import lifecycle as guidance
from tasks.guidance.facts import advised_facts
from tasks.guidance.listing import advice_by_school
from tests.support.stages import leaves, live
from tests.support.world import DEPUTY, TEACHER, World, mail

PEOPLE = range(1, 8)


async def night(world: World) -> list[int]:
    """What a sweep sends; the people."""
    cases = await guidance.due(world.runtime, world.now)
    for case in cases:
        assert len(await guidance.move(world.runtime, case, world.now)) == len(case.ids)
        assert await guidance.move(world.runtime, case, world.now) == ()
    return [one for case in cases for one in case.ids]


async def oracle(world: World) -> list[int]:
    """Of everybody, those whose facts say that a letter is due."""
    async with world.store.read() as session:
        facts = await advised_facts(session, PEOPLE)
    Calendar(world.policy)
    return [one.person_id for one in facts if decide_advice(one, world.policy, world.now)]


async def test_a_year_of_advice(world: World) -> None:
    """Whoever is found is who the decision says; so many a night; nobody twice a term."""
    advice = world.policy.advice.model_copy(update={"letters_a_night_at_most": 4})
    world = replace(world, policy=world.policy.model_copy(update={"advice": advice}))
    await leaves(world, DEPUTY)
    first = await oracle(world)
    assert first == [one for one in PEOPLE if one != DEPUTY]
    assert await night(world) == first[:4]
    assert await night(world) == []
    world.later(days=1)
    assert await oracle(world) == first[4:]
    assert await night(world) == first[4:]
    await live(world)  # new administrators: their advice waits for the next term
    assert await oracle(world) == await night(world) == []
    world.later(days=90)
    found = await oracle(world)
    assert TEACHER in found
    assert len(found) == 2  # the two administrators
    assert sorted(await night(world)) == found
    letters = [row for row in await world.rows("notice") if row["kind"] == "advice_to_read"]
    mine = [row for row in letters if row["person_id"] == TEACHER]
    assert [len(row["facts"]["texts"]) for row in mine] == [2, 3]


async def test_an_answer_is_for_the_version_of_the_letter(world: World) -> None:
    await night(world)
    act, form = ACTS["acknowledge-advice"].load(), {"actor": mail(TEACHER)}
    given = act.form.model_validate(form)
    receipt = await act(world.store, world.policy, given, via=Via.COMMAND, now=world.now)
    assert "personal accounts”, version 2026-1" in receipt.says
    with pytest.raises(NotNow):
        await act(world.store, world.policy, given, via=Via.COMMAND, now=world.now)
    assert ("read the advice", TEACHER) not in await world.asked()
    async with world.store.read() as session:
        counts = await advice_by_school(session, world.policy, world.now.date(), 1)
        later = await advice_by_school(session, world.policy, world.now.date() + timedelta(days=365), 1)
    (personal,) = [one for one in counts if one.text == "personal accounts"]
    assert (personal.concerns, personal.sent, personal.asked, personal.acknowledged) == (6, 6, 6, 1)
    (personal,) = [one for one in later if one.text == "personal accounts"]
    assert personal.sent == 0
