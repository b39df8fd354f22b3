"""What every notice is made of: its class, what it may look up, and what its template is given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import ValidationError

from policy.calendar import Calendar
from policy.controls import Control
from policy.model import Policy
from schemas.accounts import Access, Account, AccountChange, AccountRequest, Decision
from schemas.brakes import Brake
from schemas.contacts import ContactReport
from schemas.errors import BadInput
from schemas.evidence import PageCheck
from schemas.facts import SameHandle
from schemas.findings import Finding, Suspension
from schemas.incidents import Incident
from schemas.inventory import UnapprovedPage
from schemas.leave import Leave
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeFacts
from schemas.outcome import RoleAt
from schemas.people import Absence, Designation, Person, Role, School
from schemas.public import Correction, Enquiry
from schemas.words import ItemKind, ItemState, SubjectKind


@dataclass
class Rows:
    """The rows that a batch of notices names, by id. A request's decision is under (request, revision)."""

    people: dict[int, Person] = field(default_factory=dict)
    merged: dict[int, str] = field(default_factory=dict)  # of records that were merged: where they read
    schools: dict[int, School] = field(default_factory=dict)
    requests: dict[int, AccountRequest] = field(default_factory=dict)
    decisions: dict[tuple[int, int], Decision] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    accesses: dict[int, Access] = field(default_factory=dict)
    items: dict[int, ActionItem] = field(default_factory=dict)
    checks: dict[int, PageCheck] = field(default_factory=dict)
    latest_check: dict[int, PageCheck] = field(default_factory=dict)  # by account
    findings: dict[int, Finding] = field(default_factory=dict)
    page_faults: set[int] = field(default_factory=set)  # accounts whose page was seen without the notice
    profile_faults: set[int] = field(default_factory=set)  # accounts whose profile was seen without its owner
    suspensions: dict[int, Suspension] = field(default_factory=dict)
    unheard: set[int] = field(default_factory=set)  # notices of an end: no beginning was read
    needless: set[tuple[int, int]] = field(default_factory=set)  # people, and suspensions: their end
    changes: dict[int, AccountChange] = field(default_factory=dict)
    changed_since: set[int] = field(default_factory=set)  # of those changes: the same was decided anew
    changed_to: dict[int, str] = field(default_factory=dict)  # of these: what it was until the next one
    brakes: dict[int, Brake] = field(default_factory=dict)
    enquiries: dict[int, Enquiry] = field(default_factory=dict)
    leaves: dict[int, Leave] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    corrections: dict[int, Correction] = field(default_factory=dict)
    contacts: dict[int, ContactReport] = field(default_factory=dict)
    pages: dict[int, UnapprovedPage] = field(default_factory=dict)  # that nobody approved
    absences: list[Absence] = field(default_factory=list)  # named, or of whom `hangs_on_terms` speaks
    offices: list[Role | Designation] = field(default_factory=list)  # the same
    asked: list[ActionItem] = field(default_factory=list)  # what the kinds that name an item ask for
    held: dict[RoleAt, frozenset[int]] = field(default_factory=dict)  # who acts for the offices of these
    same: dict[int, SameHandle] = field(default_factory=dict)  # who else has the handle of a request
    calendar: Calendar | None = None  # the policy's, once a letter has counted days by it


@dataclass(frozen=True)
class NoticeContext:
    """One notice of the outbox, and everything that it may look up."""

    notice: Notice
    rows: Rows
    policy: Policy
    now: datetime

    @property
    def subject_id(self) -> int:
        """The number of what the notice is about."""
        return self.notice.subject_id

    @property
    def recipient(self) -> Person:
        """Who reads it. Raises LookupError, as the others here, where the row is not there."""
        return self.rows.people[self.notice.person_id]

    @property
    def address(self) -> str:
        """Where they read it: a letter about a changed address goes to the former one too."""
        return (
            self.notice.facts.get("goes_to")
            or self.rows.merged.get(self.notice.person_id)
            or self.recipient.email
        )

    @property
    def reaches(self) -> bool:
        """Whether it reaches anybody: who has left reads nothing, but for a letter that has their address."""
        return (
            bool(self.notice.facts.get("goes_to"))
            or self.recipient.active
            or self.notice.person_id in self.rows.merged
        )

    @property
    def request(self) -> AccountRequest:
        """The request that it is about."""
        return self.rows.requests[self.subject_id]

    @property
    def access(self) -> Access:
        """The access that it is about."""
        return self.rows.accesses[self.subject_id]

    @property
    def leave(self) -> Leave:
        """The leave that it is about."""
        return self.rows.leaves[self.subject_id]

    @property
    def account(self) -> Account:
        """The account that it is about, or whose access it is about."""
        of_access = self.notice.subject_kind is SubjectKind.ACCESS
        return self.rows.accounts[self.access.account_id if of_access else self.subject_id]

    def why(self, control: str) -> str:
        """The clause of a control as people read it."""
        return self.policy.why(control)

    def why_of(self, kind: type[Control], level: str) -> str:
        """The clause of the control of a kind that speaks of a level; empty where there is none."""
        name = self.policy.name_of(kind, level=level)
        return self.policy.why(name) if name else ""

    def why_first(self, kind: type[Control]) -> str:
        """The clause of the first control of a kind; empty where the policy has none."""
        first = self.policy.first(kind)
        return self.policy.why(first.name) if first else ""

    def day_of(self, moment: datetime) -> date:
        """The day of the division's zone, in which every day is meant."""
        return moment.astimezone(self.policy.zone).date()

    def today(self) -> date:
        """The day on which it is written."""
        return self.day_of(self.now)

    @property
    def calendar(self) -> Calendar:
        """The policy's calendar: one for all letters of a batch, since it remembers the days it was asked."""
        if self.rows.calendar is None:
            self.rows.calendar = Calendar(self.policy)
        return self.rows.calendar


