"""What must fit between the parts of a policy file: ids are unique, and whatever is named is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from policy.controls import Control, OneFor
from policy.controls.application_form import ApplicationForm
from policy.controls.approval import Approval
from policy.controls.attested import Attested
from policy.model.whole import Policy
from schemas.language import half
from schemas.words import CustodyMode, ItemKind

Location = tuple[int | str, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place of the file, as the end of a sentence."""

    where: Location
    said: str


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str:
    """A hint at the word that was probably meant; empty where none is near."""
    near = near_word(word, known)
    return half('; did you mean "{word}"?', word=near) if near else ""


def near_word(word: str, known: tuple[str, ...] | list[str]) -> str:
    """The word that was probably meant; empty where none is near."""
    return next(iter(get_close_matches(word, known, n=1)), "")


def problems(policy: Policy) -> tuple[Problem, ...]:
    """Everything that does not fit, in the order of the file's sections."""
    return (
        *_days_off(policy),
        *_ids(policy),
        *_lists(policy),
        *_duties(policy),
        *_items(policy),
        *_clauses(policy),
    )


def _days_off(policy: Policy) -> Iterator[Problem]:
    for number, (before, after) in enumerate(pairwise(policy.days_off), start=1):
        if after.first <= before.last:
            said = half(f"{after.name} begins before {before.name} is over: list them in order")
            yield Problem(("days_off", number, "first"), said)


def _ids(policy: Policy) -> Iterator[Problem]:
    """Each id stands once in its list; a control's name once in the whole file."""
    for section, key in (
        ("offices", "id"),
        ("levels", "id"),
        ("platforms", "name"),
        ("texts", "id"),
        ("courses", "id"),
        ("tools", "id"),
        ("grounds", "id"),
        ("custody", "mode"),
        ("checklists", "platform"),
        ("notices", "id"),
        ("items", "kind"),
        ("clauses", "id"),
    ):
        seen: set[str] = set()
        for number, entry in enumerate(getattr(policy, section)):
            value = getattr(entry, key)
            if value in seen:
                yield Problem((section, number, key), half(f"{value} stands here twice"))
            seen.add(value)
    names: set[str] = set()
    for where, control in controls_of(policy):
        if control.name in names:
            yield Problem((*where, "as"), half(f"another control has this name: {control.name}"))
        names.add(control.name)


def controls_of(policy: Policy) -> Iterator[tuple[Location, Any]]:
    """Every control with its place in the file, those that are off too."""
    for number, clause in enumerate(policy.clauses):
        for place, control in enumerate(clause.controls):
            yield ("clauses", number, "controls", place), control


#: What a file has lists of.
_CALLED: Mapping[str, str] = {
    "office": half("office"),
    "division office": half("division office"),
    "clause": half("clause"),
    "platform": half("platform"),
    "control": half("control"),
    "level": half("level"),
    "text": half("text"),
    "course": half("course"),
    "notice": half("notice"),
}


def _named(where: Location, what: str, word: str, known: tuple[str, ...]) -> Iterator[Problem]:
    if word not in known:
        hint = nearest(word, known)
        yield Problem(
            where, half("the file has no {what} '{word}'{hint}", what=_CALLED[what], word=word, hint=hint)
        )


def _lists(policy: Policy) -> Iterator[Problem]:
    for where, what, word, known in _references(policy):
        yield from _named(where, what, word, known)
    modes = {one.mode for one in policy.custody}
    for mode in CustodyMode:
        if mode not in modes:
            yield Problem(("custody",), half(f"the custody mode {mode} is missing"))
    if policy.of(Attested):
        there = {one.platform for one in policy.checklists}
        for platform in policy.platforms:
            if platform.name not in there:
                yield Problem(("checklists",), half(f"the checklist for {platform.name} is missing"))


def _references(policy: Policy) -> Iterator[tuple[Location, str, str, tuple[str, ...]]]:
    """What entries of the lists name of other lists: where, what it is, its id, and the ids there are."""
    offices = tuple(one.id for one in policy.offices)
    clauses = tuple(one.id for one in policy.clauses)
    platforms = tuple(one.name for one in policy.platforms)
    for number, office in enumerate(policy.offices):
        for deputy in office.deputies:
            yield ("offices", number, "deputies"), "office", deputy, offices
    for number, tool in enumerate(policy.tools):
        yield ("tools", number, "clause"), "clause", tool.clause, clauses
    for number, ground in enumerate(policy.grounds):
        yield ("grounds", number, "clause"), "clause", ground.clause, clauses
    for number, text in enumerate(policy.texts):
        for place, point in enumerate(text.points):
            yield ("texts", number, "points", place, "clause"), "clause", point.clause, clauses
    for number, checklist in enumerate(policy.checklists):
        yield ("checklists", number, "platform"), "platform", checklist.platform, platforms
    for number, law in enumerate(policy.laws):
        for clause in law.named_in:
            yield ("laws", number, "named_in"), "clause", clause, clauses


