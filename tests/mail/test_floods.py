"""Many letters to one person on one day: so many as the policy says leave alone, the rest in one digest."""

from collections import Counter

import pytest

from policy.model import Policy
from policy.notices import NoticeKind
from policy.notices.access import AccessRevoked
from policy.notices.requests import RequestApproved
from policy.notices.stops import StopToConfirm
from schemas.machinery import Notice
from schemas.notices import NoticeState, Urgency
from tasks.mail.delivery import deliver
from tasks.store import Store
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, many, outbox
from tests.support.smtp_server import Server

FLOODED, OTHER = 1, 2


def allowing(policy: Policy, letters: int) -> Policy:
    """The policy with so many letters a day."""
    return policy.model_copy(
        update={"mail": policy.mail.model_copy(update={"letters_a_day_at_most": letters})}
    )


def flood(kind: type[NoticeKind], count: int, to: int = FLOODED, start: int = 1) -> list[Notice]:
    """So many notices of a kind to one person, each about another event."""
    made = many(kind, [to] * count, start)
    for row in made:
        row.key = f"event:{row.id}/{row.key}"
    return made


async def test_an_urgent_flood_ends_in_one_digest(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """500 letters of suspending and reinstating, and one to somebody else."""
    clock, few = Clock(), allowing(policy, 5)
    await fill(store, [*flood(AccessRevoked, 500), *flood(AccessRevoked, 1, OTHER, start=501)])
    report = await deliver(store, few, settings_for(server.port), now=clock(), clock=clock, worker="one")
    assert report.sent == 5 + 1 + 1
    to = Counter(mail.recipients[0] for mail in server.inbox)
    assert to == {"person1@example.org": 6, "person2@example.org": 1}
    rows = await outbox(store)
    assert {row.state for row in rows.values()} == {NoticeState.SENT}, "each is told"
    assert sum(row.urgency is Urgency.LOW for row in rows.values()) == 495


@pytest.mark.parametrize(
    ("kind", "alone"), [(AccessRevoked, 3), (RequestApproved, 3)], ids=["urgent", "not urgent"]
)
async def test_letters_one_after_the_other_are_counted_over_the_day(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    kind: type[NoticeKind],
    alone: int,
) -> None:
    """They come minutes apart: the first leave alone, then one digest, and the rest waits for the next."""
    clock, few = Clock(), allowing(policy, alone)
    await fill(sqlite_store, [])
    settings = settings_for(server.port)
    for number in range(1, alone + 4):
        async with sqlite_store.write() as session:
            session.add_all(flood(kind, 1, start=number))
        clock.forward(minutes=5)
        await deliver(sqlite_store, few, settings, now=clock(), clock=clock, worker="one")
    assert len(server.inbox) == alone + 1
    clock.forward(days=1)
    await deliver(sqlite_store, few, settings, now=clock(), clock=clock, worker="one")
    assert [len(mail.notices) for mail in server.inbox] == [*[1] * (alone + 1), 2]


async def test_letters_that_wait_together_are_one(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """After a holiday: forty in one letter, and none of them put off."""
    clock = Clock()
    await fill(sqlite_store, flood(RequestApproved, 40))
    settings = settings_for(server.port)
    await deliver(sqlite_store, allowing(policy, 5), settings, now=clock(), clock=clock, worker="one")
    assert [len(mail.notices) for mail in server.inbox] == [40]


async def test_what_must_be_answered_by_an_hour_is_outside_the_limit(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """The stops of a crisis end a day later: a letter about one that waits for Monday is no letter."""
    clock = Clock()
    asked = flood(StopToConfirm, 4, start=1)
    news = flood(AccessRevoked, 4, start=11)
    await fill(sqlite_store, [*asked, *news])
    settings = settings_for(server.port)
    await deliver(sqlite_store, allowing(policy, 3), settings, now=clock(), clock=clock, worker="one")
    rows = await outbox(sqlite_store)
    assert {rows[one].urgency for one in range(1, 5)} == {Urgency.URGENT}
    assert {rows[one].state for one in range(1, 5)} == {NoticeState.SENT}
    assert sum(rows[one].urgency is Urgency.LOW for one in range(11, 15)) == 1
