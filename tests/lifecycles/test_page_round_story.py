"""The pages of accounts in use, looked at in rounds, and attested where they can't be read (8)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from policy.calendar import Calendar
from policy.controls.display import Display
from schemas.errors import NotAllowed, NotNow
from schemas.evidence import PageCheck
from schemas.states import AccountState
from schemas.words import PageVerdict, Via
from tasks.findings.evaluation import evaluate
from tasks.pages.attest_notice import NoticeSeenForm, attest_notice
from tests.lifecycles.page_round_helpers import NOBODY, a_round, due, moves_to
from tests.support.rules import RULES
from tests.support.stages import live
from tests.support.world import CO, TEACHER, World, mail


async def violated(world: World) -> int:
    async with world.store.write() as session:
        today = Calendar(world.policy).today(world.now)
        return (await evaluate(session, RULES["notice-on-page"], world.policy, today, world.now)).violated


async def attest(world: World, by: int = CO) -> None:
    form = NoticeSeenForm(account=1, actor=mail(by), evidence="Looked at on a phone, signed in.")
    await attest_notice(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_each_page_is_due_in_its_time(world: World) -> None:
    await live(world)
    pages = world.policy.the(Display)
    (account,) = [row for row in await world.rows("account") if row["id"] == 1]
    async with world.store.write() as session:  # as the look at this very address
        connection = await session.connection()
        await connection.execute(update(PageCheck).values(address=account["address"]))
    assert await due(world) == []
    world.now += timedelta(days=pages.look_every_days, seconds=-1)
    assert await due(world) == []
    world.now += timedelta(seconds=1)
    assert await due(world) == [1]
    await moves_to(world, account["address"], AccountState.SUSPENDED)
    assert await due(world) == [1], "it may have been mended"
    await moves_to(world, account["address"], AccountState.CLOSED)
    assert await due(world) == []


async def test_unreachable_is_found_attested_holds_and_expires(world: World) -> None:
    await live(world)
    await moves_to(world, NOBODY)
    with pytest.raises(NotNow):
        await attest(world)  # nobody has looked at this page yet
    assert await due(world) == [1], "it has moved"
    assert await a_round(world) == "1 unreachable"
    assert await violated(world) == 1
    with pytest.raises(NotAllowed):
        await attest(world, TEACHER)
    await attest(world)
    assert await violated(world) == 0
    assert await due(world) == []

    world.now += timedelta(days=world.policy.the(Display).look_every_days)
    assert await a_round(world) == "1 attested", "looked at all the same: it may have become readable"
    assert await violated(world) == 0
    await attest(world)  # anew
    world.now += timedelta(days=world.policy.the(Display).attested_good_days)
    assert await violated(world) == 0, "its last day"
    world.now += timedelta(days=1)
    assert await violated(world) == 1
    assert await a_round(world) == "1 unreachable"
    assert await violated(world) == 1


async def test_what_steward_read_itself_nobody_says_otherwise(world: World) -> None:
    await live(world)
    await moves_to(world, "https://www.example.org/lakeside")
    await world.look(1, PageVerdict.MISSING)
    async with world.store.write() as session:
        await (await session.connection()).execute(
            update(PageCheck).values(address="https://www.example.org/lakeside")
        )
    with pytest.raises(NotNow, match="read this page itself"):
        await attest(world)
