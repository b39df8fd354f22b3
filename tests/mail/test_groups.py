"""Mails are marked as under way in groups: what a death, a slow server or a lost one leaves behind."""

from collections import Counter, defaultdict

import pytest
from sqlmodel import col, update

from policy.model import Policy
from policy.notices.access import AccessRevoked
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.settings import Settings
from tasks.mail.delivery import DeliveryReport, GroupSize, deliver
from tasks.mail.smtp import Post, Smtp
from tasks.store import Store
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, many, outbox
from tests.support.smtp_server import Fault, Server

CROWD = range(100, 140)


async def send(
    store: Store,
    policy: Policy,
    settings: Settings,
    clock: Clock,
    *,
    post: Post | None = None,
    worker: str = "one",
) -> DeliveryReport:
    return await deliver(store, policy, settings, now=clock(), clock=clock, worker=worker, post=post)


class Killed(BaseException):
    """The process ends here: nothing of ours runs any more."""


class DiesAfter:
    """Hands so many messages to the real server, and dies before anybody can note the last one."""

    def __init__(self, post: Post, messages: int) -> None:
        self.post, self.left = post, messages

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        await self.post.send(sender, recipient, message)
        self.left -= 1
        if not self.left:
            raise Killed

    async def close(self) -> None:
        await self.post.close()


class Slow:
    """A server that takes its time: the clock moves with every message."""

    def __init__(self, post: Post, clock: Clock, seconds: float) -> None:
        self.post, self.clock, self.seconds = post, clock, seconds

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        await self.post.send(sender, recipient, message)
        self.clock.forward(seconds=self.seconds)

    async def close(self) -> None:
        await self.post.close()


class Elsewhere:
    """With the fourth message, another sender takes over some notices: our lease of them is lost."""

    def __init__(self, post: Post, store: Store, taken: list[int]) -> None:
        self.post, self.store, self.taken, self.sent = post, store, taken, 0

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        self.sent += 1
        if self.sent == 4:
            async with self.store.write(audited=False) as session:
                await session.exec(
                    update(Notice).where(col(Notice.id).in_(self.taken)).values(lease_owner="two")
                )
        await self.post.send(sender, recipient, message)

    async def close(self) -> None:
        await self.post.close()


@pytest.mark.parametrize(
    ("most", "sizes"), [(25, [1, 2, 4, 8, 16, 25, 25]), (1, [1, 1, 1]), (3, [1, 2, 3, 3])]
)
def test_groups_grow_while_all_goes_well_and_never_beyond_the_most(most: int, sizes: list[int]) -> None:
    group, seen = GroupSize(most), []
    for _ in sizes:
        seen.append(group.size)
        group.size = group.after(well=True)
    assert seen == sizes
    assert group.after(well=False) == 1


