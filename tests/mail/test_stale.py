"""Every notice that asks for something: it leaves while its cause stands, and not once the cause went."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import SQLModel

from deployments.sample.words import RoleKind
from policy.model import Policy
from policy.notices import KINDS, NoticeKind
from policy.notices.access import (
    AccessAtRisk,
    AccessGranted,
    AccessRevoked,
    AccessSuspended,
    GatesOpen,
    TextsToRead,
)
from policy.notices.accounts import (
    AccountClosed,
    AccountLive,
    AccountReinstated,
    AccountSuspended,
    CreateTheAccount,
    LookForTheNotice,
    MendTheNotice,
)
from policy.notices.brakes import AnsweredOtherwise, BrakeAsks
from policy.notices.changes import (
    AccessEnds,
    AccountChanged,
    AccountCloses,
    AdministratorMoved,
    SchoolGone,
    SuccessorWanted,
    SuccessorWantedNow,
)
from policy.notices.contacts import ContactShared
from policy.notices.credentials import ListReviewDue, Rotated, RotationDue
from policy.notices.findings import Findings, NobodyReaches, ReinstatementWanted, SuspensionAhead
from policy.notices.guidance import AdviceToRead
from policy.notices.incidents import AppealToDecide, HeardOnReport, ReportToDecide, ReportToTakeOn
from policy.notices.inventory import ListToConfirm, PageToSettle
from policy.notices.items import ItemEscalated, ItemReminder, NoLongerAsked
from policy.notices.leaves import LeaveEndsSoon, LeaveWanted
from policy.notices.modes import ControlAhead, ControlSet
from policy.notices.monitoring import LookInstead, LookMissed, LookToday
from policy.notices.offices import DeputyNamed, OfficeEnded, OfficeEnds
from policy.notices.operators import CalendarEnds
from policy.notices.people import (
    DeputyLeft,
    MailRefusedFor,
    MissingFromRoster,
    PeopleToForget,
    RecordedForYou,
    StaysAfterAll,
)
from policy.notices.proposals import AdministratorToDecide
from policy.notices.public import CorrectionWanted, EnquiryWaits
from policy.notices.requests import DecisionWanted, RequestSentBack
from policy.notices.rosters import AddressChanged, EndedOfficeInRoster, LeftByRoster
from policy.notices.stops import StopToConfirm
from schemas.accounts import Access, Account, AccountChange, AccountRequest
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.contacts import ContactReport
from schemas.evidence import PageCheck
from schemas.findings import Finding, Suspension
from schemas.leave import Leave
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeState
from schemas.people import Absence, Designation, Person, Role
from schemas.public import Enquiry
from schemas.states import AccessState, AccountState, LeaveState, RequestState
from schemas.words import Changed, ItemKind, ItemState, PageVerdict, SubjectKind
from tasks.mail.delivery import deliver
from tasks.store import Store
from tests.mail.mail_cases import CASES, DUE, FORGOTTEN, NOW, notice
from tests.mail.mail_types import SettingsFor
from tests.mail.outbox_helpers import Clock, fill, outbox
from tests.support.letters import words_of
from tests.support.smtp_server import Server

Change = Mapping[str, Any]


def asked(
    kind: ItemKind, about: SubjectKind = SubjectKind.ACCOUNT, number: int = 5
) -> tuple[type[SQLModel], Change, Change]:
    """The one item is what this notice asks for: open, or done since."""
    item = {"kind": kind, "subject_kind": about, "subject_id": number}
    return ActionItem, {**item, "state": ItemState.OPEN}, {**item, "state": ItemState.DONE}


#: What is recorded of somebody who is designated from that day on.
_RECORDED = {
    "control": "approval",
    "by_id": 2,
    "recorded_on": NOW.date().isoformat(),
    "first": NOW.date().isoformat(),
}


def reasons() -> list[str]:
    return list(CASES[RequestSentBack][2].stored()["reasons"])


#: What each of them hangs on: the row, how it stands, and how it stands once the cause went.
CAUSES: dict[type[NoticeKind], tuple[type[SQLModel], Change, Change]] = {
    RequestSentBack: (
        AccountRequest,
        {"state": RequestState.SENT_BACK, "reasons": reasons()},
        {"state": RequestState.SENT_BACK, "reasons": ["Another reason."]},
    ),
    DecisionWanted: (
        AccountRequest,
        {"state": RequestState.AWAITING_DECISION},
        {"state": RequestState.WITHDRAWN},
    ),
    AdministratorToDecide: asked(ItemKind.DECIDE_REQUEST, SubjectKind.ACCESS, 7),
    AccountLive: (Account, {"state": AccountState.LIVE}, {"state": AccountState.SUSPENDED}),
    AccountSuspended: (Account, {"state": AccountState.SUSPENDED}, {"state": AccountState.LIVE}),
    AccountReinstated: (Account, {"state": AccountState.LIVE}, {"state": AccountState.SUSPENDED}),
    AccountClosed: (Account, {"state": AccountState.CLOSED}, {"state": AccountState.APPROVED}),
    AccessGranted: (Access, {"state": AccessState.GRANTED}, {"state": AccessState.SUSPENDED}),
    AccessSuspended: (Access, {"state": AccessState.SUSPENDED}, {"state": AccessState.GRANTED}),
    AccessRevoked: (Access, {"state": AccessState.REVOKED}, {"state": AccessState.WAITING}),
    GatesOpen: (Access, {"state": AccessState.SUSPENDED}, {"state": AccessState.GRANTED}),
    AccessAtRisk: (Access, {"state": AccessState.GRANTED}, {"state": AccessState.SUSPENDED}),
    MailRefusedFor: asked(ItemKind.MEND_MAILBOX, SubjectKind.PERSON, 2),
    BrakeAsks: asked(ItemKind.ANSWER_BRAKE, SubjectKind.BRAKE, 71),
    AnsweredOtherwise: (Brake, {"answered_by_id": 2}, {"answered_by_id": 1}),
    SchoolGone: asked(ItemKind.SETTLE_MOVE),
    AdministratorMoved: asked(ItemKind.SETTLE_MOVE),
    SuccessorWanted: asked(ItemKind.NAME_SUCCESSOR),
    SuccessorWantedNow: asked(ItemKind.NAME_SUCCESSOR),
    TextsToRead: (Access, {"state": AccessState.GRANTED}, {"state": AccessState.SUSPENDED}),
    StaysAfterAll: (Person, {"leaves_on": None}, {"leaves_on": DUE}),
    MissingFromRoster: (Person, {"leaves_on": DUE}, {"leaves_on": None}),
    DeputyLeft: (Absence, {"deputy_id": 4}, {"deputy_id": 2}),
    DeputyNamed: (Absence, {"deputy_id": 2}, {"deputy_id": 5}),
    OfficeEnded: (
        Notice,
        {"facts": {"by_id": 3, "office": RoleKind.SUPERINTENDENT.value, "reason": "A slip."}},
        {"facts": {"by_id": 3, "office": "", "reason": "A slip."}},  # a designation that began that day
    ),
    RecordedForYou: (
        Notice,
        {"facts": {**_RECORDED, "what": "designation"}},
        {"facts": {**_RECORDED, "what": "office", "office": RoleKind.SUPERINTENDENT.value}},  # there is none
    ),
    OfficeEnds: (Designation, {"ends_on": DUE}, {"ends_on": None}),
    EndedOfficeInRoster: (Role, {"ends_on": date(2026, 10, 1)}, {"ends_on": None}),
    LeftByRoster: (Person, {"active": False}, {"active": True}),
    AddressChanged: (
        Notice,
        {"facts": {"by_id": 2, "former": "former@example.org"}},
        {"facts": {"by_id": 2, "former": "person3@example.org"}},
    ),
    PeopleToForget: (Person, {"forget_on": FORGOTTEN}, {"forget_on": None}),
    AccessEnds: (Access, {"ends_on": DUE}, {"ends_on": None}),
    AccountChanged: (
        Notice,
        {"facts": {"what": "exempt no more", "by_id": 3, "change_id": 61}},
        {"facts": {"what": "exempt", "by_id": 3, "change_id": 61, "until": DUE.isoformat()}},
    ),
    AccountCloses: (Account, {"closes_on": DUE}, {"closes_on": None}),
    CreateTheAccount: (Account, {"state": AccountState.PREPARING, "reported_at": None}, {"reported_at": NOW}),
    LookForTheNotice: (
        PageCheck,
        {"verdict": PageVerdict.UNREACHABLE},
        {"verdict": PageVerdict.MISSING},
    ),
    MendTheNotice: (PageCheck, {"verdict": PageVerdict.MISSING}, {"verdict": PageVerdict.EXACT}),
    NobodyReaches: (Account, {"state": AccountState.LIVE}, {"state": AccountState.CLOSED}),
    ReinstatementWanted: (Account, {"state": AccountState.SUSPENDED}, {"state": AccountState.LIVE}),
    StopToConfirm: (Suspension, {"confirmed_at": None}, {"confirmed_at": NOW}),
    RotationDue: asked(ItemKind.ROTATE_CREDENTIALS),
    Rotated: asked(ItemKind.CONFIRM_ROTATION),
    PageToSettle: asked(ItemKind.SETTLE_PAGE, SubjectKind.PAGE, 97),
    ListToConfirm: asked(ItemKind.CONFIRM_LIST, SubjectKind.SCHOOL, 1),
    ListReviewDue: asked(ItemKind.REVIEW_ADMINISTRATORS),
    ItemReminder: (ActionItem, {"state": ItemState.OPEN}, {"state": ItemState.DONE}),
    ItemEscalated: (ActionItem, {"state": ItemState.OPEN}, {"state": ItemState.DROPPED}),
    ContactShared: (ContactReport, {"seen_at": None}, {"seen_at": NOW}),
    CorrectionWanted: asked(ItemKind.CORRECT, SubjectKind.CORRECTION, 91),
    EnquiryWaits: (Enquiry, {"ended_at": None}, {"ended_at": NOW}),
    AdviceToRead: asked(ItemKind.READ_ADVICE, SubjectKind.PERSON, 1),
    ReportToTakeOn: asked(ItemKind.DECIDE_REPORT, SubjectKind.INCIDENT, 97),
    HeardOnReport: asked(ItemKind.ANSWER_REPORT, SubjectKind.INCIDENT, 97),
    ReportToDecide: asked(ItemKind.DECIDE_REPORT, SubjectKind.INCIDENT, 97),
    AppealToDecide: asked(ItemKind.DECIDE_REPORT, SubjectKind.INCIDENT, 97),
    LeaveWanted: (Leave, {"state": LeaveState.ASKED}, {"state": LeaveState.WITHDRAWN}),
    LeaveEndsSoon: (Leave, {"state": LeaveState.GRANTED}, {"state": LeaveState.REVOKED}),
    LookToday: (Notice, {"facts": {"on": "2026-10-20"}}, {"facts": {"on": "2026-10-19"}}),
    LookMissed: asked(ItemKind.LOOK_AGAIN),
    LookInstead: (Absence, {"ends_on": DUE}, {"ends_on": date(2026, 10, 19)}),  # here again since today
    CalendarEnds: (
        Notice,
        {"facts": {"on": "2026-10-19"}, "created_at": datetime(2026, 10, 19, 15, tzinfo=UTC)},
        {"facts": {"on": "2026-10-19"}, "created_at": datetime(2026, 10, 18, 15, tzinfo=UTC)},
    ),
    NoLongerAsked: (ActionItem, {"state": ItemState.DONE}, {"state": ItemState.OPEN}),
    Findings: (Finding, {"resolved_at": None}, {"resolved_at": NOW}),
    ControlAhead: (Finding, {"resolved_at": None}, {"resolved_at": NOW}),
    SuspensionAhead: (Finding, {"resolved_at": None}, {"resolved_at": NOW}),
}


def test_every_notice_that_asks_has_its_case_here() -> None:
    asks = {kind for kind in KINDS.values() if kind.asks or kind.stale is not NoticeKind.stale}
    assert asks == set(CAUSES) | {ControlSet}, "its cause is the policy's: see tests/adoption"


@pytest.mark.parametrize("gone", [False, True], ids=["stands", "gone"])
@pytest.mark.parametrize("kind", CAUSES, ids=lambda kind: kind.kind)
async def test_the_cause_went_before_it_left(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    kind: type[NoticeKind],
    gone: bool,
) -> None:
    model, *changes = CAUSES[kind]
    await fill(sqlite_store, [notice(kind, 1)])
    async with sqlite_store.write() as session:
        await session.run(update(table_of(model)).values(**changes[gone]))
    report = await deliver(
        sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one"
    )
    assert (report.sent, report.dropped) == ((0, 1) if gone else (1, 0))
    state = NoticeState.DEAD if gone else NoticeState.SENT
    assert (await outbox(sqlite_store))[1].state is state


async def test_who_came_back_early_is_not_named_as_away(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    two = notice(LookInstead, 1)
    two.facts = {**two.facts, "absence_ids": [61, 62], "person_ids": [2, 4]}
    await fill(sqlite_store, [two])
    async with sqlite_store.write() as session:
        session.add(Absence(id=62, person_id=4, starts_on=date(2026, 10, 12), ends_on=date(2026, 10, 19)))
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    (mail,) = server.inbox
    (text,) = words_of(mail.data).values()
    assert "Omar Haddad (principal, Lakeside School)" in text
    assert "Friday 30 October 2026" in text
    assert "Ida Berg" not in text


async def test_nobody_looks_at_an_account_that_is_not_in_use(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(sqlite_store, [notice(LookInstead, 1)])
    async with sqlite_store.write() as session:
        closed = update(table_of(Account)).values(state=AccountState.CLOSED)
        await session.run(closed)
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    assert (await outbox(sqlite_store))[1].state is NoticeState.DEAD


async def test_somebody_elses_confirmation_does_not_end_what_is_asked_of_one_person(
    sqlite_store: Store, policy: Policy, server: Server, settings_for: SettingsFor
) -> None:
    await fill(sqlite_store, [notice(Rotated, 1, to=1), notice(Rotated, 2, to=2)])
    confirm: dict[str, Any] = {
        "kind": ItemKind.CONFIRM_ROTATION,
        "subject_kind": SubjectKind.ACCOUNT,
        "subject_id": 5,
    }
    async with sqlite_store.write() as session:
        item = table_of(ActionItem)
        await session.run(update(item).values(**confirm, role=None, person_id=1, state=ItemState.DONE))
        session.add(
            ActionItem(
                key="confirm of another",
                control="approval",
                person_id=2,
                opened_at=NOW,
                due_on=DUE,
                state=ItemState.OPEN,
                **confirm,
            )
        )
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    rows = await outbox(sqlite_store)
    assert {number: row.state for number, row in rows.items()} == {1: NoticeState.DEAD, 2: NoticeState.SENT}


@pytest.mark.parametrize("kind", [AccountCloses, AccessEnds])
@pytest.mark.parametrize("since", [True, False])
async def test_what_was_decided_anew_on_the_same_day_is_told_once(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    kind: type[NoticeKind],
    since: bool,
) -> None:
    """Closed, kept, closed within a minute: the first letter has the reason that was taken back."""
    await fill(sqlite_store, [notice(kind, 1)])
    by: dict[str, Any] = {
        "what": Changed.HANDLE,
        "changed_at": NOW,
        "changed_by_id": 3,
        "reason": "The second one.",
    }
    async with sqlite_store.write() as session:
        await session.run(update(table_of(Account)).values(closes_on=DUE))
        await session.run(update(table_of(Access)).values(ends_on=DUE))
        if since:
            session.add(AccountChange(id=62, account_id=5, before="", **by))
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    assert ((await outbox(sqlite_store))[1].state is NoticeState.DEAD) is since


@pytest.mark.parametrize(
    ("what", "change", "left"),
    [
        ("not closed", {"closes_on": DUE}, False),
        ("not closed", {"closes_on": None}, True),
        ("opened again", {"state": AccountState.CLOSED}, False),
        ("opened again", {"state": AccountState.APPROVED}, True),
        ("exempt no more", {"never_suspended_until": DUE}, False),
    ],
)
async def test_a_change_that_was_taken_back_is_not_told(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
    what: str,
    change: Change,
    left: bool,
) -> None:
    """Closed, kept, closed within a minute: "It stays open" is untrue when it leaves."""
    told = notice(AccountChanged, 1)
    told.facts = {**told.facts, "what": what}
    await fill(sqlite_store, [told])
    async with sqlite_store.write() as session:
        await session.run(update(table_of(Account)).values(**change))
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    assert ((await outbox(sqlite_store))[1].state is NoticeState.SENT) is left


async def test_each_letter_of_a_renaming_names_its_own_step(
    sqlite_store: Store,
    policy: Policy,
    server: Server,
    settings_for: SettingsFor,
) -> None:
    """Renamed twice over a weekend: both, which leave as one letter, named the newest handle."""
    second = notice(AccountChanged, 2)
    second.facts, second.key = {**second.facts, "change_id": 62}, "the second"
    await fill(sqlite_store, [notice(AccountChanged, 1), second])
    by: dict[str, Any] = {"account_id": 5, "what": Changed.HANDLE, "changed_at": NOW, "changed_by_id": 3}
    async with sqlite_store.write() as session:
        session.add(AccountChange(id=62, before="between", reason="The second one.", **by))
        await session.run(update(table_of(Account)).values(handle="newest"))
    await deliver(sqlite_store, policy, settings_for(server.port), now=NOW, clock=Clock(), worker="one")
    (mail,) = server.inbox
    body = mail.message.get_body(("plain",))
    assert body is not None
    said = " ".join(str(body.get_content()).split())
    first = said.index("(Lakeside School): between. It was: lakeside.school. It was changed again since")
    assert first < said.index("(Lakeside School): newest. It was: between.")
