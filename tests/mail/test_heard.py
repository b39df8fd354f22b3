"""A suspension that ended before its letter left: nobody reads that an account is stopped which is live."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from policy.model import Policy
from policy.notices.accounts import AccountReinstated, AccountSuspended
from schemas.columns import table_of
from schemas.findings import Suspension
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.people import Person
from tasks.mail.delivery import deliver
from tasks.store import Store
from tests.mail.mail_cases import NOW, notice
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, outbox
from tests.support.smtp_server import Server

SENT, PENDING, DEAD, PARKED = NoticeState.SENT, NoticeState.PENDING, NoticeState.DEAD, NoticeState.PARKED


def begun(number: int, suspension: int, state: NoticeState) -> Notice:
    made = notice(AccountSuspended, number)
    made.key = f"begun {number}"
    made.facts = AccountSuspended(control="compliance", suspension_id=suspension).stored()
    made.state, made.sent_at = state, NOW if state is SENT else None
    made.created_at = NOW - timedelta(days=2) if suspension == 51 else NOW
    return made


def unclear(notice: Notice) -> Notice:
    """It may have arrived; it waits to be repeated."""
    notice.uncertain = True
    return notice


def ended(number: int, suspension: int, state: NoticeState = PENDING) -> Notice:
    made = notice(AccountReinstated, number)
    made.key = f"ended {number}"
    made.facts = AccountReinstated(suspension_id=suspension).stored()
    made.state, made.sent_at = state, NOW if state is SENT else None
    return made


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([begun(1, 51, PENDING), ended(2, 51)], [DEAD, DEAD]),
        ([begun(1, 51, DEAD), ended(2, 51)], [DEAD, DEAD]),
        ([begun(1, 51, SENT), ended(2, 51)], [SENT, SENT]),
        ([ended(1, 51)], [SENT]),
        (
            [begun(1, 51, SENT), ended(2, 51), begun(3, 52, PENDING), ended(4, 52)],
            [SENT, DEAD, DEAD, SENT],
        ),
        (
            [begun(1, 51, SENT), ended(2, 51, SENT), begun(3, 52, PENDING), ended(4, 52)],
            [SENT, SENT, DEAD, DEAD],
        ),
        (
            [begun(1, 51, SENT), unclear(ended(2, 51)), begun(3, 52, PENDING), ended(4, 52)],
            [SENT, DEAD, DEAD, SENT],
        ),
        (
            [begun(1, 51, SENT), ended(2, 51, PARKED), begun(3, 52, PENDING), ended(4, 52)],
            [SENT, PARKED, DEAD, SENT],
        ),
        (
            [begun(1, 51, SENT), ended(2, 51), begun(3, 52, DEAD), ended(4, 52, DEAD)],
            [SENT, SENT, DEAD, DEAD],
        ),
        (
            [begun(1, 51, SENT), ended(2, 51), begun(3, 52, DEAD), ended(4, 52, PARKED)],
            [SENT, SENT, DEAD, PARKED],
        ),
        (
            [unclear(begun(1, 51, PENDING)), ended(2, 51)],
            [DEAD, SENT],
        ),
    ],
    ids=[
        "neither left",
        "the first was dropped",
        "the first left",
        "an inventory brought it",
        "twice, and only the first was told",
        "twice, and all of the first was told",
        "twice, and whether the first end arrived is unclear",
        "twice, and the first end was parked",
        "twice, and the second end was dropped",
        "twice, and the second end was parked",
        "whether the beginning arrived is unclear",
    ],
)
async def test_who_read_that_it_is_suspended_reads_that_it_is_back_and_nobody_else(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    before: list[Notice],
    after: list[NoticeState],
) -> None:
    copies = [Notice.model_validate(one.model_dump()) for one in before]
    await fill(sqlite_store, copies)
    async with sqlite_store.write() as session:
        over = update(table_of(Suspension)).values(ended_at=NOW, ended_because="It is ours again.")
        await session.run(over)
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    rows = await outbox(sqlite_store)
    assert [rows[one.id or 0].state for one in copies] == after


async def test_who_is_inactive_for_a_day_reads_the_end_after_it(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """A roster's slip: the reader was told that the account is suspended, and is back on the next day."""
    clock = Clock()
    await fill(sqlite_store, [begun(1, 51, SENT), ended(2, 51)])
    people = table_of(Person)

    async def is_here(active: bool) -> NoticeState:
        async with sqlite_store.write() as session:
            await session.run(update(people).values(active=active))
        settings = settings_for(server.port)
        await deliver(sqlite_store, policy, settings, now=clock(), clock=clock, worker="one")
        return (await outbox(sqlite_store))[2].state

    assert await is_here(active=False) is PENDING
    clock.forward(days=1)
    assert await is_here(active=True) is SENT


async def test_who_stays_inactive_is_waited_for_no_longer_than_a_month(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    clock = Clock()
    await fill(sqlite_store, [begun(1, 51, SENT), ended(2, 51)])
    async with sqlite_store.write() as session:
        await session.run(update(table_of(Person)).values(active=False))
    clock.forward(days=30)
    await deliver(sqlite_store, policy, settings_for(server.port), now=clock(), clock=clock, worker="one")
    assert (await outbox(sqlite_store))[2].state is DEAD
