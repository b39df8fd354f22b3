"""What the sweep found is told: once a person and day, only what is new, never what was mended."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from deployments.sample.words import RoleKind
from policy.calendar import Calendar
from policy.model import Policy
from policy.notices.findings import Findings, SweepSummary
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.machinery import Notice
from tasks.findings.notify_findings import tell_communications, tell_people
from tasks.store import Store
from tests.factories.division import a_completion, a_person, a_role, a_school, an_access, an_account, put
from tests.support.rules import RULES

PRINCIPAL, TEACHER, CO = 1, 2, 3
#: The rules whose findings lead to no suspension: of the others people read in its announcement.
NAMES = [name for name, rule in RULES.items() if getattr(rule, "then", None) is None]


@pytest.fixture
async def division(store: Store) -> Store:
    """Two accounts with the same two administrators."""
    async with store.write() as session:
        await put(
            session,
            a_school(1),
            *(a_person(number) for number in (PRINCIPAL, TEACHER, CO)),
            a_role(PRINCIPAL),
            a_role(CO, RoleKind.COMMUNICATIONS_OFFICER, school=None),
            *(an_account(number) for number in (1, 2)),
            *(an_access(number, person) for number in (1, 2) for person in (PRINCIPAL, TEACHER)),
            a_completion(PRINCIPAL, date(2026, 10, 1)),
        )
    return store


async def found(
    store: Store, now: datetime, account: int, person: int = 0, control: str = "school-administrators"
) -> None:
    async with store.write() as session:
        await put(
            session,
            Finding(control=control, account_id=account, person_id=person, due_on=now.date(), opened_at=now),
        )


async def tell(store: Store, policy: Policy, now: datetime) -> int:
    async with store.write() as session:
        return await tell_people(session, policy, now)


async def notices(store: Store, kind: str = Findings.kind) -> list[Any]:
    async with store.read() as session:
        rows = select(table_of(Notice)).where(col(Notice.kind) == kind).order_by(col(Notice.id))
        return list(await session.rows(rows))


async def test_one_notice_a_person_for_all_of_their_accounts(
    division: Store, policy: Policy, now: datetime
) -> None:
    await found(division, now, 1)
    await found(division, now, 2)
    await found(division, now, 1, TEACHER, "privacy-course")
    assert await tell(division, policy, now) == 2
    told = {row.person_id: row for row in await notices(division)}
    assert {person: len(row.facts["finding_ids"]) for person, row in told.items()} == {
        PRINCIPAL: 2,
        TEACHER: 3,
    }
    # with the digest of the next working day, not at night (4)
    assert {row.not_before for row in told.values()} == {Calendar(policy).digest_moment(now)}


async def test_twice_and_two_at_once_tell_once(division: Store, policy: Policy, now: datetime) -> None:
    await found(division, now, 1)
    both = await asyncio.gather(tell(division, policy, now), tell(division, policy, now))
    assert sorted(both) == [0, 2]
    assert await tell(division, policy, now + timedelta(days=1)) == 0
    assert len(await notices(division)) == 2


async def test_days_that_were_missed_are_told_in_one(division: Store, policy: Policy, now: datetime) -> None:
    for day in range(6):
        await found(division, now + timedelta(days=day), 1, control=NAMES[day])
    assert await tell(division, policy, now + timedelta(days=6)) == 2
    assert {len(row.facts["finding_ids"]) for row in await notices(division)} == {6}


async def test_a_second_sweep_of_the_day_waits_for_the_next_day(
    division: Store, policy: Policy, now: datetime
) -> None:
    await found(division, now, 1)
    await tell(division, policy, now)
    await found(division, now + timedelta(hours=1), 2)
    assert await tell(division, policy, now + timedelta(hours=1)) == 0
    assert await tell(division, policy, now + timedelta(days=1)) == 2
    assert len((await notices(division))[-1].facts["finding_ids"]) == 1


async def test_what_is_mended_is_not_told(division: Store, policy: Policy, now: datetime) -> None:
    await found(division, now, 1)
    async with division.write() as session:
        await session.run(update(table_of(Finding)).values(resolved_at=now))
    assert await tell(division, policy, now) == 0


async def test_a_first_night_is_told_in_parts_and_nothing_is_forgotten(
    division: Store, policy: Policy, now: datetime
) -> None:
    most = 10
    mail = policy.mail.model_copy(update={"findings_in_a_mail_at_most": most})
    policy = policy.model_copy(update={"mail": mail})
    for number in range(most + 3):
        await found(division, now, number % 2 + 1, control=NAMES[number // 2])
    await tell(division, policy, now)
    (first, *_) = await notices(division)
    assert (len(first.facts["finding_ids"]), first.facts["more"]) == (most, 3)
    assert await tell(division, policy, now) == 0
    assert await tell(division, policy, now + timedelta(days=1)) == 2
    *_, last = await notices(division)
    assert (len(last.facts["finding_ids"]), last.facts["more"]) == (3, 0)
    assert not set(last.facts["finding_ids"]) & set(first.facts["finding_ids"])
    assert await tell(division, policy, now + timedelta(days=2)) == 0


async def test_a_finding_of_an_earlier_sweep_that_ended_later_is_told(
    division: Store, policy: Policy, now: datetime
) -> None:
    """Two sweeps: the one that began first writes last."""
    await found(division, now, 1)
    await tell(division, policy, now)
    await found(division, now - timedelta(minutes=5), 2)
    assert await tell(division, policy, now + timedelta(days=1)) == 2
    assert len((await notices(division))[-1].facts["finding_ids"]) == 1


async def test_who_had_todays_notice_already_hears_of_it_tomorrow(
    division: Store, policy: Policy, now: datetime
) -> None:
    """Two are concerned, and one of them has had a notice today: it is not told until both were."""
    await found(division, now, 1, TEACHER, "privacy-course")
    assert await tell(division, policy, now) == 1
    await found(division, now, 2)
    assert await tell(division, policy, now + timedelta(hours=1)) == 1
    assert await tell(division, policy, now + timedelta(days=1)) == 2
    assert await tell(division, policy, now + timedelta(days=2)) == 0
    heard = {row.person_id for row in await notices(division) if 2 in row.facts["finding_ids"]}
    assert heard == {PRINCIPAL, TEACHER}


async def summarize(store: Store, policy: Policy, now: datetime) -> bool:
    async with store.write() as session:
        return await tell_communications(session, policy, now)


async def test_communications_reads_what_changed_once_a_day(
    division: Store, policy: Policy, now: datetime
) -> None:
    assert not await summarize(division, policy, now)
    await found(division, now, 1, control="school-administrators")
    await found(division, now, 2, control="school-administrators")
    async with division.write() as session:
        mend = update(table_of(Finding)).where(col(Finding.id) == 1).values(resolved_at=now)
        await session.run(mend)
        await put(session, an_account(3))
        await put(session, Finding(control="notice-on-page", account_id=3, due_on=now.date(), opened_at=now))
    await asyncio.gather(summarize(division, policy, now), summarize(division, policy, now))
    (one,) = await notices(division, SweepSummary.kind)
    assert one.person_id == CO
    assert one.facts["controls"] == [
        {"control": "school-administrators", "violated": 1, "new": 2, "mended": 1},
        {"control": "notice-on-page", "violated": 1, "new": 1, "mended": 0},
    ]
    assert one.facts["unheard"] == 1, "nobody has access to the third account"

    later = now + timedelta(hours=2)
    await found(division, later, 1, control="privacy-settings")
    await summarize(division, policy, later)
    assert len(await notices(division, SweepSummary.kind)) == 1
    tomorrow = now + timedelta(days=1)
    assert await summarize(division, policy, tomorrow)
    *_, one = await notices(division, SweepSummary.kind)
    assert one.facts["controls"] == [{"control": "privacy-settings", "violated": 1, "new": 1, "mended": 0}]
    assert not await summarize(division, policy, tomorrow + timedelta(days=1))


async def test_what_a_slower_sweep_opens_after_the_summary_is_in_the_next(
    division: Store, policy: Policy, now: datetime
) -> None:
    """Two sweeps at once: the one that began first commits last, under its earlier clock."""
    await found(division, now, 1, control="school-administrators")
    assert await summarize(division, policy, now + timedelta(minutes=5))
    await found(division, now + timedelta(minutes=1), 2, control="privacy-settings")
    async with division.write() as session:
        mend = (
            update(table_of(Finding))
            .where(col(Finding.control) == "school-administrators")
            .values(resolved_at=now + timedelta(minutes=2))
        )
        await session.run(mend)
    assert await summarize(division, policy, now + timedelta(days=1))
    *_, one = await notices(division, SweepSummary.kind)
    assert one.facts["controls"] == [
        {"control": "school-administrators", "violated": 0, "new": 0, "mended": 1},
        {"control": "privacy-settings", "violated": 1, "new": 1, "mended": 0},
    ]
    assert not await summarize(division, policy, now + timedelta(days=2))
