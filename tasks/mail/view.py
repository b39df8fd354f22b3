"""What a template is given: a view of one notice. Each kind of notice has one function that makes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from policy.model import Policy
from schemas.errors import MailRefused
from schemas.machinery import Notice
from schemas.notice_facts import Facts, check
from schemas.notices import NoticeKind
from schemas.people import Person
from schemas.words import ItemKind, SubjectKind
from tasks.mail.facts import Known

F = TypeVar("F", bound=Facts)


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
    """One notice, ready for its template. `clause` is why; `words` is what its own template names."""

    clause: str
    due: Due | None = None
    actions: tuple[Action, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A notice with its typed facts, and everything that it may look up."""

    notice: Notice
    facts: Facts
    known: Known
    policy: Policy
    now: datetime

    @property
    def recipient(self) -> Person:
        """Who reads it."""
        return self.known.people[self.notice.person_id]

    def given(self, model: type[F]) -> F:
        """The facts as the model of this kind."""
        if not isinstance(self.facts, model):
            raise TypeError(f"a notice {self.notice.kind} has other facts than {model.__name__}")
        return self.facts

    @property
    def zone(self) -> ZoneInfo:
        """The division's time zone, in which every day is meant."""
        return self.policy.zone

    def today(self) -> date:
        """The day of the division's zone."""
        return self.now.astimezone(self.zone).date()


def case_of(notice: Notice, known: Known, policy: Policy, now: datetime) -> Case:
    """The notice with its facts checked. Raises MailRefused where its row holds facts of another kind."""
    facts = check(notice.kind, notice.subject_kind, notice.facts)
    if notice.person_id not in known.people:
        raise MailRefused("The notice is to a person who is not in the store.")
    return Case(notice, facts, known, policy, now)


def due(ask: ItemKind, kind: SubjectKind, subject_id: int, title: str, on: date) -> Due:
    """Something due. Its key is the same for the first notice, the reminders and the escalation of it."""
    return Due(f"{ask}/{kind}:{subject_id}".replace(" ", "-"), title, on)


Maker = Callable[[Case], View]
VIEWS: dict[NoticeKind, Maker] = {}


def view_of(*kinds: NoticeKind) -> Callable[[Maker], Maker]:
    """Register the function that makes the view of these kinds. One function for each, or it is a defect."""

    def register(maker: Maker) -> Maker:
        for kind in kinds:
            if kind in VIEWS:
                raise RuntimeError(f"two functions make the notice {kind}")
            VIEWS[kind] = maker
        return maker

    return register
