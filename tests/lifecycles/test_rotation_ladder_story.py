"""From the first asking for a new password to the Communications Officer, day by day (11)."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import update

from policy.calendar import Calendar
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.states import AccessState
from tests.lifecycles.rotation_helpers import night, rotate
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, TEACHER, World

ASKED, REMINDED, CLIMBED = "rotation_due", "item_reminder", "item_escalated"
Told = dict[date, list[tuple[str, int]]]

BOTH = [(REMINDED, PRINCIPAL), (REMINDED, TEACHER)]
FIRST = [(ASKED, PRINCIPAL), (ASKED, TEACHER)]
LATE = [(CLIMBED, CO), (CLIMBED, PRINCIPAL)]  # the teacher's to the principal, the principal's own past them


async def due_on(world: World, due: date) -> None:
    """A live account whose password was last changed so that it is due on that day."""
    await live(world)
    changed = datetime.combine(due - timedelta(days=365), time(18), UTC)
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(live_since=changed))


async def lose(world: World) -> None:
    """The teacher, who knows the password, loses access now."""
    async with world.store.write() as session:
        await session.run(
            update(table_of(Access))
            .where(table_of(Access).c.person_id == TEACHER)
            .values(state=AccessState.SUSPENDED, suspended_for="privacy-course", state_since=world.now)
        )


async def told(world: World) -> Told:
    """Who was told what about the password on which day."""
    found: Told = defaultdict(list)
    items = {row["id"] for row in await world.rows("action_item") if row["kind"] == "change the password"}
    for row in await world.rows("notice"):
        if row["kind"] == ASKED or (row["kind"] in {REMINDED, CLIMBED} and row["subject_id"] in items):
            day = Calendar(world.policy).today(row["created_at"])
            found[day].append((str(row["kind"]), row["person_id"]))
    return {day: sorted(one) for day, one in found.items()}


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        pytest.param(
            date(2027, 10, 20),
            {
                date(2027, 9, 20): FIRST,  # 30 days before
                date(2027, 10, 13): BOTH,  # 7
                date(2027, 10, 19): BOTH,  # 1
                date(2027, 10, 20): BOTH,  # due
                date(2027, 10, 25): LATE,  # 3 school days
                date(2027, 10, 27): BOTH,  # 5 late
                date(2027, 11, 1): [(CLIMBED, CO)],  # 8 late: the teacher's
                date(2027, 11, 3): BOTH,  # 10 late
            },
            id="school days all along",
        ),
        pytest.param(
            date(2026, 11, 16),
            {
                date(2026, 10, 16): FIRST,  # the 17th is a Saturday
                date(2026, 11, 6): BOTH,  # fall break holds the 9th as well as the 15th: once
                date(2026, 11, 16): BOTH,
                date(2026, 11, 19): LATE,
                date(2026, 11, 23): BOTH,
                date(2026, 11, 26): [(CLIMBED, CO)],
                date(2026, 11, 30): BOTH,
            },
            id="after a break",
        ),
        pytest.param(
            date(2027, 7, 20),
            {
                date(2027, 6, 16): FIRST,  # the first night of this story; due on the last day with school
                date(2027, 6, 22): BOTH,  # 7 before the 29th
                date(2027, 6, 28): BOTH,
                date(2027, 6, 29): BOTH,
                date(2027, 9, 1): LATE,
                date(2027, 9, 3): BOTH,
            },
            id="in the summer",
        ),
    ],
)
async def test_asked_reminded_and_climbed_each_on_its_day_and_once(
    world: World, due: date, expected: Told
) -> None:
    await due_on(world, due)
    calendar = Calendar(world.policy)
    last = max(expected) + timedelta(days=2)
    day = due - timedelta(days=34)
    while day <= last:
        await night(world, day)
        day += timedelta(days=1)
    assert await told(world) == expected
    assert all(calendar.is_school_day(one) for one in expected)


async def test_a_change_ends_the_ladder(world: World) -> None:
    due = date(2027, 10, 20)
    await due_on(world, due)
    await night(world, due - timedelta(days=30))
    await night(world, due - timedelta(days=7))
    await rotate(world)
    for ahead in (-1, 0, 7):
        await night(world, due + timedelta(days=ahead))
    assert set(await told(world)) >= {due - timedelta(days=30), due - timedelta(days=7)}
    rows = await world.rows("action_item")
    changes = {row["state"] for row in rows if row["kind"] == "change the password"}
    assert changes == {"done"}


async def test_a_loss_of_access_is_asked_for_on_the_day_itself(world: World) -> None:
    """Even on a Saturday: its mail waits for working hours, its seven days do not."""
    await live(world)
    saturday = date(2026, 10, 24)
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(live_since=datetime(2026, 10, 20, 15, tzinfo=UTC)))
    world.now = datetime.combine(saturday, time(7), UTC)
    await lose(world)
    await night(world, saturday)
    assert await told(world) == {saturday: [(ASKED, PRINCIPAL)]}
    (notice,) = [row for row in await world.rows("notice") if row["kind"] == ASKED]
    assert Calendar(world.policy).today(notice["not_before"]) == date(2026, 10, 26)
    for ahead in range(1, 8):
        await night(world, saturday + timedelta(days=ahead))
    assert await told(world) == {
        saturday: [(ASKED, PRINCIPAL)],
        date(2026, 10, 29): [(REMINDED, PRINCIPAL)],
        date(2026, 10, 30): [(REMINDED, PRINCIPAL)],  # due: the last school day by the 31st, a Saturday
    }
