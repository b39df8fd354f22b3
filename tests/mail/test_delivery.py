"""The outbox against a real mail server, on both databases: at least once, never lost, repeats marked."""

import asyncio
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import col

from policy.model import Policy
from policy.notices import KINDS, NoticeKind
from policy.notices.access import AccessRevoked
from policy.notices.accounts import AccountLive
from policy.notices.changes import AccountChanged, SchoolGone
from policy.notices.credentials import ListReviewed
from policy.notices.findings import Findings, SweepSummary
from policy.notices.guidance import AdviceToRead
from policy.notices.items import ItemEscalated, ItemReminder, NoLongerAsked
from policy.notices.monitoring import LookInstead, LookToday
from policy.notices.offices import DeputyNamed
from policy.notices.people import PeopleToForget, RecordedForYou, RecordedInYourName
from policy.notices.public import CorrectionNews
from policy.notices.requests import DecisionWanted, RequestApproved, RequestWithdrawn
from policy.notices.rosters import EndedOfficeInRoster
from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.notices import NoticeState, Urgency
from schemas.people import Person
from schemas.settings import Settings
from tasks.mail.delivery import DeliveryReport, deliver
from tasks.mail.outbox import give_back, release
from tasks.mail.smtp import Post, Smtp
from tasks.store import Store
from tests.mail.mail_cases import NOW, notice
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, many, outbox
from tests.support.smtp_server import SILENT, STORED_UNTOLD, Fault, Server

ZONE = ZoneInfo("America/Edmonton")


async def send(
    store: Store, policy: Policy, settings: Settings, clock: Clock, worker: str = "one", **more: object
) -> DeliveryReport:
    return await deliver(
        store,
        policy,
        settings,
        now=clock(),
        clock=clock,
        worker=worker,
        rng=random.Random(7),  # noqa: S311 - the same waits each time
        **more,  # type: ignore[arg-type]
    )


