"""The whole policy, and what must fit between its parts."""

from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from policy.clause_ids import CLAUSE_IDS, HEADS, in_order
from policy.model.base import Count, Part, Version, Words, doubled
from policy.model.clauses import Clause, Head, Law
from policy.model.division import (
    Administrators,
    Custodians,
    DayOff,
    Deciders,
    DefaultDeputy,
    Division,
    Office,
    WorkingHours,
)
from policy.model.gates import (
    AcceptanceText,
    Checklist,
    Course,
    Custody,
    GuidelineText,
    Requests,
    Tool,
)
from policy.model.pages import Pages
from policy.model.process import (
    ItemTerms,
    Mail,
    Monitoring,
    PersonalAccounts,
    ResponseTime,
    Roster,
    Rotation,
    Secrets,
    Standing,
)
from policy.model.suspending import Suspensions
from policy.notice_text import NoticeText
from policy.zones import zone
from schemas.words import (
    ChannelKind,
    CustodyMode,
    Guideline,
    ItemKind,
    Level,
    Platform,
    ProvidedTool,
    RoleKind,
)

#: What is asked, and reminded of, as [rotation] says.
_ROTATION = (ItemKind.ROTATE_CREDENTIALS, ItemKind.REVIEW_ADMINISTRATORS)


class Document(Part):
    """Which text this is. `version` is noted with what people acknowledge or decide under it."""

    id: Words
    title: Words
    version: Version


class Privacy(Part):
    """How often privacy settings are attested anew (7)."""

    attest_every_days: Count


