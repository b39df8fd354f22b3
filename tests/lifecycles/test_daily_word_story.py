"""The day's word to look at accounts: in the digest, once a day, by the policy's setting."""

from dataclasses import replace
from datetime import date

import pytest

from schemas.words import Mode
from tasks.items import daily_word
from tests.support.stages import live
from tests.support.world import PRINCIPAL, TEACHER, World


@pytest.mark.parametrize(
    ("day", "by_setting", "told"),
    [
        (date(2027, 1, 12), True, [PRINCIPAL, TEACHER]),
        (date(2027, 1, 12), False, []),
        (date(2027, 1, 8), True, []),  # before the control begins
        (date(2027, 1, 16), True, []),  # a Saturday
    ],
)
async def test_who_has_access_reads_it_once_a_day(
    world: World, day: date, by_setting: bool, told: list[int]
) -> None:
    await live(world)
    world = replace(
        world, policy=world.policy.changed("daily-look", mode=Mode.ENFORCE, word_each_day=by_setting)
    )
    world.on(day)
    for case in await daily_word.due(world.runtime, world.now):
        await daily_word.move(world.runtime, case, world.now)
    assert await daily_word.due(world.runtime, world.now) == ()
    rows = [row for row in await world.rows("notice") if row["kind"] == "look_today"]
    assert sorted(row["person_id"] for row in rows) == told
    assert {row["urgency"] for row in rows} <= {"low"}
    assert all(row["facts"]["account_ids"] == [1] for row in rows)