async def test_a_notice_leaves_once_with_everything_a_mail_needs(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(store, [notice(DecisionWanted, 9, to=3)])
    clock = Clock()
    first = await send(store, policy, settings_for(server.port), clock)
    second = await send(store, policy, settings_for(server.port), clock)
    assert (first.sent, second.sent) == (1, 0)
    (mail,) = server.inbox
    assert mail.recipients == ["person3@example.org"]
    assert mail.sender == "steward@example.org"
    assert mail.notices == [9]
    assert not mail.marked
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["To"] == "Greta Olsen <person3@example.org>"
    assert mail.message["Reply-To"] == "communications@example.org"
    row = (await outbox(store))[9]
    assert (row.state, row.attempts, row.uncertain) == (NoticeState.SENT, 1, False)
    assert row.message_id == mail.message["Message-ID"]
    assert row.sent_at == NOW
    assert row.lease_owner is None


async def test_random_faults_lose_nothing_and_double_nothing_unmarked(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    crowd = 40
    await fill(store, many(AccessRevoked, range(100, 100 + crowd)), crowd)
    dice = random.Random(20261020)  # noqa: S311 - the same faults each time
    quick = [one for one in Fault if one not in SILENT]
    ordered: list[Fault] = []

    def order(_: str) -> Fault:
        ordered.append(dice.choice(quick) if dice.random() < 0.4 else Fault.NONE)
        return ordered[-1]

    server.orders = order
    clock = Clock()
    for round_number in range(60):
        await send(store, policy, settings_for(server.port), clock, worker=f"run-{round_number}")
        if not {row.state for row in (await outbox(store)).values()} & {NoticeState.PENDING}:
            break
        clock.forward(minutes=20)
    copies: dict[int, list[bool]] = defaultdict(list)
    for mail in server.inbox:
        for number in mail.notices:
            copies[number].append(mail.marked)
    rows = await outbox(store)
    assert STORED_UNTOLD & set(ordered), "the seed ordered no fault that matters"
    for number, row in rows.items():
        assert row.state in {NoticeState.SENT, NoticeState.PARKED}
        if row.state is NoticeState.SENT:
            assert copies[number]
        # Every copy but the first says that it may be a repeat.
        assert all(copies[number][1:])
    assert sum(len(one) - 1 for one in copies.values() if one) > 0
    for number in copies:
        ids = {str(mail.message["Message-ID"]) for mail in server.inbox if number in mail.notices}
        assert len(ids) <= 1, "a repeat has the Message-ID of the first copy"


class Killed(BaseException):
    """The process ends here: nothing of ours runs any more."""


class DiesAfterSending:
    """Hands the message to the real server, and dies before anybody can note it."""

    def __init__(self, post: Post) -> None:
        self.post = post

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        await self.post.send(sender, recipient, message)
        raise Killed

    async def close(self) -> None:
        await self.post.close()


async def test_killed_between_sending_and_noting_it_repeats_marked_and_only_that_one(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(store, many(AccessRevoked, range(100, 105)), 5)
    clock, settings = Clock(), settings_for(server.port)
    with pytest.raises(Killed):
        await send(store, policy, settings, clock, post=DiesAfterSending(Smtp(settings, per_connection=50)))
    assert len(server.inbox) == 1
    await send(store, policy, settings, clock, worker="two")
    assert len(server.inbox) == 1, "the lease of the dead sender still stands"
    clock.forward(seconds=policy.mail.lease_seconds + 1)
    report = await send(store, policy, settings, clock, worker="two")
    assert (report.sent, report.repeats) == (5, 1)
    copies = Counter(mail.notices[0] for mail in server.inbox)
    (doubled,) = [number for number, count in copies.items() if count > 1]
    assert [mail.marked for mail in server.inbox if mail.notices == [doubled]] == [False, True]
    assert not any(mail.marked for mail in server.inbox if mail.notices != [doubled])
    for mail in server.inbox:
        body = mail.message.get_body(("plain",))
        assert body is not None
        assert ("You may have had this message already" in body.get_content()) is mail.marked


async def test_what_a_sender_that_is_known_to_be_dead_held_need_not_wait_for_its_lease(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(store, many(AccessRevoked, range(100, 105)), 5)
    clock, settings = Clock(), settings_for(server.port)
    with pytest.raises(Killed):
        await send(store, policy, settings, clock, post=DiesAfterSending(Smtp(settings, per_connection=50)))
    async with store.write(audited=False) as session:
        assert await give_back(session, ["somebody else"]) == 0
        assert await give_back(session, ["one"]) == 5
    report = await send(store, policy, settings, clock, worker="two")
    assert (report.sent, report.repeats) == (5, 1)
    assert sorted(Counter(mail.notices[0] for mail in server.inbox).values()) == [1, 1, 1, 1, 2]
    assert sum(mail.marked for mail in server.inbox) == 1


async def test_two_senders_at_once_double_nothing(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    crowd = 30
    people = range(100, 100 + crowd)
    await fill(
        store,
        [
            *many(AccessRevoked, people),
            *many(ItemReminder, people, start=1000),
        ],
        crowd,
    )
    clock, settings = Clock(), settings_for(server.port)
    reports = await asyncio.gather(
        *(send(store, policy, settings, clock, worker=f"sender-{number}") for number in range(4))
    )
    assert sum(one.sent for one in reports) == len(server.inbox) == 2 * crowd
    assert max(Counter(number for mail in server.inbox for number in mail.notices).values()) == 1
    assert not any(mail.marked for mail in server.inbox)
    assert {row.state for row in (await outbox(store)).values()} == {NoticeState.SENT}


async def test_a_server_that_is_down_for_eight_hours_costs_nobody_a_notice(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(sqlite_store, many(AccessRevoked, range(100, 130)), 30)
    clock, down = Clock(), settings_for(1)  # nothing listens on port 1
    for _ in range(8 * 6):
        report = await send(sqlite_store, policy, down, clock)
        assert report.down or not report.retried
        clock.forward(minutes=10)
    rows = await outbox(sqlite_store)
    assert {row.state for row in rows.values()} == {NoticeState.PENDING}
    assert not any(row.uncertain for row in rows.values())
    assert {row.last_error for row in rows.values()} <= {None, "connect refused at connect"}
    clock.forward(hours=2)
    report = await send(sqlite_store, policy, settings_for(server.port), clock)
    assert report.sent == 30
    assert not any(mail.marked for mail in server.inbox)


async def test_given_up_only_when_tried_as_often_and_as_long_as_the_policy_says(
    sqlite_store: Store, policy: Policy, settings_for: SettingsFor, server: Server
) -> None:
    await fill(sqlite_store, [notice(AccessRevoked, 1)])
    server.orders = lambda _: Fault.GREY
    clock, settings = Clock(), settings_for(server.port)
    tries = 0
    while (await outbox(sqlite_store))[1].state is NoticeState.PENDING:
        tries += (await send(sqlite_store, policy, settings, clock)).retried
        clock.forward(minutes=75)
    row = (await outbox(sqlite_store))[1]
    assert (row.state, row.last_error) == (NoticeState.PARKED, "given up: smtp 450")
    assert tries + 1 >= policy.mail.attempts
    assert clock() - NOW >= timedelta(seconds=policy.mail.give_up_after_seconds)


async def test_a_refused_recipient_is_parked_with_a_code_and_without_the_address(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(sqlite_store, many(AccessRevoked, (1, 2)))
    server.order([Fault.UNKNOWN])
    report = await send(sqlite_store, policy, settings_for(server.port), Clock())
    assert (report.sent, report.parked) == (1, 1)
    row = (await outbox(sqlite_store))[1]
    assert (row.state, row.last_error, row.uncertain) == (NoticeState.PARKED, "smtp 550", False)


async def test_a_parked_notice_leaves_once_its_address_was_mended(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(store, [notice(AccessRevoked, 1)])
    clock, settings = Clock(), settings_for(server.port)
    server.order([Fault.UNKNOWN])
    await send(store, policy, settings, clock)
    async with store.write(audited=False) as session:
        assert await release(session, [1, 2], now=clock()) == 1
    assert (await send(store, policy, settings, clock)).sent == 1
    async with store.write(audited=False) as session:
        assert await release(session, [1], now=clock()) == 0
    assert [mail.marked for mail in server.inbox] == [False]


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ({"active": False}, NoticeState.DEAD, "person inactive"),
        ({"email": "no address at all"}, NoticeState.PARKED, "no usable address"),
        ({"given_name": "Ann\r\nBcc: all@example.org"}, NoticeState.PARKED, "refused at the door"),
        ({"family_name": "=?utf-8?q?Lee=0ABcc:all@example.org?="}, NoticeState.PARKED, "refused at the door"),
    ],
)
async def test_who_can_not_be_written_to(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    change: dict[str, object],
    state: NoticeState,
    reason: str,
) -> None:
    await fill(sqlite_store, many(AccountLive, (1, 2)))
    async with sqlite_store.write() as session:
        await session.run(update(table_of(Person)).where(col(Person.id) == 1).values(**change))
    await send(sqlite_store, policy, settings_for(server.port), Clock())
    row = (await outbox(sqlite_store))[1]
    assert (row.state, row.last_error) == (state, reason)
    assert [mail.recipients for mail in server.inbox] == [["person2@example.org"]]


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


async def test_what_is_not_urgent_never_leaves_at_night_even_if_the_server_was_down_all_day(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """Clause 4."""
    await fill(
        store,
        [
            notice(AccessRevoked, 1, to=2),  # urgent
            notice(RequestWithdrawn, 2, to=2),
            notice(ItemReminder, 3, to=2),
        ],
    )
    settings = settings_for(server.port)
    night = await send(store, policy, settings, Clock(local(2026, 10, 21, 2)))
    assert [mail.notices for mail in server.inbox] == [[1]]
    assert night.held == 2
    rows = await outbox(store)
    assert rows[2].not_before == local(2026, 10, 21, 8)
    assert rows[3].not_before == local(2026, 10, 21, 8, 15)
    assert rows[2].attempts == 0
    await send(store, policy, settings, Clock(local(2026, 10, 21, 8)))
    await send(store, policy, settings, Clock(local(2026, 10, 21, 8, 20)))
    assert [mail.notices for mail in server.inbox] == [[1], [2], [3]]


async def test_nothing_but_the_urgent_leaves_in_the_summer_holidays(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    people = range(100, 130)
    await fill(sqlite_store, many(ItemReminder, people), 30)
    clock, settings = Clock(local(2027, 7, 12, 10)), settings_for(server.port)
    async with sqlite_store.write() as session:
        await session.run(update(table_of(Notice)).values(not_before=clock() - timedelta(minutes=1)))
    for _ in range(7):
        assert (await send(sqlite_store, policy, settings, clock)).sent == 0
        clock.forward(days=1)
    first_day_back = min(row.not_before for row in (await outbox(sqlite_store)).values()).astimezone(ZONE)
    assert (first_day_back.year, first_day_back.month) in {(2027, 8), (2027, 9)}
    assert server.inbox == []


async def test_low_ones_are_gathered_into_one_digest_a_person_a_day(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(
        store,
        [
            notice(ItemReminder, 1, to=1),
            notice(Findings, 2, to=1),
            notice(ItemReminder, 3, to=2),
        ],
    )
    clock, settings = Clock(), settings_for(server.port)
    report = await send(store, policy, settings, clock)
    assert (report.sent, report.notices, report.digests) == (2, 3, 2)
    assert sorted(mail.notices for mail in server.inbox) == [[1, 2], [3]]
    async with store.write() as session:
        session.add(notice(ItemEscalated, 4, to=1))
    clock.forward(hours=1)
    later = await send(store, policy, settings, clock)
    assert (later.sent, later.held) == (0, 1)
    assert (await outbox(store))[4].not_before == local(2026, 10, 21, 8, 15)
    await send(store, policy, settings, Clock(local(2026, 10, 21, 8, 20)))
    assert server.inbox[-1].notices == [4]
    assert len({mail.message["Message-ID"] for mail in server.inbox}) == 3


async def test_a_digest_that_may_have_arrived_is_repeated_as_it_was_and_takes_nothing_new_along(
    store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    """A mail program that drops the second copy must not drop with it what the first did not have."""
    await fill(store, [notice(ItemReminder, 1), notice(Findings, 2)])
    clock, settings = Clock(), settings_for(server.port)
    server.order([Fault.DROP_STORED])
    report = await send(store, policy, settings, clock)
    assert (report.sent, report.uncertain) == (0, 2)
    async with store.write() as session:
        session.add(notice(ItemEscalated, 3))
    clock.forward(hours=1)
    await send(store, policy, settings, clock)
    assert [(mail.notices, mail.marked) for mail in server.inbox] == [([1, 2], False), ([1, 2], True)]
    assert len({mail.message["Message-ID"] for mail in server.inbox}) == 1
    await send(store, policy, settings, Clock(local(2026, 10, 21, 8, 20)))
    assert (server.inbox[-1].notices, server.inbox[-1].marked) == ([3], False)


async def test_many_letters_at_one_moment_are_gathered(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    kinds: list[type[NoticeKind]] = [AccountLive, AccountChanged, RequestApproved, RequestWithdrawn]
    await fill(
        sqlite_store,
        [
            *(notice(kind, number) for number, kind in enumerate(kinds, 1)),
            *(notice(kind, number, to=2) for number, kind in enumerate(kinds[:3], 11)),
        ],
    )
    await send(sqlite_store, policy, settings_for(server.port), Clock())
    # of the others two are about one account
    assert sorted(mail.notices for mail in server.inbox) == [[1, 2, 3, 4], [11, 12], [13]]


async def test_one_that_can_not_be_written_does_not_keep_the_others_of_a_digest(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    broken = notice(Findings, 2)
    broken.facts = {"finding_ids": "all of them"}
    await fill(sqlite_store, [notice(ItemReminder, 1), broken])
    await send(sqlite_store, policy, settings_for(server.port), Clock())
    rows = await outbox(sqlite_store)
    assert (rows[1].state, rows[2].state) == (NoticeState.SENT, NoticeState.PARKED)
    assert rows[2].last_error == "facts do not fit"
    assert server.inbox[0].notices == [1]


async def test_the_limit_holds_and_urgent_ones_go_first(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(
        sqlite_store,
        [
            *many(AccountLive, range(100, 110)),
            *many(AccessRevoked, range(110, 113), start=50),
        ],
        13,
    )
    clock, settings = Clock(), settings_for(server.port)
    report = await send(sqlite_store, policy, settings, clock, limit=5)
    assert (report.sent, report.more) == (5, True)
    assert [mail.notices[0] for mail in server.inbox[:3]] == [50, 51, 52]
    assert server.connections == 1
    states = Counter(row.state for row in (await outbox(sqlite_store)).values())
    assert states == {NoticeState.SENT: 5, NoticeState.PENDING: 8}


async def test_no_name_or_address_reaches_the_log(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await fill(sqlite_store, many(AccessRevoked, (1, 2, 3)))
    server.order([Fault.UNKNOWN, Fault.GREY])
    await send(sqlite_store, policy, settings_for(server.port), Clock())
    logged = capsys.readouterr()
    said = logged.out + logged.err
    assert "notice" in said
    for secret in ("person1@", "Omar", "Haddad", "Lee", "lakeside"):
        assert secret not in said


def test_these_are_gathered_into_the_digest() -> None:
    assert {kind for kind in KINDS.values() if kind.urgency is Urgency.LOW} == {
        ItemReminder,
        ItemEscalated,
        RecordedForYou,
        RecordedInYourName,
        Findings,
        ListReviewed,
        SweepSummary,
        NoLongerAsked,
        LookInstead,
        LookToday,
        SchoolGone,
        PeopleToForget,
        AdviceToRead,
        CorrectionNews,
        DeputyNamed,
        EndedOfficeInRoster,
    }
