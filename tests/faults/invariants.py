"""What must be true after every fault, whatever it was: counted on the store and on the mail server's inbox.

Everything here raises AssertionError with what does not fit, and gives the counts of what does.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select, text
from sqlmodel import SQLModel, col

from policy.calendar import Calendar
from policy.model import Policy
from schemas.accounts import Access, Account, AccountRequest
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.events import WakeState
from schemas.findings import Finding
from schemas.incidents import Incident
from schemas.inventory import UnapprovedPage
from schemas.leave import Leave
from schemas.machinery import ActionItem, AuditEntry, Event, Notice, Wake
from schemas.notices import NoticeState, Urgency
from schemas.people import Person, School
from schemas.public import Correction, Enquiry, Removal
from schemas.states import (
    TRANSITIONS,
    AccessState,
    AccountState,
    IncidentState,
    LeaveState,
    RequestState,
    State,
)
from schemas.words import SubjectKind
from tasks.lifecycles import woken_by
from tasks.store import Store, audit, verifying, wakes
from tests.support import promises
from tests.support.letters import Said, told_again
from tests.support.smtp_server import Received

#: Subjects with a lifecycle.
MOVING: dict[SubjectKind, tuple[type[SQLModel], type[State]]] = {
    SubjectKind.REQUEST: (AccountRequest, RequestState),
    SubjectKind.ACCOUNT: (Account, AccountState),
    SubjectKind.ACCESS: (Access, AccessState),
    SubjectKind.LEAVE: (Leave, LeaveState),
    SubjectKind.INCIDENT: (Incident, IncidentState),
}
#: Whom or what a notice may be about. A rule has no row: the notice's number is 0.
SUBJECTS: dict[SubjectKind, type[SQLModel]] = {
    SubjectKind.REQUEST: AccountRequest,
    SubjectKind.ACCOUNT: Account,
    SubjectKind.ACCESS: Access,
    SubjectKind.PERSON: Person,
    SubjectKind.SCHOOL: School,
    SubjectKind.FINDING: Finding,
    SubjectKind.ITEM: ActionItem,
    SubjectKind.LEAVE: Leave,
    SubjectKind.INCIDENT: Incident,
    SubjectKind.BRAKE: Brake,
    SubjectKind.PAGE: UnapprovedPage,
    SubjectKind.ENQUIRY: Enquiry,
    SubjectKind.CORRECTION: Correction,
    SubjectKind.REMOVAL: Removal,
}


@dataclass(frozen=True)
class Before:
    """What was noted down before the faults: the chain's head, kept outside, and what had been sent."""

    head: str
    sent: frozenset[int]


async def rows(store: Store, model: type[SQLModel], *where: Any) -> list[Any]:
    async with store.read() as session:
        return list(await session.rows(select(table_of(model)).where(*where)))


async def note_before(store: Store) -> Before:
    sent = await rows(store, Notice, col(Notice.state) == NoticeState.SENT)
    async with store.read() as session:
        head = await audit.head(session)
    return Before(head.hash, frozenset(row.id for row in sent))


async def hold(
    store: Store, policy: Policy, before: Before, inbox: Sequence[Received], swept: datetime
) -> dict[str, int]:
    """All of it, after a sweep at `swept` (aware) that had nothing more to do; the counts."""
    return {
        **await always(store, before, inbox),
        **await findings_are_what_the_rules_say(store, policy, Calendar(policy).today(swept)),
        **await mail_is_as_promised(store, policy, before, inbox),
        **await wake_ups_get_on(store, swept),
        **await promises_are_kept(store, policy, swept),
    }


async def promises_are_kept(store: Store, policy: Policy, swept: datetime) -> dict[str, int]:
    """Nobody is surprised, stranded, asked for what they may not do, or for what is done."""
    found = await promises.broken(store, policy, swept)
    assert found == [], [str(one) for one in found]
    return {"broken promises": 0}


async def always(store: Store, before: Before, inbox: Sequence[Received]) -> dict[str, int]:
    """What holds at any moment, also while much is left to do."""
    await the_database_is_whole(store)
    await every_copy_is_a_notices(store, inbox)
    return {
        **await the_audit_is_the_states(store, before),
        **await findings_are_counted_in_the_audit(store),
        **await notices_have_a_cause(store),
        **await events_have_their_wake_ups(store),
    }


