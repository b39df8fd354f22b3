"""The four promises to people, counted on a store after any night: a broken one is a sentence here.

1. Nobody loses access without a letter that left before it, with the reason and a day that is over.
2. No live account is without a named, active person who can reach it.
3. Nobody is asked for what they may not do.
4. Nobody is asked for what is done.

They read the tables alone, and ask none of the code that decides, but for "who may" of the acts themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

from policy.action_items import PERSONAL
from policy.calendar import Calendar
from policy.controls.custody import Custody
from policy.model import Policy
from policy.notices.access import AccessSuspended
from policy.notices.base import KINDS, read
from policy.notices.findings import OfFindings
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import NotAllowed
from schemas.findings import Finding
from schemas.machinery import ActionItem, AuditEntry, Notice
from schemas.notices import NoticeState
from schemas.people import Person, Role
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState, LeaveVerdict, SubjectKind, Verdict, Via
from tasks.accounts.administrators import NamingForm, add_administrator
from tasks.accounts.closing import ClosingForm, close_account
from tasks.accounts.report import ReportForm, report_account
from tasks.acts.context import ActContext
from tasks.brakes.answering import ReleaseBrakeForm, release
from tasks.contacts.sharing import ContactLookForm, show_contact
from tasks.credentials.review_list import ReviewForm, record_review
from tasks.credentials.rotate import RotationForm, record_rotation
from tasks.incidents.reporting import DismissalForm, dismiss_report
from tasks.inventory.confirming import SchoolListForm, confirm_list
from tasks.inventory.pages import PageShutForm, shut_page
from tasks.items.facts import pending_items
from tasks.leave.deciding import LeaveDecisionForm, decide_leave
from tasks.mail.release import ReleaseForm, release_parked
from tasks.monitoring.check_in import CheckInForm, check_in
from tasks.public.corrections import CorrectedForm, correct_misleading
from tasks.public.enquiries import AnswerForm, answer_enquiry
from tasks.requests.decide import DecisionForm, record_decision
from tasks.store import Store
from tasks.store.audit import Actor
from tasks.suspension.returns import HoldForm, take_hold
from tasks.suspension.suspend import ReinstatementForm, reinstate_account
from tasks.training.unmatched import SettlementForm, settle_row

#: Under which name a notice has the last day of what it speaks of.
_DAYS = ("due_on", "mend_by", "ends_on", "closes_on")
#: What acts at once: the person has really left, or the completion was voided as false. The third, an
#: emergency order, and what somebody decides about one person, have an actor.
AT_ONCE = ("the person has left", "completion voided")


@dataclass(frozen=True)
class Broken:
    """One promise that was not kept."""

    promise: str
    what: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


async def _rows(store: Store, model: type[SQLModel], *where: Any, only: Sequence[str] = ()) -> list[Any]:
    """Rows of a table; `only`: these of its columns, where all rows are read on each night of a year."""
    table = table_of(model)
    asked = select(*(table.c[name] for name in only or table.c.keys())).where(*where)
    async with store.read() as session:
        return list(await session.rows(asked))


async def broken(
    store: Store,
    policy: Policy,
    now: datetime,
    *,
    after: int = 0,
    since: datetime | None = None,
    able: set[tuple[int, int]] | None = None,
    items: bool = True,
) -> list[Broken]:
    """Every broken promise at `now` (aware).

    Of what has happened, only the audit entries beyond `after` and the mails `since` then are looked at.
    `able`: items and people whose act was tried before and not refused: they are not tried again.
    Without `items`: those were looked at, and letters have left since then, nothing else.
    """
    return [
        *await lost_without_a_letter(store, policy, after),
        *await unreachable(store, policy, Calendar(policy).today(now)),
        *(await asked_who_may_not(store, policy, now, able) if items else []),
        *await asked_when_done(store, since),
    ]


#: The facts of notices that are a day after which something ends.
_NAMED = ("due_on", "mend_by", "on", "ends_on", "closes_on")


def _days(facts: Mapping[str, Any]) -> list[date]:
    """The days that a notice names."""
    return [date.fromisoformat(str(facts[name])) for name in _NAMED if facts.get(name)]


async def lost_without_a_letter(store: Store, policy: Policy, after: int = 0) -> list[Broken]:
    """Granted access that Steward took from a person without a letter before it that named a day, now over.

    The letter is about the access, the account, the person or a finding of the account.
    """
    calendar = Calendar(policy)
    taken = await _rows(
        store,
        AuditEntry,
        col(AuditEntry.seq) > after,
        col(AuditEntry.subject_kind) == SubjectKind.ACCESS,
        col(AuditEntry.from_state) == AccessState.GRANTED,
        col(AuditEntry.actor_id).is_(None),
    )
    taken = [one for one in taken if not one.cause.startswith(AT_ONCE)]
    if not taken:
        return []
    accesses = {row.id: row for row in await _rows(store, Access)}
    people = {accesses[one.subject_id].person_id for one in taken}
    findings = {row.id: row.account_id for row in await _rows(store, Finding)}
    letters = defaultdict[int, list[Any]](list)
    for row in await _rows(
        store, Notice, col(Notice.person_id).in_(people), col(Notice.state) == NoticeState.SENT
    ):
        letters[row.person_id].append(row)
    found = []
    for one in taken:
        access = accesses[one.subject_id]
        about = {
            (SubjectKind.ACCESS, access.id),
            (SubjectKind.ACCOUNT, access.account_id),
            (SubjectKind.PERSON, access.person_id),
            *((SubjectKind.FINDING, number) for number, of in findings.items() if of == access.account_id),
        }
        # one letter a person speaks of all accounts where the same is asked
        about |= {
            (SubjectKind.ACCESS, row.id) for row in accesses.values() if row.person_id == access.person_id
        }
        warned = any(
            (letter.subject_kind, letter.subject_id) in about
            and letter.sent_at is not None
            and letter.sent_at < one.at
            and any(day < calendar.today(one.at) for day in _days(letter.facts))
            for letter in letters[access.person_id]
        )
        if not warned:
            found.append(
                Broken("lost without a letter", f"access {access.id} at {one.at:%Y-%m-%d}: {one.cause}")
            )
    return found


async def unreachable(store: Store, policy: Policy, today: date) -> list[Broken]:
    """Live accounts with no active person who has granted access, and no custodian who took hold of them.

    A custodian counts who holds the office today, is active, and whose own access to it is not suspended.
    """
    granted, suspended = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    active = {row.id for row in await _rows(store, Person, col(Person.active), only=["id"])}
    for row in await _rows(store, Access, only=["account_id", "person_id", "state"]):
        where = {AccessState.GRANTED: granted, AccessState.SUSPENDED: suspended}.get(row.state)
        if where is not None and row.person_id in active:
            where[row.account_id].add(row.person_id)
    offices = defaultdict[tuple[str, int | None], set[int]](set)
    for row in await _rows(store, Role, only=["kind", "person_id", "school_id", "starts_on", "ends_on"]):
        if (
            row.person_id in active
            and row.starts_on <= today
            and (row.ends_on is None or row.ends_on >= today)
        ):
            offices[row.kind, row.school_id].add(row.person_id)
    found = []
    keeping = ["id", "level", "school_id", "custodian_is_administrator", "vault_reference"]
    for row in await _rows(store, Account, col(Account.state) == AccountState.LIVE, only=keeping):
        if granted[row.id]:
            continue
        held = row.custodian_is_administrator or row.vault_reference
        keepers: set[int] = set()
        for control in policy.applying(Custody, level=row.level):
            at_school = policy.office(control.office).at == "school"
            keepers |= offices[control.office, row.school_id if at_school else None]
        if not (held and keepers - suspended[row.id]):
            found.append(Broken("nobody reaches it", f"account {row.id}, {row.level}"))
    return found


#: The act that ends an item which an office may do, and its form for that item and person.
SETTLED_BY: Mapping[ItemKind, tuple[Any, Any]] = {
    ItemKind.DECIDE_REQUEST: (
        record_decision,
        lambda item, who: DecisionForm(
            actor=who, request=item.subject_id, verdict=Verdict.DECLINE, reason="No."
        ),
    ),
    ItemKind.TAKE_HOLD: (
        take_hold,
        lambda item, who: HoldForm(actor=who, account=item.subject_id, vault_reference="vault/x"),
    ),
    ItemKind.DECIDE_REINSTATEMENT: (
        reinstate_account,
        lambda item, who: ReinstatementForm(actor=who, account=item.subject_id, reason="It is mended."),
    ),
    ItemKind.ROTATE_CREDENTIALS: (
        record_rotation,
        lambda item, who: RotationForm(actor=who, account=item.subject_id, evidence="vault/x"),
    ),
    ItemKind.REVIEW_ADMINISTRATORS: (
        record_review,
        lambda item, who: ReviewForm(actor=who, account=item.subject_id),
    ),
    ItemKind.CREATE_ACCOUNT: (
        report_account,
        lambda item, who: ReportForm(
            actor=who, account=item.subject_id, address="https://x.example.org/a", platform_id="1"
        ),
    ),
    ItemKind.SETTLE_MOVE: (
        close_account,
        lambda item, who: ClosingForm(actor=who, account=item.subject_id, reason="It is not needed."),
    ),
    ItemKind.NAME_SUCCESSOR: (
        add_administrator,
        lambda item, who: NamingForm(actor=who, account=item.subject_id, person=who),
    ),
    ItemKind.SETTLE_PAGE: (
        shut_page,
        lambda item, who: PageShutForm(actor=who, page=item.subject_id, reason="It is shut."),
    ),
    ItemKind.CONFIRM_LIST: (
        confirm_list,
        lambda item, who: SchoolListForm(actor=who, school=str(item.subject_id)),
    ),
    ItemKind.ANSWER_PUBLIC: (
        answer_enquiry,
        lambda item, who: AnswerForm(
            actor=who, enquiry=int(item.key.partition("/")[0].partition(":")[2]), how="directly"
        ),
    ),
    ItemKind.CORRECT: (
        correct_misleading,
        lambda item, who: CorrectedForm(actor=who, correction=item.subject_id, outcome="It is right."),
    ),
    ItemKind.SEE_CONTACT: (
        show_contact,
        lambda item, who: ContactLookForm(actor=who, report=item.subject_id),
    ),
    ItemKind.ANSWER_BRAKE: (
        release,
        lambda item, who: ReleaseBrakeForm(actor=who, brake=item.subject_id, reason="It is right."),
    ),
    ItemKind.LOOK_AGAIN: (
        check_in,
        lambda item, who: CheckInForm(actor=who, accounts=(item.subject_id,)),
    ),
    ItemKind.MEND_MAILBOX: (release_parked, lambda _item, who: ReleaseForm(actor=who, everything=True)),
    ItemKind.DECIDE_REPORT: (
        dismiss_report,
        lambda item, who: DismissalForm(actor=who, incident=item.subject_id, reason="It was not so."),
    ),
    ItemKind.DECIDE_LEAVE: (
        decide_leave,
        lambda item, who: LeaveDecisionForm(
            actor=who, leave=item.subject_id, verdict=LeaveVerdict.REFUSE, reason="No."
        ),
    ),
    ItemKind.SETTLE_ROW: (
        settle_row,
        lambda item, who: SettlementForm(actor=who, row=item.subject_id, person=who),
    ),
}


async def asked_who_may_not(
    store: Store, policy: Policy, now: datetime, able: set[tuple[int, int]] | None = None
) -> list[Broken]:
    """Open items asked of somebody who is not here, or whom the act that ends it would refuse.

    Who is `able` is not tried again; who was not refused is added.
    """
    able = set() if able is None else able
    calendar = Calendar(policy)
    today = calendar.today(now)
    people = await _rows(store, Person, col(Person.active), only=["id", "email"])
    email = {row.id: row.email for row in people}
    found = []
    items = await _rows(store, ActionItem, col(ActionItem.state) == ItemState.OPEN)
    async with store.read() as session:
        facts = await pending_items(session, [row.id for row in items], policy, today, {})
        for row, item in zip(sorted(items, key=lambda one: one.id), facts, strict=True):
            climbed = [
                of
                for of, climb in zip(item.ladder, policy.terms(row.kind).climbs, strict=True)
                if of and climb.to == item.climbed_to
            ]
            asked = {*item.asked, *(person for office in climbed for person in office)}
            gone = item.kind in PERSONAL and row.person_id not in email
            if gone and calendar.is_school_day(today):  # on others nobody is asked anything
                found.append(Broken("asked who may not", f"item {row.id}, {row.kind}: not here"))
            settles = SETTLED_BY.get(row.kind)
            if settles is None:
                continue
            act, form = settles
            for person in sorted(asked):
                if (row.id, person) in able:
                    continue
                context = ActContext(session, policy, calendar, Actor(person, Via.COMMAND), now)
                try:
                    may = await act.who.test(context, form(row, email.get(person, "")))
                except NotAllowed:
                    may = None
                if may is None:
                    found.append(Broken("asked who may not", f"item {row.id}, {row.kind}: person {person}"))
                else:
                    able.add((row.id, person))
    return found


async def asked_when_done(store: Store, since: datetime | None = None) -> list[Broken]:
    """Asking letters that left after everything that they asked for had ended."""
    asking = {name for name, kind in KINDS.items() if kind.asks is not None or "ask" in kind.model_fields}
    asking -= {AccessSuspended.kind}  # news: it leaves, and leaves out what is done
    asking -= {name for name, kind in KINDS.items() if issubclass(kind, OfFindings)}  # stale by its findings
    where = [col(Notice.state) == NoticeState.SENT, col(Notice.kind).in_(asking)]
    if since is not None:
        where.append(col(Notice.sent_at) >= since)
    notices = await _rows(store, Notice, *where)
    if not notices:
        return []
    ended = defaultdict[tuple[Any, ...], list[datetime | None]](list)
    for row in await _rows(store, ActionItem, only=["kind", "subject_kind", "subject_id", "ended_at"]):
        ended[row.kind, row.subject_kind, row.subject_id].append(row.ended_at)
    accesses = {row.id: row.person_id for row in await _rows(store, Access, only=["id", "person_id"])}
    found = []
    for row in notices:
        kind = KINDS[row.kind].asks or row.facts.get("ask")
        about = read(row).asks_about(row)
        if row.subject_kind == SubjectKind.ACCESS:
            about.add((SubjectKind.PERSON, accesses[row.subject_id]))
        ends = [end for one in about for end in ended[(kind, *one)]]
        if ends and all(end is not None and end < row.sent_at for end in ends):
            found.append(Broken("asked when done", f"notice {row.id}, {row.kind}: {kind}"))
    return found


def counted(found: Iterable[Broken]) -> dict[str, int]:
    """How many of each promise, for a report."""
    counts = defaultdict[str, int](int)
    for one in found:
        counts[one.promise] += 1
    return dict(counts)
