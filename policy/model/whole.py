"""The whole policy, and how its parts are looked up."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from policy.calendar import Calendar
from policy.controls import Control, Mode, Rule, Sanction, SanctionOf
from policy.controls.sanction import Suspending
from policy.model.clauses import Clause, Law
from policy.model.lists import Checklist, Course, Custody, Ground, Notice, Text, Tool
from policy.model.modes import SetMode, counting
from policy.model.pages import Pages
from policy.model.process import (
    ANSWER_TERMS,
    MAILBOX_TERMS,
    Advice,
    Changes,
    ItemTerms,
    Mail,
    Night,
    Retention,
    Roster,
    Secrets,
    terms_of_before,
)
from policy.organization import DayOff, Duties, Level, Office, Organization, Platform, WorkingHours
from policy.parts import Part, Version, Words
from policy.zones import zone
from schemas.language import t
from schemas.words import CustodyMode, ItemKind

Kind = TypeVar("Kind", bound=Control)
Made = TypeVar("Made")


class Document(Part):
    """Which text this is. `version` is kept with what people acknowledge or decide under it."""

    id: Words
    title: Words
    version: Version


class Policy(Part):
    """A policy with every figure in it. Read by `policy.model.load`; frozen, and equal by value.

    The code never names a clause. It looks up controls, by their kind and the level of account, or by the
    name that a finding, an item or an audit entry carries; the clause is looked up when a person reads.
    """

    document: Document = Field(alias="policy")
    organization: Organization
    working_hours: WorkingHours
    days_off: tuple[DayOff, ...] = ()
    offices: tuple[Office, ...] = Field(min_length=1)
    duties: Duties
    levels: tuple[Level, ...] = Field(min_length=1)
    platforms: tuple[Platform, ...] = Field(min_length=1)
    texts: tuple[Text, ...] = ()
    courses: tuple[Course, ...] = ()
    tools: tuple[Tool, ...] = ()
    grounds: tuple[Ground, ...] = ()
    custody: tuple[Custody, ...] = Field(min_length=1)
    checklists: tuple[Checklist, ...] = ()
    notices: tuple[Notice, ...] = ()
    items: tuple[ItemTerms, ...]
    pages: Pages
    mail: Mail
    roster: Roster
    night: Night = Night()
    advice: Advice = Advice()
    retention: Retention | None = None
    changes: Changes
    secrets: Secrets
    laws: tuple[Law, ...] = ()
    clauses: tuple[Clause, ...] = Field(min_length=1)

    _filed: Self | None = PrivateAttr(None)
    _set: tuple[SetMode, ...] = PrivateAttr(())

    def __repr__(self) -> str:
        return f"Policy({self.document.id!r}, version {self.document.version!r})"  # whole, it fills a screen

    def model_copy(self, **options: Any) -> Self:
        """As pydantic's; what was looked up before is looked up anew in the copy."""
        copied = super().model_copy(**options)
        for name in ("zone", "calendar", "controls", "suspending", "by_name", "by_item", "made"):
            copied.__dict__.pop(name, None)
        return copied

    def changed(self, name: str, **parameters: Any) -> Self:
        """The same policy with other parameters of one control. Raises KeyError for an unknown name."""
        return self.replaced(self.control(name).model_copy(update=parameters))

    @property
    def as_filed(self) -> Self:
        """The same policy as its file has it, without the modes that people set."""
        return self if self._filed is None else self._filed

    @property
    def set_modes(self) -> tuple[SetMode, ...]:
        """The modes that people set and that stand, those of days to come too."""
        return self._set

    def with_modes(self, modes: Iterable[SetMode], today: date) -> Self:
        """The file's policy with the modes that people set, as they count on a day of the division's zone."""
        filed, kept = self.as_filed, tuple(modes)
        if not kept:
            return filed
        laid, counts = filed, counting(kept, today)
        for one in filed.controls:
            if one.name in counts and not one.is_off:
                laid = laid.replaced(one.set_to(counts[one.name].mode, counts[one.name].from_on))
        laid = laid.model_copy()
        laid._filed, laid._set = filed, kept  # noqa: SLF001 - of its own class
        return laid

    def replaced(self, new: Control) -> Self:
        """The same policy with another control in the place of the one of that name."""
        old, home = self.by_name[new.name]
        controls = tuple(new if one is old else one for one in home.controls)
        clause = home.model_copy(update={"controls": controls})
        clauses = tuple(clause if one is home else one for one in self.clauses)
        return self.model_copy(update={"clauses": clauses})

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organization's time zone, from the tzdata package."""
        return zone(self.organization.zone)

    @cached_property
    def calendar(self) -> Calendar:
        """Its days and hours."""
        return Calendar(self)

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """Every control, in the order of the clauses; those that are off too."""
        return tuple(control for clause in self.clauses for control in clause.controls)

    def control(self, name: str) -> Control:
        """The control of that name. Raises KeyError where the policy has none."""
        return self.by_name[name][0]

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Every control of a kind that is not off, in the order of the clauses."""
        return self.once(
            ("of", kind),
            lambda: tuple(one for one in self.controls if isinstance(one, kind) and not one.is_off),
        )

    def applying(self, kind: type[Kind], *, level: str) -> tuple[Kind, ...]:
        """The controls of a kind that speak of accounts of this level and are not off."""
        return self.once(
            ("applying", kind, level),
            lambda: tuple(one for one in self.of(kind) if self.speaks_of(one, level)),
        )

    def first(self, kind: type[Kind], *, level: str | None = None) -> Kind | None:
        """The first control of a kind, that speaks of this level; None where there is none."""
        found = self.of(kind) if level is None else self.applying(kind, level=level)
        return next(iter(found), None)

    def the(self, kind: type[Kind]) -> Kind:
        """The first control of a kind. Raises KeyError where the policy has none."""
        found = self.first(kind)
        if found is None:
            raise KeyError(f"the policy has no control {kind.__name__}")
        return found

    def rules(self) -> tuple[Rule, ...]:
        """The controls that the nightly sweep holds live accounts to, in the order of the clauses."""
        return tuple(one for one in self.of(Rule) if one.runs)

    def rule(self, name: str) -> Rule:
        """A control that the sweep runs, by its name. Raises KeyError for any other."""
        for one in self.rules():
            if one.name == name:
                return one
        raise KeyError(f"no control {name!r} finds anything")

    @cached_property
    def suspending(self) -> Suspending | None:
        """The control that suspends; None where there is none, as while it only observes."""
        found = self.first(Suspending)
        return found if found is not None and found.mode is Mode.ENFORCE else None

    def sanction_of(self, name: str) -> Sanction | None:
        """What a finding of a control leads to; None where to nothing, as while it only observes.

        Without a control that suspends, nothing leads to a suspension.
        """
        if name not in self.by_name or self.suspending is None:
            return None
        control = self.control(name)
        return getattr(control, "then", None) if control.mode is Mode.ENFORCE else None

    def sanctioned(self, what: SanctionOf) -> tuple[str, ...]:
        """The names of the controls whose findings lead to the suspension of this."""

        def find() -> tuple[str, ...]:
            found = ((one.name, self.sanction_of(one.name)) for one in self.controls)
            return tuple(name for name, sanction in found if sanction and sanction.suspend is what)

        return self.once(("sanctioned", what), find)

    def never_suspended(self) -> tuple[str, ...]:
        """The platforms whose accounts no finding suspends."""
        return tuple(one.name for one in self.platforms if one.never_suspended)

    def speaks_of(self, control: Control, level: str) -> bool:
        """Whether a control speaks of accounts of this level; of people's own only where it names it."""
        if control.levels is not None:
            return level in control.levels
        return self.level(level).at != "person"

    def levels_of(self, control: Control) -> tuple[str, ...]:
        """The ids of the levels that a control speaks of."""
        return tuple(level.id for level in self.levels if self.speaks_of(control, level.id))

    def clause_of(self, name: str) -> Clause:
        """The clause under which a control stands. Raises KeyError where the policy has no such control."""
        return self.by_name[name][1]

    def cited(self, name: str) -> str:
        """The number of a control's clause in brackets after a space, for the end of a sentence."""
        clause = self.number_of(name)
        return f" ({clause})" if clause else ""

    def name_of(self, kind: type[Control], *, level: str | None = None) -> str:
        """The name of the first control of a kind, that speaks of this level; empty where there is none."""
        found = self.of(kind) if level is None else self.applying(kind, level=level)
        return next((one.name for one in found), "")

    def why(self, name: str) -> str:
        """The clause of a control as people read it: the policy, the clause's number and its title.

        Only the policy's own name for a control that it does not have, or not any more.
        """
        clause = self.number_of(name)
        if not clause:
            return self.document.id
        return t(
            "{policy}, clause {clause}: {title}",
            policy=self.document.id,
            clause=clause,
            title=self.title_of(name),
        )

    def number_of(self, name: str) -> str:
        """The id of a control's clause; empty where the policy has no such control."""
        return self.by_name[name][1].id if name in self.by_name else ""

    def title_of(self, name: str) -> str:
        """The title of a control's clause; the control's own name where the policy does not have it."""
        return self.by_name[name][1].title if name in self.by_name else name

    def asks_of(self, name: str) -> str:
        """What a control's clause asks; empty where the policy has no such control."""
        return (self.by_name[name][1].asks or "") if name in self.by_name else ""

    def office(self, office: str) -> Office:
        """An office by its id. Raises KeyError for another."""
        return _named("office", self.offices, office)

    def level(self, level: str) -> Level:
        """A level by its id. Raises KeyError for another."""
        return _named("level", self.levels, level)

    def platform(self, platform: str) -> Platform:
        """A platform by its name. Raises KeyError for another."""
        for one in self.platforms:
            if one.name == platform:
                return one
        raise KeyError(f"the policy has no platform {platform!r}")

    def says_account(self, platform: str, handle: str) -> str:
        """An account as people call it, on a platform that this policy may have no more."""
        known = next((one for one in self.platforms if one.name == platform), None)
        return (
            known.says(handle)
            if known
            else t("{handle} on {platform}", handle=handle.strip(), platform=platform)
        )

    def text(self, text: str) -> Text:
        """A text by its id. Raises KeyError for another."""
        return _named("text", self.texts, text)

    def ground(self, ground: str) -> Ground:
        """A ground to take something down by its id. Raises KeyError for another."""
        return _named("ground", self.grounds, ground)

    def course_by_id(self, course: str) -> Course:
        """A course by its id. Raises KeyError for another."""
        return _named("course", self.courses, course)

    def notice_by_id(self, notice: str) -> Notice:
        """A notice by its id. Raises KeyError for another."""
        return _named("notice", self.notices, notice)

    def label(self, id: str) -> str:  # noqa: A002 - it is one
        """What people read for an office or a level; any other id is its own label."""
        labels = {one.id: one.label for one in self.offices} | {one.id: one.label for one in self.levels}
        return labels.get(id, id)

    def checklist(self, platform: str) -> Checklist:
        """The current privacy checklist of a platform. Raises KeyError where it has none."""
        for one in self.checklists:
            if one.platform == platform:
                return one
        raise KeyError(f"the policy has no checklist for {platform!r}")

    def terms(self, kind: ItemKind) -> ItemTerms:
        """How long one kind of action item may take, and what happens when it does not end.

        The reminders of what a control asks for at a due day of its own are the control's, after the first of
        them, which asks. A kind that no control of the file asks for may have none there: what an earlier
        policy asked for is then reminded of, and climbs nowhere, until its own lifecycle ends it.
        """
        return self.by_item.get(kind) or terms_of_before(kind)

    def custody_terms(self, mode: CustodyMode) -> Custody:
        """What a custody mode needs."""
        return next(custody for custody in self.custody if custody.mode is mode)

    def once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """What follows from the policy alone, made at the first time: a sweep asks it for each access."""
        if key not in self.made:
            self.made[key] = make()
        made: Made = self.made[key]
        return made

    # these have public names since pydantic looks up a private one slowly, each time anew

    @cached_property
    def made(self) -> dict[tuple[Any, ...], Any]:
        """What `once` has made, by its key."""
        return {}

    @cached_property
    def by_name(self) -> dict[str, tuple[Control, Clause]]:
        """Each control with its clause, by the control's name."""
        return {control.name: (control, clause) for clause in self.clauses for control in clause.controls}

    @cached_property
    def by_item(self) -> dict[ItemKind, ItemTerms]:
        """The terms of each kind of item; what `terms` reads."""
        found = {terms.kind: terms for terms in (ANSWER_TERMS, MAILBOX_TERMS, *self.items)}
        for control in self.of(Control):
            for kind, days in control.reminders():
                found[kind] = found[kind].model_copy(update={"reminders_days_before": days[1:]})
        return found


Entry = TypeVar("Entry", Office, Level, Text, Course, Notice, Ground)


def _named(what: str, entries: tuple[Entry, ...], wanted: str) -> Entry:
    """The entry with this id."""
    for entry in entries:
        if entry.id == wanted:
            return entry
    raise KeyError(f"the policy has no {what} {wanted!r}")
