"""Which piece of evidence is the latest: always the one that was kept last, even of many at the same time."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import select

from schemas.columns import table_of
from schemas.evidence import PageCheck
from tasks.store import Store
from tasks.store.evidence import keep
from tests.factories.division import a_check, a_person, a_school, an_account, put


async def test_eight_at_once_leave_one_latest_for_each_account(store: Store, now: datetime) -> None:
    async with store.write() as session:
        await put(session, a_person(1), a_school(1), an_account(1), an_account(2))

    async def look(number: int) -> None:
        values = a_check(1 + number % 2, now + timedelta(minutes=number)).model_dump(exclude={"id"})
        async with store.write(audited=number % 3 == 0) as session:
            await keep(session, PageCheck, **values)

    await asyncio.gather(*map(look, range(16)))

    check = table_of(PageCheck).c
    async with store.read() as session:
        rows = await session.rows(select(check.account_id, check.id, check.latest).order_by(check.id))
    assert len(rows) == 16
    newest = {row.account_id: row.id for row in rows}
    assert {row.account_id: row.id for row in rows if row.latest} == newest
    assert sum(row.latest for row in rows) == 2
