"""Every notice in every variation that its facts and its rows allow, to be read and to be held to the rules.

What can be varied is read from the class: each word that a fact may have, and each fact that may be missing.
What hangs on rows (whose access it is, what a look saw, which item is asked again) is listed here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from deployments.sample.words import Level, Platform, RoleKind
from policy.model import Policy
from policy.notices import KINDS, NoticeContext, NoticeKind, Rows
from policy.notices.access import OfAccess
from policy.notices.accounts import CreateTheAccount, MendTheNotice
from policy.notices.findings import Findings, SuspensionAhead
from policy.notices.items import ItemEscalated, ItemReminder, NoLongerAsked
from policy.notices.people import RecordedForYou
from policy.notices.requests import DecisionWanted
from schemas.facts import SameHandle
from schemas.machinery import ActionItem
from schemas.words import AccessEnd, CustodyMode, ItemKind, ItemState, PageVerdict, SubjectKind
from tests.mail.mail_cases import CASES, DUE, NOW, division, notice

#: Names, a school and a handle as they are in the division's French-language schools; the handle is long.
FRENCH: Mapping[str, str] = {
    "name": "Zoé-Anaïs",
    "family": "L'Écuyer-Bélanger",
    "handle": "ecole.saint.jean.baptiste.de.la.riviere",
    "school": "École Saint-Jean-Baptiste-de-la-Rivière",
}
#: The days on which a letter may leave: long before its day, on it, and the morning after.
DAYS: Mapping[str, date | None] = {
    "in ten days": None,
    "today": DUE,
    "yesterday": DUE + timedelta(days=1),
}
#: What facts allow and nobody writes: an absence has a last day.
NEVER = {
    (RecordedForYou, "last", None),
    (RecordedForYou, "what", "office"),  # it names its office: below
}


@dataclass(frozen=True)
class Variation:
    """One notice to render: its name, and everything that it looks up."""

    name: str
    context: NoticeContext

    @property
    def kind(self) -> type[NoticeKind]:
        """Its class."""
        return KINDS[self.context.notice.kind]


def _choices(annotation: Any) -> list[Any]:
    """The values of a fact that can be listed: words, true and false, kinds; None where it may be missing."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if annotation is bool:
        return [False, True]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum) and annotation is AccessEnd:
        return list(annotation)
    parts = get_args(annotation)
    if type(None) in parts:
        return [None, *(value for part in parts if part is not type(None) for value in _choices(part))]
    return []


def facts_of(kind: type[NoticeKind]) -> Iterator[tuple[str, NoticeKind]]:
    """The case of a kind, and one more for each other word that one of its facts may have."""
    usual = CASES[kind][2]
    yield "usual", usual
    for name, field in kind.model_fields.items():
        for value in _choices(field.annotation):
            if value == getattr(usual, name) or (kind, name, value) in NEVER:
                continue
            try:
                made = kind.model_validate({**usual.stored(), name: value})
            except ValidationError:
                continue
            yield f"{name} {value if value is not None else 'missing'}", made


def _made(
    kind: type[NoticeKind], facts: NoticeKind, policy: Policy, rows: Rows, *, to: int = 1, now: datetime = NOW
) -> NoticeContext:
    row = notice(kind, to=to)
    row.facts = facts.stored()
    return NoticeContext(row, rows, policy, now)


def asked(kind: ItemKind, policy: Policy, **more: Any) -> ActionItem:
    """An item of a kind, about what items of this kind are about, with a control of the policy."""
    subjects: Mapping[ItemKind, tuple[SubjectKind, int, str]] = {
        ItemKind.MEND_REQUEST: (SubjectKind.REQUEST, 12, "approval"),
        ItemKind.DECIDE_REQUEST: (SubjectKind.REQUEST, 12, "approval"),
        ItemKind.COMPLETE_COURSE: (SubjectKind.PERSON, 1, "privacy-course"),
        ItemKind.ACKNOWLEDGE_GUIDELINES: (SubjectKind.PERSON, 1, "guidelines"),
        ItemKind.ACCEPT_RESPONSIBILITY: (SubjectKind.ACCESS, 7, "personal-responsibility"),
        ItemKind.MEND_FINDING: (SubjectKind.FINDING, 42, "school-administrators"),
        ItemKind.SETTLE_ROW: (SubjectKind.IMPORT, 3, "privacy-course"),
        ItemKind.DECIDE_REPORT: (SubjectKind.INCIDENT, 97, "violations"),
        ItemKind.ANSWER_REPORT: (SubjectKind.INCIDENT, 97, "violations"),
        ItemKind.DECIDE_LEAVE: (SubjectKind.LEAVE, 91, "texting"),
        ItemKind.CORRECT: (SubjectKind.CORRECTION, 91, "corrections"),
        ItemKind.SEE_CONTACT: (SubjectKind.CONTACT, 95, "contact-reports"),
        ItemKind.READ_ADVICE: (SubjectKind.PERSON, 1, "personal-accounts-advice"),
    }
    about, number, control = subjects.get(kind, (SubjectKind.ACCOUNT, 5, "approval"))
    values: dict[str, Any] = {
        "id": 21,
        "key": f"{about}:{number}/{kind}",
        "kind": kind,
        "control": control if control in {one.name for one in policy.controls} else policy.controls[0].name,
        "subject_kind": about,
        "subject_id": number,
        "opened_at": NOW - timedelta(days=9),
        "due_on": DUE,
        "reminders": 2,
        "state": ItemState.OPEN,
        "person_id": 1,
    }
    return ActionItem(**{**values, **more})


