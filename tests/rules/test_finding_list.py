"""What every figure of the report counts can be listed."""

from datetime import date, datetime, timedelta

from schemas.findings import Finding
from tasks.findings.listing import Asked, list_findings
from tasks.store import Store
from tests.factories.division import a_school, an_account, put


async def test_open_new_and_mended_by_control_account_and_school(store: Store, now: datetime) -> None:
    before, due = now - timedelta(days=3), date(2026, 10, 1)
    async with store.write() as session:
        await put(session, a_school(1), a_school(2), an_account(1), an_account(2, school_id=2))
        await put(
            session,
            Finding(id=1, control="notice-on-page", account_id=1, due_on=due, opened_at=before),
            Finding(
                id=2, control="notice-on-page", account_id=2, due_on=due - timedelta(days=1), opened_at=now
            ),
            Finding(
                id=3, control="privacy-settings", account_id=1, due_on=due, opened_at=before, resolved_at=now
            ),
            Finding(
                id=4,
                control="privacy-settings",
                account_id=1,
                due_on=due,
                opened_at=before,
                resolved_at=before,
            ),
        )

    async def listed(**asked: object) -> list[int]:
        async with store.read() as session:
            found = (await list_findings(session, Asked(**asked), 10)).rows  # type: ignore[arg-type]
        return [one.finding for one in found]

    assert await listed() == [2, 1], "the longest due first"
    assert await listed(controls=("notice-on-page",), school_id=2) == [2]
    assert await listed(account=1) == [1]
    assert await listed(new_since=now) == [2]
    assert await listed(mended_since=now) == [3]
    assert await listed(controls=("privacy-settings",)) == []
