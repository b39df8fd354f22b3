"""What is misleading: reported, acknowledged, put right, each with its day; and told to who reported it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from schemas.errors import AlreadyDone, NotAllowed, NotNow
from schemas.machinery import ActionItem
from schemas.receipt import Receipt
from schemas.words import ItemKind, Via
from tasks.acts.table import ACTS
from tasks.findings.evaluation import look
from tasks.public.correction_listing import corrections
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

WRONG = {"says": "School begins at ten.", "right": "It begins at half past eight."}


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def violated(world: World) -> int:
    today = world.policy.calendar.today(world.now)
    async with world.store.read() as session:
        return (await look(session, world.policy.rule("corrections"), world.policy, today)).violated


async def asked(world: World) -> int:
    return sum(what == "put right what is misleading" for what, _ in await world.asked())


async def news(world: World) -> list[Any]:
    return [row["facts"]["step"] for row in await world.rows("notice") if row["kind"] == "correction_news"]


async def test_from_the_report_to_the_correction(world: World) -> None:
    await live(world)
    said = await acts(world, "report-misleading-information", VICE, account=1, **WRONG)
    assert "acknowledged by 2026-10-21" in said.says
    assert await asked(world) == 1
    with pytest.raises(NotAllowed):
        await acts(world, "acknowledge-misleading-information", OTHER_PRINCIPAL, correction=1)
    world.later(days=2)
    assert await violated(world) == 1
    await acts(world, "acknowledge-misleading-information", TEACHER, correction=1)
    assert await violated(world) == 0
    with pytest.raises(AlreadyDone):
        await acts(world, "acknowledge-misleading-information", PRINCIPAL, correction=1)
    assert await asked(world) == 1
    async with world.store.read() as session:
        (row,) = (await corrections(session, date(2026, 10, 30), None)).rows
    assert (row.due_on, row.late) == (date(2026, 10, 29), True)
    assert row.acknowledged_at == world.now

    await acts(world, "correct-misleading-information", CO, correction=1, outcome="The post is right now.")
    assert await asked(world) == 0
    with pytest.raises(AlreadyDone):
        await acts(world, "leave-information-as-it-is", CO, correction=1, reason="It is so.")
    await acts(world, "open-a-correction-again", CO, correction=1, reason="It is there again.")
    with pytest.raises(NotNow):
        await acts(world, "open-a-correction-again", CO, correction=1, reason="It is there again.")
    assert await asked(world) == 1
    await acts(world, "leave-information-as-it-is", PRINCIPAL, correction=1, reason="It was a joke.")
    assert await asked(world) == 0
    assert sorted(await news(world)) == ["acknowledged", "corrected", "no correction needed"]


async def test_what_stands_at_no_account_is_the_offices(world: World) -> None:
    await acts(world, "report-misleading-information", TEACHER, **WRONG)
    with pytest.raises(NotAllowed, match="the Communications Officer"):
        await acts(world, "acknowledge-misleading-information", TEACHER, correction=1)
    await acts(world, "correct-misleading-information", CO, correction=1, outcome="A post says so.")
    (row,) = await world.rows("correction")
    assert row["acknowledged_at"] == row["ended_at"] == world.now
    (letter,) = [row for row in await world.rows("notice") if row["kind"] == "correction_wanted"]
    assert letter["person_id"] == CO


async def test_who_it_climbed_to_may_put_it_right(world: World) -> None:
    await acts(world, "report-misleading-information", VICE, **WRONG)
    with pytest.raises(NotAllowed):
        await acts(world, "correct-misleading-information", SUPER, correction=1, outcome="It is right now.")
    async with world.store.write() as session:
        await session.exec(
            update(ActionItem)
            .where(col(ActionItem.kind) == ItemKind.CORRECT)
            .values(climbed_to="superintendent")
        )
    done = await acts(
        world, "correct-misleading-information", SUPER, correction=1, outcome="It is right now."
    )
    assert done.state == "corrected"
