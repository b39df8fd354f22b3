"""Small pieces of wording that several notices share. Plain functions over rows; no template here."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from policy.controls import Mode
from policy.controls.advice import Advice, Reaches
from policy.controls.display import Display
from policy.controls.look import Look
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Course, Policy, Text
from policy.notices.base import NoticeContext, Rows
from schemas.accounts import Account, AccountRequest
from schemas.brakes import Brake
from schemas.language import SOURCE, at_time, later, on_day, said, spoken, t
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.words import ItemKind, SubjectKind

#: How much of somebody's own words a subject line can hold.
SHORT = 60
#: A day as the database writes it into a finding.
_DAY = re.compile(r"\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")


def short(value: str, limit: int = SHORT) -> str:
    """The value, cut with an ellipsis where a subject line or a button has no room for more."""
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def day(value: date) -> str:
    """A day as it is written in a letter: Monday 12 October 2026."""
    if spoken() != SOURCE:
        return on_day(value)
    return f"{value:%A} {value.day} {value:%B} {value.year}"


def short_day(value: date) -> str:
    """A day as it fits a subject: Mon 12 Oct 2026."""
    if spoken() != SOURCE:
        return on_day(value, brief=True)
    return f"{value:%a} {value.day} {value:%b} {value.year}"


def span(first: date, last: date) -> str:
    """Days from one through another, as they are written in a letter: one day is named once."""
    if first == last:
        return t("on {day}", day=day(first))
    return t("from {first} through {last}", first=day(first), last=day(last))


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """A moment as it is written in a letter, in the division's zone: Monday 12 October 2026, 14:30."""
    if value is None:
        return ""
    local = value.astimezone(zone)
    return f"{day(local)}, {at_time(local)}"


def short_moment(local: datetime) -> str:
    """A moment where there is little room, in the zone that it has: 12 Oct, 14:30."""
    if spoken() != SOURCE:
        return f"{on_day(local, brief=True, year=False)}, {at_time(local)}"
    return f"{local:%d %b, %H:%M}"


def long_moment(local: datetime) -> str:
    """The same with its year: 12 Oct 2026, 14:30."""
    if spoken() != SOURCE:
        return f"{on_day(local, brief=True)}, {at_time(local)}"
    return f"{local:%d %b %Y, %H:%M}"


def with_days(words: str) -> str:
    """What a rule found, with its days as a letter writes them."""
    return _DAY.sub(lambda found: day(date.fromisoformat(found[0])), said(words))


def channel(of: Account | AccountRequest, policy: Policy) -> str:
    """An account or a wished one, as people call it: @lakeside.school on Instagram."""
    return policy.says_account(of.platform, of.handle)


#: With which the words of ours for an account may begin.
_ARTICLES = frozenset({"the", "le", "la", "les", "l"})


def begins(words: str) -> str:
    """Words of ours at the beginning of a sentence: The website lakeside.school. A handle stays as it is."""
    is_ours = words.replace("\N{RIGHT SINGLE QUOTATION MARK}", " ").split(" ")[0] in _ARTICLES
    return words[:1].upper() + words[1:] if is_ours else words


def place(school_id: int | None, rows: Rows, policy: Policy) -> str:
    """The school's name, or the division's."""
    school = rows.schools.get(school_id) if school_id is not None else None
    return school.name if school else policy.organization.name


def who(person: Person | None, rows: Rows, policy: Policy) -> str:
    """A person with position and school: Ann Lee (teacher, Lakeside School)."""
    if person is None:
        return t("somebody who is no longer known")
    where = place(person.school_id, rows, policy)
    return f"{person.name} ({person.position}, {where})" if person.position else f"{person.name} ({where})"


def of_whom(context: NoticeContext) -> dict[str, str]:
    """The person whom a notice is about: `holder` with position and school, `name` alone."""
    person = context.rows.people[context.subject_id]
    return {"holder": who(person, context.rows, context.policy), "name": person.name}


def decided_by(by_id: int | None, change_id: int | None, rows: Rows, policy: Policy) -> dict[str, str]:
    """Who decided something, and the reason that they gave; both empty where nobody did."""
    change = rows.changes.get(change_id or 0)
    return {
        "by": who(rows.people.get(by_id), rows, policy) if by_id else "",
        "reason": change.reason if change else "",
    }