class Policy(Part):
    """AP 151 with every number in it. Read by `policy.model.load`; frozen, and equal by value."""

    document: Document
    division: Division
    working_hours: WorkingHours
    days_off: tuple[DayOff, ...]
    course: Course
    guidelines: tuple[GuidelineText, ...]
    acceptance: AcceptanceText
    requests: Requests
    provided_tools: tuple[Tool, ...]
    deciders: Deciders
    administrators: Administrators
    custodians: Custodians
    deputies: tuple[DefaultDeputy, ...] = ()
    custody: tuple[Custody, ...]
    privacy: Privacy
    checklists: tuple[Checklist, ...]
    items: tuple[ItemTerms, ...]
    notice: NoticeText
    pages: Pages
    standing: Standing
    rotation: Rotation
    monitoring: Monitoring
    suspension: Suspensions
    response_times: tuple[ResponseTime, ...]
    mail: Mail
    roster: Roster
    secrets: Secrets
    personal: PersonalAccounts
    laws: tuple[Law, ...]
    heads: tuple[Head, ...]
    clauses: tuple[Clause, ...] = Field(min_length=1)

    @field_validator("days_off")
    @classmethod
    def _in_order(cls, value: tuple[DayOff, ...]) -> tuple[DayOff, ...]:
        for before, after in pairwise(value):
            if after.first <= before.last:
                raise ValueError(f"{after.name} begins before {before.name} is over: list them in order")
        return value

    @field_validator("guidelines")
    @classmethod
    def _every_channel_has_one(cls, value: tuple[GuidelineText, ...]) -> tuple[GuidelineText, ...]:
        _once_each("guideline", tuple(text.guideline for text in value), tuple(Guideline))
        for channel in ChannelKind:
            if not any(channel in text.fits for text in value):
                raise ValueError(f"no guideline fits a {channel} (5.3)")
        return value

    @field_validator("provided_tools")
    @classmethod
    def _every_tool(cls, value: tuple[Tool, ...]) -> tuple[Tool, ...]:
        _once_each("tool", tuple(tool.tool for tool in value), tuple(ProvidedTool))
        return value

    @field_validator("custody")
    @classmethod
    def _every_mode(cls, value: tuple[Custody, ...]) -> tuple[Custody, ...]:
        _once_each("custody mode", tuple(custody.mode for custody in value), tuple(CustodyMode))
        return value

    @field_validator("checklists")
    @classmethod
    def _every_platform(cls, value: tuple[Checklist, ...]) -> tuple[Checklist, ...]:
        _once_each("checklist for", tuple(checklist.platform for checklist in value), tuple(Platform))
        return value

    @field_validator("response_times")
    @classmethod
    def _every_platform_answers(cls, value: tuple[ResponseTime, ...]) -> tuple[ResponseTime, ...]:
        _once_each("response time for", tuple(time.platform for time in value), tuple(Platform))
        return value

    @field_validator("items")
    @classmethod
    def _every_kind(cls, value: tuple[ItemTerms, ...]) -> tuple[ItemTerms, ...]:
        _once_each("action item", tuple(terms.kind for terms in value), tuple(ItemKind))
        for terms in value:
            reminders = terms.reminders_school_days_before or terms.reminders_days_before
            if terms.kind in _ROTATION and reminders:
                raise ValueError(f"the reminders to {terms.kind} stand in [rotation]: take them out here")
        return value

    @field_validator("notice")
    @classmethod
    def _statements_once(cls, value: NoticeText) -> NoticeText:
        if (twice := doubled(tuple(statement.id for statement in value.statements))) is not None:
            raise ValueError(f"the statement {twice} stands here twice")
        for statement in value.statements:
            if not statement.text.strip():
                raise ValueError(f"the statement {statement.id} is empty")
        return value

    @field_validator("heads")
    @classmethod
    def _every_head(cls, value: tuple[Head, ...]) -> tuple[Head, ...]:
        _once_each("head", tuple(head.id for head in value), HEADS)
        return value

    @field_validator("clauses")
    @classmethod
    def _every_clause(cls, value: tuple[Clause, ...]) -> tuple[Clause, ...]:
        ids = tuple(clause.id for clause in value)
        _once_each("clause", ids, CLAUSE_IDS)
        if list(ids) != sorted(ids, key=in_order):
            raise ValueError("the clauses must stand in the policy's own order")
        return value

    def __repr__(self) -> str:
        return f"Policy({self.document.id!r}, version {self.document.version!r})"  # whole, it fills a screen

    @cached_property
    def zone(self) -> ZoneInfo:
        """The division's time zone, from the tzdata package."""
        return zone(self.division.zone)

    def clause(self, clause: str) -> Clause:
        """One clause. Raises KeyError for an id that asks nothing."""
        return self._clauses[clause]

    def title(self, clause: str) -> str:
        """The title of a clause or of a head, for people to read. Raises KeyError for another id."""
        head = next((head for head in self.heads if head.id == clause), None)
        return head.title if head is not None else self._clauses[clause].title

    def guidelines_for(self, channel: ChannelKind) -> tuple[GuidelineText, ...]:
        """The documents that an administrator of such a channel acknowledges (5.3)."""
        return tuple(text for text in self.guidelines if channel in text.fits)

    def checklist(self, platform: Platform) -> Checklist:
        """The current privacy checklist of a platform (7)."""
        return next(checklist for checklist in self.checklists if checklist.platform is platform)

    def terms(self, kind: ItemKind) -> ItemTerms:
        """How long one kind of action item may take, and what happens when it does not end.

        The reminders to change a password, or to review a list of administrators, are those of `rotation`
        after the first, which asks for it (11).
        """
        return self._terms[kind]

    def custody_terms(self, mode: CustodyMode) -> Custody:
        """What a custody mode needs (5.5, 6.2, 11)."""
        return next(custody for custody in self.custody if custody.mode is mode)

    def default_deputies(self, role: RoleKind) -> tuple[Office, ...]:
        """The offices that deputize for an absent holder of a role who names nobody, in their order."""
        return next((one.offices for one in self.deputies if one.role is role), ())

    def response_time(self, platform: Platform) -> timedelta:
        """How long an answer may take, in working hours (12)."""
        hours = next(time for time in self.response_times if time.platform is platform).working_hours
        return timedelta(hours=hours)

    def training_required(self, level: Level, required: bool | None = None) -> bool:
        """Whether an account of this level asks its people for the course (5.2, 6.1).

        `required` is the approver's word for one classroom account; None: as the policy says.
        """
        if level is not Level.CLASSROOM:
            return level is not Level.PERSONAL
        return self.course.required_for_classroom if required is None else required

    @cached_property
    def _terms(self) -> dict[ItemKind, ItemTerms]:
        found = {terms.kind: terms for terms in self.items}
        reminders = {"reminders_days_before": self.rotation.reminders_days_before[1:]}
        return found | {kind: found[kind].model_copy(update=reminders) for kind in _ROTATION}

    @cached_property
    def _clauses(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}


def _once_each(what: str, given: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """Refuse a list that does not have every wanted value exactly once."""
    if (twice := doubled(given)) is not None:
        raise ValueError(f"the {what} {twice} stands here twice")
    if missing := [value for value in wanted if value not in given]:
        raise ValueError(f"the {what} {missing[0]} is missing")
