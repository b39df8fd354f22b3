"""A question of the public, from being noted to its answer: who is asked, who may answer, what is found."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.receipt import Receipt
from schemas.words import Via
from tasks.acts.table import ACTS
from tasks.findings.evaluation import look
from tasks.public.enquiry_listing import AnswersAt, answers_by_school, enquiries
from tasks.public.lifecycle import LIFECYCLE
from tests.support.stages import leaves, live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, VICE, World, mail

ASKED = "answer the public"


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def log(world: World, **values: Any) -> Receipt:
    given = {"account": 1, "asks": "When does school begin?", **values}
    return await acts(world, "log-an-enquiry", VICE, **given)


async def violated(world: World) -> int:
    today = world.policy.calendar.today(world.now)
    async with world.store.read() as session:
        return (await look(session, world.policy.rule("answers-in-time"), world.policy, today)).violated


async def asked(world: World) -> list[int | None]:
    return [person for what, person in await world.asked() if what == ASKED]


async def test_from_the_question_to_the_answer(world: World) -> None:
    await live(world)
    said = await log(world, asked_at="2026-10-20 09:00")
    assert "by 2026-10-21 08:30" in said.says  # eight working hours, Instagram's
    assert await asked(world) == [PRINCIPAL, TEACHER]
    assert [one for one in await world.told() if one[0] == "enquiry_waits"] == [
        ("enquiry_waits", PRINCIPAL), ("enquiry_waits", TEACHER)
    ]  # fmt: skip
    world.later(days=1)
    assert await violated(world) == 0
    world.later(days=1)
    assert await violated(world) == 1

    with pytest.raises(NotAllowed):
        await acts(world, "answer-an-enquiry", OTHER_PRINCIPAL, enquiry=1, how="directly")
    done = await acts(world, "answer-an-enquiry", TEACHER, enquiry=1, how="directly")
    assert done.says == "Question 1 is answered directly, later than people expect there."
    assert await violated(world) == 0
    assert await asked(world) == []
    with pytest.raises(AlreadyDone):
        await acts(world, "close-an-enquiry", CO, enquiry=1, reason="It was answered.")

    await acts(world, "open-an-enquiry-again", PRINCIPAL, enquiry=1, reason="They asked again.")
    assert await asked(world) == [PRINCIPAL, TEACHER]
    with pytest.raises(NotNow):
        await acts(world, "open-an-enquiry-again", PRINCIPAL, enquiry=1, reason="They asked again.")
    await acts(world, "close-an-enquiry", CO, enquiry=1, reason="It was advertising.")
    assert await asked(world) == []

    await log(world)
    await log(world)
    await acts(world, "answer-an-enquiry", TEACHER, enquiry=2, how="in public")
    today = world.policy.calendar.today(world.now)
    async with world.store.read() as session:
        counts = await answers_by_school(session, today, world.now - timedelta(days=30))
        waiting = await enquiries(session, world.now, 1, school="Sample School 1", account="@lakeside.school")
        every = await enquiries(session, world.now, None, ended=True)
    assert counts == (AnswersAt("Sample School 1", 3, 1, 0, 1, 1, 0),)
    assert [one.enquiry for one in waiting.rows] == [3]
    assert [(one.enquiry, one.ended_as) for one in every.rows] == [
        (1, "closed without an answer"), (2, "answered in public"), (3, None)
    ]  # fmt: skip


async def test_who_administers_it_tomorrow_is_asked_tomorrow(world: World) -> None:
    await live(world)
    await log(world)
    await leaves(world, PRINCIPAL)
    stage = LIFECYCLE.stages[0]
    await world.bring_on(stage)
    assert await asked(world) == [TEACHER]
    await leaves(world, TEACHER)
    await world.bring_on(stage)
    assert await asked(world) == [None]  # of the office that keeps the policy


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"asked_at": "2026-10-20 10:01"}, BadInput),
        ({"asked_at": "2025-10-01 10:00"}, BadInput),
    ],
)
async def test_a_moment_that_can_not_be(world: World, values: dict[str, Any], error: type[Exception]) -> None:
    await live(world)
    with pytest.raises(error):
        await log(world, **values)


async def test_an_account_that_is_not_in_use_is_asked_nothing(world: World) -> None:
    await live(world)
    await acts(world, "close-an-account", CO, account=1, reason="Nobody reads it.", at_once=True)
    with pytest.raises(NotNow):
        await log(world)