def required_courses(policy: Policy, level: str | None = None, *of: str) -> tuple[Course, ...]:
    """The courses that come before access to accounts of a level, or of any; `of`: those alone."""
    asking = policy.of(TrainingBeforeAccess)
    ids = {one.course: None for one in asking if level is None or policy.speaks_of(one, level)}
    return tuple(policy.course_by_id(course) for course in ids if not of or course in of)


def titles(courses: Iterable[Course]) -> str:
    """Their titles, as they stand in a sentence."""
    return t(" and ").join(t("“{title}”", title=course.title) for course in courses)


def courses(policy: Policy, level: str | None = None) -> str:
    """The titles of the courses that come before access to accounts of a level, or of any."""
    return titles(required_courses(policy, level))


def cadence(policy: Policy, level: str) -> str:
    """On which days an account of a level is to be looked at; empty where the policy does not say."""
    return next((t(one.on.value) for one in policy.applying(Look, level=level)), "")


def notice_statements(policy: Policy, level: str) -> dict[str, str]:
    """The notice that pages of accounts of a level carry, by statement; empty where there is none."""
    shown = [policy.notice_by_id(one.notice) for one in policy.applying(Display, level=level)]
    return {statement.id: statement.text for notice in shown for statement in notice.statements}


def for_administrators(account: Account, policy: Policy) -> tuple[Text, ...]:
    """The advice for whoever administers an account like this one, each text once."""
    found = {
        text: policy.text(text)
        for one in policy.applying(Advice, level=account.level)
        if one.to is Reaches.ADMINISTRATORS and one.mode is Mode.ENFORCE
        for text in one.texts
    }
    return tuple(text for text in found.values() if text.is_for(account.channel))


def account_of(kind: SubjectKind, subject_id: int, rows: Rows) -> Account | None:
    """The account that a subject is or belongs to; None where it has none."""
    if kind is SubjectKind.ACCESS and (access := rows.accesses.get(subject_id)):
        return rows.accounts.get(access.account_id)
    if kind is SubjectKind.FINDING and (finding := rows.findings.get(subject_id)):
        return rows.accounts.get(finding.account_id)
    return rows.accounts.get(subject_id) if kind is SubjectKind.ACCOUNT else None


def _held_back(brake: Brake) -> str:
    return t(
        "{found} of {out_of} would be {what}", found=brake.found, out_of=brake.out_of, what=t(brake.of.value)
    )


def about_what(kind: SubjectKind, subject_id: int, rows: Rows, policy: Policy) -> str:
    """What an item or a finding is about, as people call it; its kind and number where it has no name."""
    if account := account_of(kind, subject_id, rows):
        return channel(account, policy)
    rooms: Mapping[SubjectKind, Callable[[], str]] = {
        SubjectKind.REQUEST: lambda: channel(rows.requests[subject_id], policy),
        SubjectKind.PERSON: lambda: rows.people[subject_id].name,
        SubjectKind.SCHOOL: lambda: rows.schools[subject_id].name,
        SubjectKind.PAGE: lambda: t(
            "page {number} ({address})", number=subject_id, address=short(rows.pages[subject_id].address)
        ),
        SubjectKind.INCIDENT: lambda: t("report {number}", number=subject_id),
        SubjectKind.BRAKE: lambda: _held_back(rows.brakes[subject_id]),
        SubjectKind.LEAVE: lambda: t(
            "the leave of {name}", name=rows.people[rows.leaves[subject_id].person_id].name
        ),
    }
    with suppress(KeyError):
        return rooms[kind]()
    return t("{kind} number {number}", kind=t(kind.value), number=subject_id)


