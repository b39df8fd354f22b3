"""A school calendar that runs out: said in time, and no July becomes a month of school."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from deployments.sample.words import RoleKind
from policy.calendar import Calendar
from policy.model import Policy
from tasks.items import calendar_end
from tests.factories.division import a_person, a_role
from tests.support.world import CO, World

ENDS = date(2027, 8, 27)
OPERATOR = 40


@pytest.mark.parametrize("year", [2028, 2029])
def test_after_its_end_the_long_breaks_are_breaks_still(policy: Policy, year: int) -> None:
    calendar = Calendar(policy)
    assert calendar.known_through == ENDS
    for day in (date(year, 7, 5), date(year, 8, 15), date(year - 1, 12, 28)):
        assert not calendar.is_school_day(day)
    assert calendar.is_summer(date(year, 7, 5))
    assert calendar.due_after(date(year, 6, 28), school_days=10) > date(year, 8, 20)
    assert calendar.is_school_day(date(year, 5, 2))


async def test_said_sixty_days_before_and_again_nearer(world: World) -> None:
    await world.put(a_person(OPERATOR), a_role(OPERATOR, RoleKind.IT_OPERATOR, school=None))
    said = []
    day = ENDS - timedelta(days=63)
    while day <= ENDS + timedelta(days=20):
        world.now = datetime.combine(day, time(9), UTC)
        for case in await calendar_end.due(world.runtime, world.now):
            assert await calendar_end.move(world.runtime, case, world.now)
            said.append(ENDS - day)
        day += timedelta(days=1)
    assert [one.days for one in said] == [60, 14, 0, -7, -14], "and each week while what is late waits"
    told = [row["person_id"] for row in await world.rows("notice") if row["kind"] == "calendar_ends"]
    assert sorted(told) == sorted([CO, OPERATOR] * 5)