async def the_database_is_whole(store: Store) -> None:
    async with store.read() as session:
        if store.is_sqlite:
            assert list((await session.run(text("PRAGMA integrity_check"))).scalars()) == ["ok"]
            assert list(await session.run(text("PRAGMA foreign_key_check"))) == []
        else:
            assert (await session.run(text("SELECT 1"))).scalar_one() == 1


async def the_audit_is_the_states(store: Store, before: Before) -> dict[str, int]:
    """As many entries as changes, each the legal next one, and the last of them where the subject is."""
    head = await verifying.verify(store, kept=before.head)
    entries = await rows(store, AuditEntry)
    history: dict[tuple[SubjectKind, int], list[Any]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: one.seq):
        if entry.to_state is not None:
            history[entry.subject_kind, entry.subject_id].append(entry)
    changes = 0
    for kind, (model, states) in MOVING.items():
        subjects = await rows(store, model)
        assert {number for of, number in history if of is kind} == {row.id for row in subjects}
        for row in subjects:
            steps = history[kind, row.id]
            assert [step.version for step in steps] == list(range(1, row.version + 1)), (kind, row.id)
            assert str(row.state) == steps[-1].to_state, (kind, row.id)
            for one, then in pairwise(steps):
                assert then.from_state == one.to_state, (kind, row.id)
                assert states(then.to_state) in TRANSITIONS[states(then.from_state)]
            changes += row.version - 1
    assert len(entries) == head.seq
    return {"audit entries": head.seq, "changes of state": changes}


async def findings_are_counted_in_the_audit(store: Store) -> dict[str, int]:
    """Findings have one entry a rule and sweep: what the entries say is what the table has."""
    opened, resolved = Counter[str](), Counter[str]()
    of_a_rule = col(AuditEntry.subject_kind) == SubjectKind.RULE, col(AuditEntry.control) != ""
    for entry in await rows(store, AuditEntry, *of_a_rule):
        opened[entry.control] += entry.body["opened"]
        resolved[entry.control] += entry.body["resolved"]
    found = await rows(store, Finding)
    assert +opened == Counter(row.control for row in found)
    assert +resolved == Counter(row.control for row in found if row.resolved_at is not None)
    return {"findings": len(found), "of them open": sum(row.resolved_at is None for row in found)}


async def findings_are_what_the_rules_say(store: Store, policy: Policy, today: date) -> dict[str, int]:
    """Each violator has one open finding; a suspended account's wait until they are mended."""
    opened = Counter(
        (row.control, row.account_id, row.person_id)
        for row in await rows(store, Finding, col(Finding.resolved_at).is_(None))
    )
    assert set(opened.values()) <= {1}
    for rule in policy.rules():
        clause = rule.name
        async with store.read() as session:
            wanted, allowed = [
                {
                    (clause, row.account_id, row.person_id)
                    for row in await session.run(violators(policy, today))
                }
                for violators in (rule.violators, rule.violators_to_keep)
            ]
        there = {one for one in opened if one[0] == clause}
        assert wanted <= there <= allowed, clause
    return {}


async def notices_have_a_cause(store: Store) -> dict[str, int]:
    notices = await rows(store, Notice)
    assert len({row.key for row in notices}) == len(notices)
    there = {kind: {row.id for row in await rows(store, model)} for kind, model in SUBJECTS.items()}
    for row in notices:
        assert row.key.endswith(f"/person:{row.person_id}")
        is_there = row.subject_id in there.get(row.subject_kind, {0})
        assert is_there, f"notice {row.id} is about nothing"
    return {"notices": len(notices), **{str(state): 0 for state in NoticeState}, **_by_state(notices)}


def _by_state(notices: Sequence[Any]) -> Counter[str]:
    return Counter(str(row.state) for row in notices)


async def every_copy_is_a_notices(store: Store, inbox: Sequence[Received]) -> None:
    """Nothing is in the inbox that no notice asked for, and each is with the one whom it is for."""
    address = {row.id: row.email for row in await rows(store, Person)}
    recipient = {row.id: address[row.person_id] for row in await rows(store, Notice)}
    for mail in inbox:
        recipients = {recipient[number] for number in mail.notices}
        assert recipients == set(mail.recipients), "recipients"


