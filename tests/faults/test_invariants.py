"""The invariants hold after an undisturbed night, and each of them sees what it is there to see."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from policy.model import Policy
from schemas.columns import table_of
from schemas.errors import ChainBroken
from schemas.machinery import Notice
from schemas.notices import Urgency
from tasks.store import Store, audit
from tests.faults import invariants
from tests.faults.fault_division import NIGHT, Alone
from tests.support import promises
from tests.support.letters import Said, told_again
from tests.support.smtp_server import Received

#: One thing that is not as it should be, behind the door.
WRONG = {
    "a state without its entry": "UPDATE account SET state = 'closed' WHERE id = 1",
    "an entry too few": "UPDATE access SET version = version + 1 WHERE id = 1",
    "a finding that nobody mended": "UPDATE finding SET resolved_at = opened_at WHERE resolved_at IS NULL",
    "a violation that nobody found": "UPDATE person SET school_id = NULL; DELETE FROM role",
    "a notice about nothing": "UPDATE notice SET subject_id = 99999 WHERE id = 1",
    "a notice that nobody sends": "UPDATE notice SET state = 'sending' WHERE id = 1",
    "a notice to somebody else": "UPDATE notice SET person_id = person_id + 1 WHERE id = 1",
    "a mail for what was not to leave": "UPDATE notice SET state = 'pending', uncertain = false",
    "a mail that never came": "UPDATE notice SET state = 'sent' WHERE state = 'dead'",
    "a wake-up that is held": "UPDATE wake SET state = 'taken', taken_at = '2026-10-28 13:59' WHERE id = 1",
    "a wake-up that was forgotten": "UPDATE wake SET state = 'pending' WHERE id = 1",
    "an event that woke nobody": "DELETE FROM wake WHERE id = 1",
}


@pytest.fixture
async def after(alone: Alone, tmp_path: Path) -> AsyncIterator[Store]:
    """The store after an undisturbed night."""
    shutil.copyfile(alone.path, tmp_path / "after.db")
    store = Store.open(f"sqlite+aiosqlite:///{tmp_path / 'after.db'}")
    yield store
    await store.close()


async def test_they_hold_after_an_undisturbed_night(after: Store, policy: Policy, alone: Alone) -> None:
    counts = await invariants.hold(after, policy, alone.before, alone.inbox, NIGHT)
    print(f"undisturbed: {counts}")  # noqa: T201
    assert counts["mails"] > 50
    assert counts["changes of state"] > 20
    assert counts["repeats, all marked"] == 0


@pytest.mark.parametrize("wrong", WRONG)
async def test_they_see_what_is_wrong_in_the_store(
    after: Store, policy: Policy, alone: Alone, wrong: str
) -> None:
    async with after.write(audited=False) as session:
        for statement in WRONG[wrong].split("; "):
            await session.run(text(statement))
    with pytest.raises((AssertionError, ChainBroken)):  # what counts as evidence, the chain tells as well
        await invariants.hold(after, policy, alone.before, alone.inbox, NIGHT)


#: One promise that is broken, behind the door.
PROMISES = {
    "lost without a letter": "UPDATE audit_entry SET actor_id = NULL, from_state = 'granted', "
    "cause = 'the wind' WHERE subject_kind = 'access'",
    "nobody reaches it": "UPDATE access SET state = 'waiting'; UPDATE account "
    "SET vault_reference = NULL, custodian_is_administrator = false",
    "asked who may not": "UPDATE person SET active = false WHERE id IN "
    "(SELECT person_id FROM action_item WHERE state = 'open' AND kind = 'complete the course')",
    "asked when done": "UPDATE action_item SET state = 'done', ended_at = '2026-10-01 00:00'",
}


@pytest.mark.parametrize("promise", PROMISES)
async def test_they_see_a_broken_promise(after: Store, policy: Policy, promise: str) -> None:
    async with after.write(audited=False) as session:
        for statement in PROMISES[promise].split("; "):
            await session.run(text(statement))
    assert promises.counted(await promises.broken(after, policy, NIGHT))[promise] > 0


async def test_they_see_that_the_end_of_the_chain_was_cut_off(
    after: Store, policy: Policy, alone: Alone
) -> None:
    async with after.read() as session:
        kept = replace(alone.before, head=(await audit.head(session)).hash)
    await invariants.always(after, kept, alone.inbox)
    async with after.write(audited=False) as session:
        last = "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)"
        await session.run(text(last))
    with pytest.raises(ChainBroken):
        await invariants.hold(after, policy, kept, alone.inbox, NIGHT)


def changed(mail: Received, old: bytes, new: bytes) -> Received:
    assert old in mail.data
    return replace(mail, data=mail.data.replace(old, new))


async def test_they_see_what_is_wrong_in_the_inbox(after: Store, policy: Policy, alone: Alone) -> None:
    low = {row.id for row in await invariants.rows(after, Notice, col(Notice.urgency) == Urgency.LOW)}
    first, *rest = sorted(alone.inbox, key=lambda mail: not low & set(mail.notices))
    marked = changed(first, b"X-Steward-Notice:", b"X-Steward-Repeat: uncertain\r\nX-Steward-Notice:")
    other = changed(first, b"Message-ID: <", b"Message-ID: <other-")
    for inbox, why in (
        ([first, first, *rest], "came again, unmarked"),
        (rest, "is said to be sent"),
        ([other, *rest], "Message-ID|message_id"),
        ([other, marked, *rest], "two digests on one day"),
        ([replace(first, recipients=["somebody@example.org"]), *rest], "recipients"),
    ):
        with pytest.raises(AssertionError, match=why):
            await invariants.hold(after, policy, alone.before, inbox, NIGHT)
    await invariants.hold(after, policy, alone.before, [first, marked, *rest], NIGHT)


async def test_they_see_that_somebody_was_told_the_same_again(
    after: Store, policy: Policy, alone: Alone
) -> None:
    """The same words under another number: a day later, not a week later, and not what was urgent."""
    one = next(mail for mail in alone.inbox if len(mail.notices) == 1)
    (number,) = one.notices
    other = next(each for mail in alone.inbox for each in mail.notices if each != number)
    sent: datetime = one.message["Date"].datetime
    date, words = one.message["Date"].encode(), b"(Notice %d)"
    for days, urgency, expected in ((1, "low", 1), (7, "low", 0), (1, "urgent", 0)):
        later = changed(one, date, format_datetime(sent + timedelta(days=days)).encode())
        later = changed(later, words % number, words % other)
        async with after.write(audited=False) as session:
            urge = update(table_of(Notice)).where(col(Notice.id) == other).values(urgency=urgency)
            await session.run(urge)
        said = Said()
        for mail, day in ((one, sent), (later, sent + timedelta(days=days))):
            said.take(mail.recipients[0], mail.data, day.date())
        assert len(await told_again(after, said)) == expected
        if expected:
            with pytest.raises(AssertionError, match="told the same again"):
                await invariants.nobody_reads_the_same_again(after, policy, [one, later])