async def test_killed_in_the_middle_of_a_group_only_the_group_is_repeated_and_marked(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """Groups of 1, 2, 4 and 8: the tenth mail is the third of the last one."""
    await fill(store, many(AccessRevoked, CROWD), len(CROWD))
    clock, settings = Clock(), settings_for(server.port)
    with pytest.raises(Killed):
        await send(store, policy, settings, clock, post=DiesAfter(Smtp(settings, per_connection=50), 10))
    rows = (await outbox(store)).values()
    assert len(server.inbox) == 10
    assert Counter((row.state, row.uncertain) for row in rows) == {
        (NoticeState.SENT, False): 7,
        (NoticeState.SENDING, True): 8,
        (NoticeState.SENDING, False): len(CROWD) - 15,
    }
    under_way = {row.id for row in rows if row.uncertain}
    assert len(under_way) <= policy.mail.under_way_at_once
    clock.forward(seconds=policy.mail.lease_seconds + 1)
    report = await send(store, policy, settings, clock, worker="two")
    assert (report.sent, report.repeats) == (len(CROWD) - 7, 8)
    assert {row.state for row in (await outbox(store)).values()} == {NoticeState.SENT}
    copies: dict[int, list[bool]] = defaultdict(list)
    for mail in server.inbox:
        copies[mail.notices[0]].append(mail.marked)
    assert len(copies) == len(CROWD), "none is lost"
    doubled = {number: marks for number, marks in copies.items() if len(marks) > 1}
    assert list(doubled.values()) == [[False, True]] * 3
    assert {number for number, marks in copies.items() if any(marks)} == under_way


async def test_what_a_slow_server_leaves_of_a_group_goes_back_unmarked_and_untried(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(store, many(AccessRevoked, CROWD[:9]), 9)
    clock, settings = Clock(), settings_for(server.port)
    slow = Slow(Smtp(settings, per_connection=50), clock, policy.mail.under_way_seconds / 2)
    report = await send(store, policy, settings, clock, post=slow)
    assert (report.sent, report.repeats, len(server.inbox)) == (9, 0, 9)
    assert not any(mail.marked for mail in server.inbox)
    rows = (await outbox(store)).values()
    assert {(row.state, row.attempts, row.uncertain) for row in rows} == {(NoticeState.SENT, 1, False)}


async def test_what_a_lost_server_leaves_of_a_group_goes_back_unmarked_and_untried(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(store, many(AccessRevoked, CROWD), len(CROWD))
    server.order([*[Fault.NONE] * 7, Fault.DROP_EARLY, Fault.DROP_EARLY])
    clock, settings = Clock(), settings_for(server.port)
    report = await send(store, policy, settings, clock, post=Smtp(settings, per_connection=50))
    assert (report.sent, report.retried, report.down) == (7, 2, True)
    rows = (await outbox(store)).values()
    assert Counter((row.state, row.attempts, row.uncertain) for row in rows) == {
        (NoticeState.SENT, 1, False): 7,
        (NoticeState.PENDING, 1, False): 2,
        (NoticeState.PENDING, 0, False): len(CROWD) - 9,
    }
    assert {row.lease_owner for row in rows} == {None}


async def test_many_mails_leave_over_a_few_connections_and_each_once(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(store, many(AccessRevoked, CROWD), len(CROWD))
    report = await send(store, policy, settings_for(server.port), Clock())
    assert (report.sent, len(server.inbox)) == (len(CROWD), len(CROWD))
    assert 1 < server.connections <= policy.mail.connections_at_once
    assert set(Counter(mail.notices[0] for mail in server.inbox).values()) == {1}
    assert not any(mail.marked for mail in server.inbox)


async def test_what_another_sender_has_taken_is_not_handed_over_and_not_changed(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """Groups of 1, 2 and 4: with the fourth it takes the fifth, under way, and the ninth, not begun."""
    await fill(store, many(AccessRevoked, CROWD[:10]), 10)
    clock, settings = Clock(), settings_for(server.port)
    post = Elsewhere(Smtp(settings, per_connection=50), store, [5, 9])
    report = await send(store, policy, settings, clock, post=post)
    assert sorted(mail.notices[0] for mail in server.inbox) == [1, 2, 3, 4, 5, 6, 7, 8, 10]
    rows = await outbox(store)
    assert {one for one, row in rows.items() if row.state is not NoticeState.SENT} == {5, 9}
    assert [(rows[one].lease_owner, rows[one].uncertain, rows[one].attempts) for one in (5, 9)] == [
        ("two", True, 1),
        ("two", False, 0),
    ]
    assert report.sent == 9
    clock.forward(seconds=policy.mail.lease_seconds + 1)
    await send(store, policy, settings, clock, worker="three")
    copies = [(mail.notices[0], mail.marked) for mail in server.inbox[9:]]
    assert copies == [(5, True), (9, False)], "only what may have arrived is marked"


@pytest.mark.parametrize("fault", [Fault.DROP_EARLY, Fault.DROP_STORED, Fault.DROP_LOST])
async def test_one_of_several_connections_is_lost_and_the_others_carry_on(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor, fault: Fault
) -> None:
    await fill(store, many(AccessRevoked, CROWD), len(CROWD))
    server.order([*[Fault.NONE] * 20, fault])
    clock, settings = Clock(), settings_for(server.port)
    report = await send(store, policy, settings, clock)
    assert (report.sent, report.retried, report.down) == (len(CROWD) - 1, 1, False)
    uncertain = fault is not Fault.DROP_EARLY
    assert report.uncertain == uncertain
    assert server.connections > policy.mail.connections_at_once, "the lost one was opened again"
    (waits,) = [row for row in (await outbox(store)).values() if row.state is not NoticeState.SENT]
    assert (waits.state, waits.uncertain, waits.lease_owner) == (NoticeState.PENDING, uncertain, None)
    clock.moment = waits.not_before
    await send(store, policy, settings, clock, worker="two")
    copies = Counter(mail.notices[0] for mail in server.inbox)
    assert set(copies) == set(range(1, len(CROWD) + 1)), "none is lost"
    assert {number for number, times in copies.items() if times > 1} == (
        {waits.id} if fault is Fault.DROP_STORED else set()
    )
    assert {mail.notices[0] for mail in server.inbox if mail.marked} == ({waits.id} if uncertain else set())


async def test_a_lease_is_renewed_before_it_ends(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """A server so slow that the batch takes longer than a lease: nothing of it is ever free for another."""
    await fill(store, many(AccessRevoked, CROWD[:12]), 12)
    clock, settings = Clock(), settings_for(server.port)
    slow = Slow(Smtp(settings, per_connection=50), clock, policy.mail.lease_seconds / 5)
    ends: list[float] = []

    class Looks(Slow):
        async def send(self, sender: str, recipient: str, message: bytes) -> None:
            rows = (await outbox(store)).values()
            ends.extend(
                (row.lease_until - clock()).total_seconds()
                for row in rows
                if row.state is NoticeState.SENDING and row.lease_until is not None
            )
            await slow.send(sender, recipient, message)

    report = await send(store, policy, settings, clock, post=Looks(slow, clock, 0))
    assert report.sent == 12
    assert min(ends) > 0