@dataclass(frozen=True)
class Action:
    """One click: a mail to Communications that is already written but for what only the person knows."""

    label: str
    subject: str
    body: str


@dataclass(frozen=True)
class Due:
    """What is due, as a calendar shows it. The same thing asked again has the same `key`."""

    key: str
    title: str
    on: date


@dataclass(frozen=True)
class View:
    """One notice, ready for its template. `words` is what its own template names.

    `why`: the clause that asks for it, as people read it; empty where the policy has none.
    """

    why: str
    due: Due | None = None
    cancelled: Due | None = None  # what is to leave the calendar
    actions: tuple[Action, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)


def due(ask: ItemKind, kind: SubjectKind, subject_id: int, title: str, on: date) -> Due:
    """Something due. Its key is the same for the first notice, the reminders and the escalation of it."""
    return Due(f"{ask}/{kind}:{subject_id}".replace(" ", "-"), title, on)


class NoticeKind(NoticeFacts):
    """The root of every notice. A subclass is one kind: its fields are its facts, its template has its name.

    `asks`: the kind of action item that it asks for; once those about its subject have ended, it is stale.
    `root=True` is for a class that several kinds share. To rename a kind's class is to rename what outboxes
    hold: it needs a migration.
    """

    asks: ClassVar[ItemKind | None] = None
    #: Whether what it asks of a person may hang on the person, and not on its own subject: the course.
    asks_the_person: ClassVar[bool] = False

    #: Whether it tells what happened: then it leaves even if all that it asks for is done.
    is_news: ClassVar[bool] = False

    #: Whether it also goes to the address of a record that was merged into another one.
    reaches_merged: ClassVar[bool] = False

    #: Whether no limit of letters a day puts it off, nor a digest has it: it names an hour by which its
    #: reader must answer, or goes to an address of its own.
    leaves_alone: ClassVar[bool] = False

    #: Whether it ends what its reader was told: it waits for somebody whom a roster has lost for some days.
    ends_what_was_told: ClassVar[bool] = False

    #: Whether several that wait for one reader at one moment, and say the same of different subjects, are
    #: one letter with a list.
    listed: ClassVar[bool] = False

    #: What a preview says in place of its reader's name; empty where the name may be shown to who acts.
    reader_unnamed: ClassVar[str] = ""

    #: Whether it hangs on how long a person is away, or holds an office or a designation.
    hangs_on_terms: ClassVar[bool] = False

    def __init_subclass__(cls, *, root: bool = False, **more: Any) -> None:
        """Register it: nothing else has to name a kind."""
        super().__init_subclass__(**more)
        if root:
            return
        cls.kind = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        if cls.kind in KINDS:
            raise RuntimeError(f"two classes are the notice {cls.kind}")
        KINDS[cls.kind] = cls

    def wanted(self) -> tuple[ItemKind, ...]:
        """The kinds of item that this notice asks for: what its class `asks`, unless it says otherwise."""
        return () if self.asks is None else (self.asks,)

    def asks_about(self, notice: Notice) -> set[tuple[SubjectKind, int]]:
        """What the items that it asks for are about: its subject, unless it says otherwise."""
        own = {(notice.subject_kind, notice.subject_id)}
        return own | {(SubjectKind.PERSON, notice.person_id)} if self.asks_the_person else own

    def still_wanted(self, context: NoticeContext) -> tuple[ItemKind, ...]:
        """Those of them that are not done or dropped since: what the letter may still name.

        An item that is open with another last day is asked for by another letter: two would name two days.
        """
        return tuple(kind for kind in self.wanted() if self._stands(kind, context))

    def _stands(self, kind: ItemKind, context: NoticeContext) -> bool:
        reader, subjects = context.notice.person_id, self.asks_about(context.notice)
        about = [
            item
            for item in context.rows.asked
            if item.kind is kind and (item.subject_kind, item.subject_id) in subjects
        ]
        theirs = [item for item in about if item.person_id == reader] or about
        if not theirs:
            return True
        day = None if self.asks_the_person else getattr(self, "due_on", None)
        return any(item.state is ItemState.OPEN and day in {None, item.due_on} for item in theirs)

    def stale(self, context: NoticeContext) -> str | None:
        """A code for why it need not leave any more; None where it must.

        Asked before it leaves. What asks for something is dropped once its cause is gone: somebody who has
        decided must not be asked to decide. News of a state is dropped once the state is another one.
        """
        if self.is_news:
            return None
        return "item ended" if self.wanted() and not self.still_wanted(context) else None

    def line(self, context: NoticeContext) -> str:  # noqa: ARG002 - those that are `listed` ask
        """What a list says of this one; empty where it has a letter of its own, as one's own has."""
        return ""

    def page(self, context: NoticeContext) -> str:  # noqa: ARG002 - those that have one ask
        """The path of the page where what it speaks of is done, where no step leads there; else empty."""
        return ""

    def view(self, context: NoticeContext) -> View:
        """What its template is given. Raises LookupError where a row that it needs is not there."""
        raise NotImplementedError


#: Every kind, by the name under which the outbox holds it.
KINDS: dict[str, type[NoticeKind]] = {}


def read(row: Notice) -> NoticeKind:
    """The notice of an outbox row. Raises BadInput where there is no such kind or its facts don't fit."""
    kind = KINDS.get(row.kind)
    if kind is None:
        raise BadInput(f"There is no notice {row.kind}: its class is gone from policy/notices.")
    try:
        return kind.model_validate(row.facts)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        )
        raise BadInput(f"A notice {row.kind} needs other facts: {wrong}.") from None