async def mail_is_as_promised(
    store: Store, policy: Policy, before: Before, inbox: Sequence[Received]
) -> dict[str, int]:
    """Delivered once, or waiting, or marked as an uncertain repeat; one digest a person a day (4)."""
    copies: dict[int, list[Received]] = defaultdict(list)
    for mail in inbox:
        for number in mail.notices:
            copies[number].append(mail)
    notices = {row.id: row for row in await rows(store, Notice)}
    for number, row in notices.items():
        came = copies[number]
        assert row.state is not NoticeState.SENDING, f"notice {number} is nobody's"
        if number in before.sent:
            assert came == [], f"notice {number} had been sent before"
            continue
        assert all(mail.marked for mail in came[1:]), f"notice {number} came again, unmarked"
        if row.state is NoticeState.SENT:
            assert came, f"notice {number} is said to be sent"
            assert str(came[-1].message["Message-ID"]) == row.message_id, "Message-ID"
        elif came:
            assert row.uncertain, f"notice {number} is {row.state}, and a copy came"
    _one_digest_a_day(policy, notices, inbox)
    await nobody_reads_the_same_again(store, policy, inbox)
    return {
        "mails": len(inbox),
        "repeats, all marked": sum(len(came) - 1 for came in copies.values() if came),
        "may have come": sum(row.uncertain and row.state is not NoticeState.SENT for row in notices.values()),
    }


async def nobody_reads_the_same_again(store: Store, policy: Policy, inbox: Sequence[Received]) -> None:
    """No two letters to one person within a week say the same, unless they are urgent."""
    said = Said()
    for mail in inbox:
        said.take(mail.recipients[0], mail.data, Calendar(policy).today(mail.message["Date"].datetime))
    found = await told_again(store, said)
    assert found == [], [str(one) for one in found]


def _one_digest_a_day(policy: Policy, notices: dict[int, Any], inbox: Sequence[Received]) -> None:
    digests: dict[tuple[str, date], set[str]] = defaultdict(set)
    for mail in inbox:
        if any(notices[number].urgency is Urgency.LOW for number in mail.notices):
            sent: datetime = mail.message["Date"].datetime
            day = Calendar(policy).today(sent)
            digests[mail.recipients[0], day].add(str(mail.message["Message-ID"]))
    assert all(len(ids) == 1 for ids in digests.values()), "somebody had two digests on one day"


async def events_have_their_wake_ups(store: Store) -> dict[str, int]:
    woken: dict[int, list[Any]] = defaultdict(list)
    for row in await rows(store, Wake):
        woken[row.event_id].append(row.lifecycle)
    events = await rows(store, Event)
    assert set(woken) <= {row.id for row in events}
    for row in events:
        assert sorted(woken[row.id]) == sorted(woken_by(row.kind))
    return {"events": len(events)}


async def wake_ups_get_on(store: Store, swept: datetime) -> dict[str, int]:
    """A run that died holds none any more, and none is left that a later run would not take."""
    async with store.write(audited=False) as session:
        revived = await wakes.revive(session, swept)
    assert revived == 0, "the last sweep left a dead run's wake-ups"
    by_state = Counter(row.state for row in await rows(store, Wake))
    assert set(by_state) <= {WakeState.DONE}, "a wake-up was forgotten"
    return {"wake-ups": by_state[WakeState.DONE]}


@dataclass(frozen=True)
class Result:
    """What a night made of a store, without when and by whom."""

    findings: frozenset[Any]
    states: frozenset[Any]
    items: frozenset[Any]
    notices: frozenset[str]


async def result(store: Store) -> Result:
    states = [
        (kind, row.id, row.state, row.version)
        for kind, (model, _) in MOVING.items()
        for row in await rows(store, model)
    ]
    findings = [
        (row.control, row.account_id, row.person_id, row.due_on, row.detail, row.resolved_at is None)
        for row in await rows(store, Finding)
    ]
    of = {
        row.id: f"finding {row.control}/{row.account_id}/{row.person_id}"
        for row in await rows(store, Finding)
    }

    def named(key: str) -> str:  # a crash leaves gaps in the numbers of findings
        return re.sub(r"(?:(?<=finding:)|(?<=/mend/))(\d+)", lambda found: of[int(found[1])], key)

    items = [(named(row.key), row.state) for row in await rows(store, ActionItem)]
    notices = [named(row.key) for row in await rows(store, Notice)]
    return Result(frozenset(findings), frozenset(states), frozenset(items), frozenset(notices))


def assert_same(one: Result, alone: Result) -> None:
    """Says what differs: two whole results side by side can't be read."""
    for part in ("findings", "states", "items", "notices"):
        here, there = getattr(one, part), getattr(alone, part)
        assert here == there, f"{part}: {sorted(map(str, here ^ there))[:9]}"
