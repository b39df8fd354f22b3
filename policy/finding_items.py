"""Who is asked to mend a finding that leads to no suspension: an item with a day, reminders and climbs. Pure.

What leads to a suspension is announced with its own letter (policy/suspension.py). No finding suspends a
channel for emergencies, or an account that somebody exempted: there it is asked for here, of the office that
keeps the policy too. What a lifecycle asks for by itself, the course, the password, the list of
administrators, an answer to the public, a correction, a successor where nobody administers an account, is not
asked for twice.
"""

from datetime import date, datetime
from itertools import groupby

from policy.authority import custodians, policy_office
from policy.controls import Control, Mode, SanctionOf
from policy.controls.administrators import Administrators
from policy.controls.answer_within import AnswerWithin
from policy.controls.corrections import Corrections
from policy.controls.custody import Custody
from policy.controls.list_review import ListReview
from policy.controls.rotate_secret import RotateSecret
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from policy.notices.findings import Findings
from policy.suspension import asked_while_exempt
from schemas.facts import SuspensionFacts, Violation
from schemas.language import later
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind

#: Their findings have items of another kind, asked by a lifecycle of their own.
_ASKED_ELSEWHERE = (AnswerWithin, Corrections, TrainingBeforeAccess, RotateSecret, ListReview)


def asked_for(policy: Policy) -> tuple[str, ...]:
    """The names of the rules whose findings are asked for here."""
    return policy.once(
        ("asked for",),
        lambda: tuple(
            one.name
            for one in policy.rules()
            if one.mode is Mode.ENFORCE
            and policy.sanction_of(one.name) is None
            and not isinstance(one, _ASKED_ELSEWHERE)
        ),
    )


def says_when_asked(policy: Policy, control: str) -> str:
    """Of a finding that nobody is asked to mend yet: when somebody is, as a sentence of its own to translate.

    Empty where a lifecycle asks for it by itself, and for a control that the policy does not have any more.
    """
    found = next((one for one in policy.controls if one.name == control), None)
    if found is None or isinstance(found, _ASKED_ELSEWHERE):
        return ""
    if found.mode is not Mode.ENFORCE:
        return later("It is only observed: nobody is asked to mend it.")
    return later("Whoever can mend it is asked on the next school day.")


def asked_where_exempt(policy: Policy) -> tuple[str, ...]:
    """The names of the rules that suspend an account, and are asked for where no finding suspends it."""
    return policy.sanctioned(SanctionOf.ACCOUNT)


def decide_asking(facts: SuspensionFacts, policy: Policy, now: datetime) -> Outcome:
    """Ask whoever can mend what was found at one account, once a finding; settle what was mended.

    One letter to each for all that is new. On a day without school nobody is asked.
    """
    steps: list[Step] = [Settle(facts.mended, done=True)] if facts.mended else []
    says = "mended" if facts.mended else ""
    today = policy.calendar.today(now)
    let_go = _let_go(facts, policy, today)
    if let_go:
        steps += let_go
        says = "asked no longer"
    if facts.account_state is AccountState.LIVE and policy.calendar.is_school_day(today):
        asks = _asks(facts, policy, now)
        steps += asks
        says = "asked to mend" if asks else says
    return Outcome(tuple(steps), says) if steps else NOTHING


def _acting(policy: Policy) -> frozenset[str]:
    return policy.once(
        ("acting",), lambda: frozenset(one.name for one in policy.controls if one.mode is Mode.ENFORCE)
    )


def _names(policy: Policy, is_exempt: bool) -> frozenset[str]:
    """The names of the rules whose findings are asked for at an account, exempt or not."""
    return policy.once(
        ("asked for at an account", is_exempt),
        lambda: frozenset((*asked_for(policy), *(asked_where_exempt(policy) if is_exempt else ()))),
    )


def _let_go(facts: SuspensionFacts, policy: Policy, today: date) -> list[Step]:
    """What was asked while nothing could follow from it is asked no longer, before it can.

    The exemption of an account is over: its suspension is announced with days of its own. A control only
    observes now: should it be enforced again, everything is announced anew.
    """
    acting = _acting(policy)
    return [
        Settle(about=Subject(SubjectKind.FINDING, one.finding_id), kinds=(ItemKind.MEND_FINDING,), done=False)
        for one in facts.violations
        if one.asked_at is not None and (one.control not in acting or _can_follow(facts, one, policy, today))
    ]


def _can_follow(facts: SuspensionFacts, violation: Violation, policy: Policy, today: date) -> bool:
    """Whether it was asked for while the account was exempt, and leads to a suspension again."""
    over = facts.exempt_through is not None and facts.exempt_through < today
    return (
        over
        and asked_while_exempt(facts, violation, policy.calendar)
        and violation.control in asked_where_exempt(policy)
    )


def _asks(facts: SuspensionFacts, policy: Policy, now: datetime) -> list[Step]:
    today, names, acting = policy.calendar.today(now), _names(policy, facts.never_suspended), _acting(policy)
    kind = ItemKind.MEND_FINDING
    due = policy.calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    asks: list[Step] = []
    told: list[tuple[str, int | RoleAt, int]] = []
    for one in facts.violations:
        if (one.control not in names and one.seen) or one.mend_by is not None or one.control not in acting:
            continue
        control = policy.control(one.control)
        if isinstance(control, Administrators) and not facts.administrators:
            continue  # a successor is asked for: one matter, one letter
        about = Subject(SubjectKind.FINDING, one.finding_id)
        for of in _menders(one, control, facts, policy):
            who = "office" if isinstance(of, RoleAt) else f"person:{of}"
            asks.append(Ask(f"{about}/mend/{who}", kind, of, about, one.control, due))
            told.append((who, of, one.finding_id))
    account = Subject(SubjectKind.ACCOUNT, facts.account_id)
    for who, group in groupby(sorted(told, key=lambda each: (each[0], each[2])), key=lambda each: each[0]):
        same = list(group)
        notice = Findings(finding_ids=tuple(each[2] for each in same), mend_by=due)
        asks.append(Tell(notice, same[0][1], f"{account}/mend/{same[0][2]}/{due}/{who}", account))
    return asks


def _menders(
    violation: Violation, control: Control, facts: SuspensionFacts, policy: Policy
) -> tuple[int | RoleAt, ...]:
    """Who may look, where nobody saw a fault; the person that it is about; who can mend it."""
    people = tuple(one.person_id for one in facts.administrators)
    if not violation.seen:  # there is nothing to mend yet: somebody who may say what is there has to look
        return (facts.onlookers or (policy_office(policy),))[:1]
    if violation.person_id:
        return tuple(one for one in people if one == violation.person_id)
    keepers = custodians(policy, facts.level, facts.school_id)
    if isinstance(control, Administrators):
        school = facts.school_id
        return (policy_office(policy) if school is None else RoleAt(policy.duties.runs_school, school),)
    if isinstance(control, Custody) and facts.is_shown:  # whoever keeps it has to try whether it works
        return keepers
    if facts.never_suspended:  # nothing else makes sure that it is mended
        return tuple(dict.fromkeys((*people, policy_office(policy))))
    return people or keepers or (policy_office(policy),)