#: Where each duty can lie.
_DUTIES = {"keeps_policy": "division", "runs_school": "school", "runs_steward": "division"}


def _duties(policy: Policy) -> Iterator[Problem]:
    """Each duty lies where it can be done: one office of the whole division, or one at each school."""
    at = {office.id: office.at for office in policy.offices}
    for key, wanted in _DUTIES.items():
        office = getattr(policy.duties, key)
        yield from _named(("duties", key), "office", office, tuple(at))
        if at.get(office, wanted) != wanted:
            yield Problem(("duties", key), half(f"name an office with at = {wanted!r}; {office} is another"))
    for key in ("gives_offices", "adopts_policy", "takes_in_files"):
        for office in getattr(policy.duties, key):
            yield from _named(("duties", key), "office", office, tuple(at))


#: What is asked whichever controls a policy has: of any account, and of any file.
ASKED_EVERYWHERE = (
    ItemKind.SETTLE_ROW,
    ItemKind.SETTLE_MOVE,
    ItemKind.MEND_FINDING,
    ItemKind.TAKE_HOLD,
    ItemKind.DECIDE_REINSTATEMENT,
    ItemKind.NAME_SUCCESSOR,
)


def _items(policy: Policy) -> Iterator[Problem]:
    """Whatever the file's controls ask for has its terms, and reminders stand in one place."""
    offices = tuple(one.id for one in policy.offices)
    there = {terms.kind for terms in policy.items}
    own = {kind: one.name for one in policy.of(Control) for kind, _ in one.reminders()}
    for number, terms in enumerate(policy.items):
        for place, climb in enumerate(terms.climbs):
            yield from _named(("items", number, "climbs", place, "to"), "office", climb.to, offices)
        if terms.kind in own and (terms.reminders_school_days_before or terms.reminders_days_before):
            said = half(
                f"the reminders to {terms.kind} stand in the control {own[terms.kind]}: take them out here"
            )
            yield Problem(("items", number), said)
    asked = dict.fromkeys(kind for control in policy.controls for kind in control.asks())
    for kind in dict.fromkeys((*asked, *ASKED_EVERYWHERE)):
        if kind not in there:
            yield Problem(("items",), half(f"the action item {kind} is missing"))


def _clauses(policy: Policy) -> Iterator[Problem]:
    names = tuple(one.name for one in policy.controls)
    known = {
        "office": tuple(one.id for one in policy.offices),
        "division office": tuple(one.id for one in policy.offices if one.at == "division"),
        "text": tuple(one.id for one in policy.texts),
        "course": tuple(one.id for one in policy.courses),
        "notice": tuple(one.id for one in policy.notices),
    }
    levels = tuple(one.id for one in policy.levels)
    if policy.of(Approval) and not policy.of(ApplicationForm):
        yield Problem(
            ("clauses",), half("no control says when a request is complete: add an application-form")
        )
    for number, clause in enumerate(policy.clauses):
        for name in clause.held_by:
            yield from _named(("clauses", number, "held_by"), "control", name, names)
    for where, control in controls_of(policy):
        unknown = [level for level in control.levels or () if level not in levels]
        for level in unknown:
            yield from _named((*where, "levels"), "level", level, levels)
        for key, what, word in control.names():
            if what == "division office" and word in known["office"] and word not in known[what]:
                said = half(f"name an office of the whole division; each school has its {word}")
                yield Problem((*where, key), said)
            else:
                yield from _named((*where, key), what, word, known[what])
        if not unknown:
            yield from _offices_at_levels(policy, where, control)
    yield from _seconds(policy)


def _seconds(policy: Policy) -> Iterator[Problem]:
    """A second control of a kind where only the first would be read."""
    first: dict[tuple[str, str], str] = {}
    for where, control in controls_of(policy):
        if control.one_for is None or control.is_off:
            continue
        levels = [one.id for one in policy.levels if policy.speaks_of(control, one.id)]
        for level in levels if control.one_for is OneFor.LEVEL else [""]:
            other = first.setdefault((control.use, level), control.name)
            if other != control.name:
                of = f"the level {level}" if level else "the whole file"
                said = half(f"there can be one {control.use} for {of}, and {other} is: change that one")
                yield Problem((*where, "levels" if level else "use"), said)
                break


def _offices_at_levels(policy: Policy, where: Location, control: Any) -> Iterator[Problem]:
    """An office of each school can't be asked about an account that belongs to no school."""
    at = {office.id: office.at for office in policy.offices}
    for key, what, word in control.names():
        if what != "office" or at.get(word) != "school":
            continue
        for level in policy.levels_of(control):
            if policy.level(level).at != "school":
                said = half(f"an account of the level {level} has no school, whose {word} it could be")
                yield Problem((*where, key), said)
