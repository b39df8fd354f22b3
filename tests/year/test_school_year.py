"""A school year of the sample division, night by night: every lifecycle happens and nothing goes wrong.

What people do is drawn from a seed; what Steward does is what the nightly sweep does, stage by stage, through
the same functions. Pages are not fetched: what a look sees is drawn too.

In a week in which nothing special happens the machine is off but for one night, and people go on: what was
due in the nights that were missed is done in the next one. Before a release (`make test-release`) no night is
missed.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from deployments import sample
from policy.model import Policy, text_of
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.findings import Finding, Suspension
from schemas.machinery import AuditEntry, Notice
from schemas.notices import Urgency
from schemas.states import AccountState
from tasks.store import Store, verifying
from tests.support.promises import counted
from tests.support.school_year import SEED, Year
from tests.year import events

FIRST, LAST = date(2026, 9, 1), date(2027, 8, 31)
SOMEBODY_STOPS = date(2026, 11, 3)
MANY_LEAVE = frozenset({date(2027, 1, 29), date(2027, 6, 29)})
#: The night that is not missed, of a week in which the machine is off.
WEDNESDAY = 3


@pytest.fixture
async def year(sqlite_store: Store, policy: Policy, tmp_path: Path) -> Year:
    now = datetime.combine(FIRST, time(15), UTC)
    division = await sample.load(sqlite_store, policy, now)
    made = Year(sqlite_store, policy, division, now, folder=tmp_path, policy_text=text_of(events.SHIPPED))
    made.without_a_round = events.WITHOUT_A_ROUND
    await events.one_course_day(made)
    return made


def weeks_of(days: Iterable[date]) -> frozenset[tuple[int, int]]:
    """The weeks in which these days are: year and number."""
    return frozenset((one.isocalendar().year, one.isocalendar().week) for one in days)


#: While the daily look acts, people are asked on each day: no night is missed.
LOOKS = {events.LOOK_ACTS + timedelta(days=number) for number in range(events.LOOK_FOR_DAYS)}
#: Weeks in which something happens that the nights around it are about.
SPECIAL = weeks_of({*events.EVENTS, events.LAPSE, SOMEBODY_STOPS, *MANY_LEAVE, *LOOKS})


def is_off(day: date) -> bool:
    """Whether the machine is off in the night to this day, where nights are missed at all."""
    week = day.isocalendar()
    return week.weekday != WEDNESDAY and (week.year, week.week) not in SPECIAL


@pytest.mark.timeout(3600)  # two hundred nights, one after the other
async def test_a_school_year(year: Year, pytestconfig: pytest.Config) -> None:
    misses_nights = not pytestconfig.getoption("release")
    stranded_at_first = set(await year.stranded())
    day = FIRST
    while day < LAST:
        day += timedelta(days=1)
        if not (year.calendar.is_school_day(day) or day.isoweekday() == 7):
            continue  # nothing is decided on a day without school: one night a week is enough
        if not (misses_nights and is_off(day)):
            await year.night(day)
            await year.morning(day)
        if year.calendar.is_school_day(day):
            await year.people(day)
        if day == SOMEBODY_STOPS:
            await year.emergency((await year.rows(Account.id, where=col(Account.state) == "live"))[5][0])
        if day in MANY_LEAVE:
            await year.leaves(0.04)
        await events.the_day(year, day)
    await holds(year, stranded_at_first)


async def holds(year: Year, stranded_at_first: set[int]) -> None:
    """What must be true at the end of every year."""
    print(f"seed {SEED}: {dict(sorted(year.happened.items()))}; refused: {dict(year.refused)}")  # noqa: T201
    for what in (
        "granted",
        "asked to renew the course",
        "suspended: no current completion",
        "revoked: the person has left",
        "asked to change the password",
        "password changed",
        "new password confirmed",
        "asked to review its administrators",
        "administrators reviewed",
        "suspension announced",
        "mended in time",
        "account suspended",
        "mended: its return is asked for",
        "brought back",
        "suspended at once",
        "reminded",
        "climbed",
        "checked in",
        "advice read",
        "question noted",
        "question answered",
        "put right",
        "taken down",
        "attempt shared",
        "daily-look found",
        "notice-on-page found",
        "notice-on-page mended",
        "owner-is-named found",
        "owner-is-named mended",
        *events.HAPPENED,
    ):
        # "account suspended for daily-look": which control it was for follows
        assert any(one.startswith(what) for one in year.happened), f"{what} never happened"
    assert year.broken == [], f"{counted(year.broken)}: {[str(one) for one in year.broken[:20]]}"
    await verifying.verify(year.store)
    await every_state_is_its_last_audited_one(year)
    assert year.inbox.refused, "the dead mailbox was never tried"
    assert year.happened["told that mail is refused"], "and nobody was asked to see to it"
    twice = await year.rows(
        Finding.control, Finding.account_id, where=col(Finding.resolved_at) < col(Finding.opened_at)
    )
    assert twice == []
    assert set(await year.stranded()) <= stranded_at_first, "an account was stranded"
    await events.asked_before_announced(year)
    await one_digest_a_day(year)
    quiet = [day for day, mails in year.inbox.mails.items() if year.calendar.is_summer(day) and mails > 60]
    assert quiet == [], "a mail storm in the summer"


async def one_digest_a_day(year: Year) -> None:
    """What is of low urgency came to each person in one message a day at most (4)."""
    notice, messages = table_of(Notice).c, defaultdict[tuple[int, date], set[str]](set)
    for row in await year.rows(
        notice.person_id,
        notice.sent_at,
        notice.message_id,
        where=(notice.urgency == Urgency.LOW) & notice.sent_at.is_not(None),
    ):
        messages[row.person_id, year.calendar.today(row.sent_at)].add(row.message_id)
    assert len(messages) > 100
    assert max(map(len, messages.values())) == 1


async def every_state_is_its_last_audited_one(year: Year) -> None:
    """The audit chain tells where every account and every access is."""
    last: dict[tuple[str, int], str] = {}
    changes: dict[tuple[str, int], int] = defaultdict(int)
    entry = table_of(AuditEntry).c
    async with year.store.read() as session:
        entries = await session.run(
            select(entry.subject_kind, entry.subject_id, entry.to_state)
            .where(entry.to_state.is_not(None))
            .order_by(entry.seq)
        )
        for row in entries:
            last[str(row.subject_kind), row.subject_id] = row.to_state
            changes[str(row.subject_kind), row.subject_id] += 1
    for table, kind in ((Account, "account"), (Access, "access")):
        for number, state in await year.rows(table.id, table.state):
            assert last.get((kind, number), str(state)) == str(state)
    suspended = await year.rows(Account.id, where=col(Account.state) == AccountState.SUSPENDED)
    open_suspensions = await year.rows(Suspension.account_id, where=col(Suspension.ended_at).is_(None))
    assert {row[0] for row in suspended} >= {row[0] for row in open_suspensions}
    uncertain = await year.rows(Notice.id, where=col(Notice.uncertain))
    assert uncertain == []
