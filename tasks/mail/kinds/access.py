"""Notices about one person's access: its gates, granted, suspended, revoked (5.2, 5.3, 5.6, 10)."""

from typing import Any

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.notice_facts import AccessAtRisk, AccessRevoked, AccessSuspended, GatesOpen
from schemas.notices import NoticeKind
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind
from tasks.mail.view import Action, Case, View, due, view_of
from tasks.mail.words import channel, place, short


def _both(case: Case) -> tuple[Access, Account]:
    access = case.known.accesses[case.notice.subject_id]
    return access, case.known.accounts[access.account_id]


def _named(access: Access, account: Account, case: Case) -> dict[str, Any]:
    person = case.known.people[access.person_id]
    return {
        "channel": channel(account),
        "place": place(account.school_id, case.known, case.policy),
        "number": account.id,
        "own": access.person_id == case.notice.person_id,
        "holder": person.name,
    }


_STEPS = (ItemKind.COMPLETE_COURSE, ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY)


def _ours(case: Case, account: Account) -> dict[str, Any]:
    """The texts that the gates speak of, from the policy."""
    return {
        "course": case.policy.course.title,
        "guidelines": case.policy.guidelines_for(account.channel),
        "acceptance": case.policy.acceptance.text,
    }


def one_answer(gates: tuple[ItemKind, ...], account: Account, policy: Policy) -> tuple[Action, ...]:
    """One click for everything that an answer can settle; the course reports itself."""
    lines, labels, done = [], [], []
    if ItemKind.ACKNOWLEDGE_GUIDELINES in gates:
        labels.append("I have read the guidelines")
        done.append("guidelines read")
        lines += [
            f"I have read the {text.guideline}, version {text.version}."
            for text in policy.guidelines_for(account.channel)
        ]
    if ItemKind.ACCEPT_RESPONSIBILITY in gates:
        labels.append("I accept responsibility")
        done.append("responsibility accepted")
        lines.append(policy.acceptance.text or "")
    if not lines:
        return ()
    subject = f"Account {account.id}, {short(channel(account))}: {', '.join(done)}"
    return (Action(" and ".join(labels).replace(" and I ", " and "), subject, "\n\n".join(lines)),)


@view_of(NoticeKind.GATES_OPEN)
def gates_open(case: Case) -> View:
    """The steps before access, in the order to do them, and one answer for those that need one."""
    access, account = _both(case)
    facts = case.given(GatesOpen)
    gates = tuple(step for step in _STEPS if step in facts.gates) or facts.gates
    return View(
        clause={ItemKind.COMPLETE_COURSE: "5.2", ItemKind.ACKNOWLEDGE_GUIDELINES: "5.3"}.get(gates[0], "5.6"),
        due=due(
            gates[0],
            SubjectKind.ACCESS,
            case.notice.subject_id,
            f"Steps before access to {channel(account)}",
            facts.due_on,
        ),
        actions=one_answer(gates, account, case.policy),
        words={
            **_named(access, account, case),
            **_ours(case, account),
            "gates": [gate.name for gate in gates],
        },
    )


@view_of(NoticeKind.ACCESS_AT_RISK)
def at_risk(case: Case) -> View:
    """What keeps the access that the person has, and until when it is kept without (5.2)."""
    access, account = _both(case)
    facts = case.given(AccessAtRisk)
    return View(
        clause=facts.clause,
        due=due(
            facts.ask,
            SubjectKind.ACCESS,
            case.notice.subject_id,
            f"To keep access to {channel(account)}",
            facts.due_on,
        ),
        actions=one_answer((facts.ask,), account, case.policy),
        words={
            **_named(access, account, case),
            **_ours(case, account),
            "ask": facts.ask.name,
            "lapses": facts.because == "lapses",
        },
    )


@view_of(NoticeKind.ACCESS_GRANTED)
def granted(case: Case) -> View:
    """Every step is done."""
    access, account = _both(case)
    return View(
        clause="9",
        words={
            **_named(access, account, case),
            "live": account.state is AccountState.LIVE,
            "cadence": case.policy.monitoring.on.value,
        },
    )


@view_of(NoticeKind.ACCESS_SUSPENDED)
def suspended(case: Case) -> View:
    """To the person: what brings it back. To the others: who may not post for now."""
    access, account = _both(case)
    facts = case.given(AccessSuspended)
    own = access.person_id == case.notice.person_id
    asks = own and facts.ask is not None
    return View(
        clause=facts.clause,
        due=due(
            facts.ask,
            SubjectKind.ACCESS,
            case.notice.subject_id,
            f"To have access to {channel(account)} again",
            facts.due_on,
        )
        if asks and facts.ask is not None and facts.due_on is not None
        else None,
        actions=one_answer((facts.ask,), account, case.policy) if asks and facts.ask is not None else (),
        words={
            **_named(access, account, case),
            **_ours(case, account),
            "ask": facts.ask.name if facts.ask else None,
        },
    )


@view_of(NoticeKind.ACCESS_REVOKED)
def revoked(case: Case) -> View:
    """Access has ended for good."""
    access, account = _both(case)
    facts = case.given(AccessRevoked)
    return View(clause=facts.clause, words=_named(access, account, case))