_WHAT_TO_DO: Mapping[ItemKind, str] = {
    ItemKind.MEND_REQUEST: later("complete the request for {what}"),
    ItemKind.DECIDE_REQUEST: later("decide on {what}"),
    ItemKind.COMPLETE_COURSE: later("complete the course {course}"),
    ItemKind.ACKNOWLEDGE_GUIDELINES: later("read and acknowledge the guidelines for {what}"),
    ItemKind.ACCEPT_RESPONSIBILITY: later("accept responsibility for {what}"),
    ItemKind.CREATE_ACCOUNT: later("create {what} and report it"),
    ItemKind.MEND_NOTICE: later("put the notice on {what}"),
    ItemKind.MEND_FINDING: later("mend what was found at {what}"),
    ItemKind.TAKE_HOLD: later(
        "make sure that somebody can reach {what}: it has nobody, or will lose its last one"
    ),
    ItemKind.DECIDE_REINSTATEMENT: later("decide whether {what} comes back"),
    ItemKind.ROTATE_CREDENTIALS: later("change the password of {what}"),
    ItemKind.CONFIRM_ROTATION: later("confirm the new password of {what}"),
    ItemKind.REVIEW_ADMINISTRATORS: later("look at who administers {what}"),
    ItemKind.SETTLE_MOVE: later(
        "say what becomes of {what}: its school is gone, or an administrator has moved"
    ),
    ItemKind.NAME_SUCCESSOR: later("say who follows on {what}: its administrators leave or left"),
    ItemKind.LOOK_AGAIN: later("look at {what} and say that you did"),
    ItemKind.MEND_MAILBOX: later("see that mail reaches {what}, and let the letters that wait leave"),
    ItemKind.ANSWER_BRAKE: later("hold what waits or let it happen: {what}"),
    ItemKind.SETTLE_PAGE: later("say whether {what} is asked for now, is shut, or is not ours"),
    ItemKind.CONFIRM_LIST: later("go through the accounts of {what}"),
    ItemKind.ANSWER_PUBLIC: later("answer what the public asked at {what}"),
    ItemKind.DECIDE_LEAVE: later("grant or refuse {what}"),
    ItemKind.DECIDE_REPORT: later("say whether {what} is taken on, and what follows from it"),
    ItemKind.ANSWER_REPORT: later("answer {what}, which is about you"),
    ItemKind.CORRECT: later("acknowledge what is misleading and put it right ({what})"),
    ItemKind.SEE_CONTACT: later("look at what was shared with you ({what})"),
    ItemKind.READ_ADVICE: later("read the advice that {what} was sent, and say so"),
    ItemKind.SETTLE_ROW: later("say who the people are in a file whose rows fit nobody here ({what})"),
}

#: What hangs on a person, and on no account. Whoever reads it may be that person.
_ON_THE_PERSON: Mapping[ItemKind, str] = {
    ItemKind.ACKNOWLEDGE_GUIDELINES: later("read the guidelines for official accounts and say so"),
    ItemKind.MEND_FINDING: later("mend what was found ({what})"),
    ItemKind.READ_ADVICE: later("read the advice that you were sent, and say so"),
}


#: What is asked of an access, and not of a request.
_ON_THE_ACCESS: Mapping[ItemKind, str] = {
    ItemKind.DECIDE_REQUEST: later("decide on who was named to administer {what}"),
}


def todo(item: ActionItem, rows: Rows, policy: Policy) -> str:
    """What an action item asks, as it follows 'please': decide on @lakeside.school on Instagram."""
    what = about_what(item.subject_kind, item.subject_id, rows, policy)
    of_person = item.subject_kind is SubjectKind.PERSON and item.kind in _ON_THE_PERSON
    says = _ON_THE_PERSON[item.kind] if of_person else _WHAT_TO_DO[item.kind]
    if item.subject_kind is SubjectKind.ACCESS:
        says = _ON_THE_ACCESS.get(item.kind, says)
    named = next((one for one in policy.controls if one.name == item.control), None)
    course = titles((policy.course_by_id(named.course),)) if isinstance(named, TrainingBeforeAccess) else ""
    return t(says, what=what, course=course or courses(policy))


def office_there(office: str, school_id: int | None, rows: Rows, policy: Policy) -> str:
    """What people call an office, with its school: somebody may hold the same one at two. Empty for none."""
    school = rows.schools.get(school_id or 0)
    label = policy.label(office) if office else ""
    return f"{label}, {school.name}" if school else label