def _of_item(kind: type[NoticeKind], policy: Policy) -> Iterator[Variation]:
    """An item of each kind; and asked of an office, of the person, of a deputy, or climbed."""
    for ask in ItemKind:
        for label, more, to in (
            ("the person", {}, 1),
            ("a deputy", {}, 2),
            (
                "an office",
                {"person_id": None, "role": RoleKind.SCHOOL_ADMINISTRATOR, "role_school_id": 1},
                2,
            ),
        ):
            item = asked(ask, policy, **more)
            if kind is NoLongerAsked:
                item.state = ItemState.DONE
            rows = division()
            rows.items[21] = item
            yield Variation(f"{ask}, {label}", _made(kind, CASES[kind][2], policy, rows, to=to))


def _of_access(kind: type[NoticeKind], policy: Policy) -> Iterator[Variation]:
    for name, facts in facts_of(kind):
        yield Variation(f"to another, {name}", _made(kind, facts, policy, division(), to=2))
    for gate in (ItemKind.COMPLETE_COURSE, ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY):
        for fact, value in (("ask", gate), ("gates", (gate,))):
            if fact in kind.model_fields:
                made = kind.model_validate({**CASES[kind][2].stored(), fact: value})
                yield Variation(f"only {gate}", _made(kind, made, policy, division()))


def _of_look(policy: Policy) -> Iterator[Variation]:
    for verdict in (PageVerdict.MISSING, PageVerdict.UNREACHABLE, PageVerdict.UNCLEAR):
        rows = division()
        check = rows.checks[31]
        check.verdict = verdict
        check.detail = "The page answers 404." if verdict is PageVerdict.UNREACHABLE else check.detail
        if verdict is not PageVerdict.MISSING:
            check.statements = []
        yield Variation(verdict, _made(MendTheNotice, CASES[MendTheNotice][2], policy, rows))


def _of_account(kind: type[NoticeKind], policy: Policy) -> Iterator[Variation]:
    """Other levels, platforms and ways to get in."""
    for level in (Level.DIVISION, Level.CLASSROOM):
        for custody in CustodyMode:
            rows = division()
            account = rows.accounts[5]
            account.level, account.custody, account.platform = level, custody, Platform.WEBSITE
            account.handle = "lakeside.school/grade-7"
            account.school_id = None if level == Level.DIVISION else 1
            yield Variation(f"{level}, {custody}", _made(kind, CASES[kind][2], policy, rows))


def _of_findings(kind: type[NoticeKind], policy: Policy) -> Iterator[Variation]:
    """One finding of each rule, and one alone."""
    for rule in policy.rules():
        rows = division()
        rows.findings[41].control = rule.name
        made = kind.model_validate({**CASES[kind][2].stored(), "finding_ids": (41,)})
        yield Variation(f"of {rule.name}", _made(kind, made, policy, rows))


def _of_more(kind: type[NoticeKind], policy: Policy) -> Iterator[Variation]:
    """What hangs on rows, by kind."""
    if issubclass(kind, ItemReminder | ItemEscalated | NoLongerAsked):
        yield from _of_item(kind, policy)
    if issubclass(kind, OfAccess):
        yield from _of_access(kind, policy)
    if kind is MendTheNotice:
        yield from _of_look(policy)
    if kind is DecisionWanted:
        for name, same in (("taken", SameHandle(5)), ("wanted", SameHandle(None, (13, 14)))):
            rows = division()
            rows.same[12] = same
            yield Variation(f"its handle is {name}", _made(kind, CASES[kind][2], policy, rows))
    if kind is CreateTheAccount:
        yield from _of_account(kind, policy)
    if issubclass(kind, Findings | SuspensionAhead):
        yield from _of_findings(kind, policy)
    if CASES[kind][0] is SubjectKind.PERSON:  # whoever else reads it has other words of it
        yield Variation("to another", _made(kind, CASES[kind][2], policy, division(), to=2))
    if kind is RecordedForYou:
        made = kind.model_validate({**CASES[kind][2].stored(), "what": "office", "office": "superintendent"})
        yield Variation("office, named", _made(kind, made, policy, division()))


def variations(kind: type[NoticeKind], policy: Policy) -> Iterator[Variation]:
    """All of one notice: its facts, its rows, French names with a long handle, and other days."""
    for name, facts in facts_of(kind):
        yield Variation(name, _made(kind, facts, policy, division()))
    yield from _of_more(kind, policy)
    usual = CASES[kind][2]
    yield Variation("French names, long handle", _made(kind, usual, policy, division(**FRENCH)))
    for name, day in DAYS.items():
        if day is not None:
            moment = datetime.combine(day, NOW.timetz())
            context = replace(_made(kind, usual, policy, division()), now=moment)
            if KINDS[kind.kind].stale(usual, context) is None or "yesterday" in name:
                yield Variation(f"due {name}", context)


def every_variation(policy: Policy) -> Iterator[Variation]:
    """All of all notices."""
    for kind in KINDS.values():
        yield from variations(kind, policy)
