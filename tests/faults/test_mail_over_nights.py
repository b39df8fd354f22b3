"""Weeks of nights and mornings with a mail server that fails in every way, and is down for eight hours."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlmodel import col

from policy.model import Policy
from schemas.machinery import Notice
from schemas.notices import NoticeState
from tasks.store import Store
from tests.faults import invariants
from tests.faults.fault_division import Seasoned
from tests.faults.sweeps import post, settings_for, settle
from tests.support.school_year import Year
from tests.support.smtp_server import STORED_UNTOLD, Fault, Server

DAYS = (date(2026, 10, 8), date(2026, 10, 26), date(2026, 10, 27), date(2026, 10, 28))
#: On this day nothing listens from eight in the morning to four in the afternoon.
DOWN = date(2026, 10, 26)
HOURS = range(14, 23, 2)  # 08:20 to 16:20 in the division, in UTC
#: People do what they are asked for at this hour; what is tried again after it must know.
PEOPLE = 20
SHARE = 0.3
#: Each costs its wait, so that few are drawn.
SLOW = {Fault.STALL_EARLY: 1, Fault.STALL_STORED: 1}


class Weather:
    """Draws what happens to each message, and counts it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.drawn: Counter[Fault] = Counter()
        self.kinds = [one for one in Fault if one is not Fault.NONE]
        self.weights = [SLOW.get(one, 8) for one in self.kinds]

    def __call__(self, _: str) -> Fault:
        fault = Fault.NONE
        if self.random.random() < SHARE:
            (fault,) = self.random.choices(self.kinds, self.weights)
        self.drawn[fault] += 1
        return fault

    def __str__(self) -> str:
        return ", ".join(f"{count} {fault}" for fault, count in sorted(self.drawn.items()))


@pytest.mark.parametrize(("database", "seed"), [("sqlite", 1), ("postgresql", 2)], indirect=["database"])
async def test_nights_of_mail_faults(
    division_store: Store, policy: Policy, seasoned: Seasoned, server: Server, tmp_path: Path, seed: int
) -> None:
    store, random = division_store, Random(seed)  # noqa: S311 - the same faults each time
    before = await invariants.note_before(store)
    year = Year(store, policy, seasoned.made, datetime(2026, 10, 8, tzinfo=UTC), Random(seed))  # noqa: S311
    well, down = (settings_for(port, tmp_path, patience=0.5) for port in (server.port, 1))
    weather, refused = Weather(random), 0
    server.orders = weather
    for day in DAYS:
        await year.night(day)
        for hour in HOURS:
            if hour == PEOPLE:
                await year.people(day)
            year.now = datetime(day.year, day.month, day.day, hour, 20, tzinfo=UTC)
            settings = down if day == DOWN else well
            report = await post(store, policy, settings, lambda: year.now, f"{day}/{hour}", seed)
            if day == DOWN:
                assert report.sent == report.uncertain == 0
                refused += report.retried
        if day == DOWN:
            await invariants.always(store, before, server.inbox)
    assert refused, "nothing was to be sent while the server was down"
    assert STORED_UNTOLD & set(weather.drawn), "the seed drew no fault that matters"
    server.orders = lambda _: Fault.NONE
    year.now = datetime(2026, 10, 29, 8, tzinfo=UTC)
    await settle(store, policy, well, lambda: year.now)
    swept = year.now
    for _ in range(10 * 24):
        if not await invariants.rows(store, Notice, col(Notice.state) == NoticeState.PENDING):
            break
        year.now += timedelta(hours=1)
        await post(store, policy, well, lambda: year.now, f"after/{year.now}", seed)
    counts = await invariants.hold(store, policy, before, server.inbox, swept)
    print(f"mail over nights, seed {seed}: {weather}; {counts}")  # noqa: T201
    assert counts["pending"] == 0
    assert counts["repeats, all marked"] > 0
