"""What is asked around a suspension: whether an account comes back, to take hold of it, or who is to have it.

Pure.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from policy.authority import custodians, policy_office
from policy.controls.custody import Custody
from policy.controls.sanction import Suspending
from policy.model import Policy
from policy.notices.findings import NobodyReaches, ReinstatementWanted
from schemas.facts import SuspensionFacts
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind


def decides_suspensions(policy: Policy) -> RoleAt:
    """The office that brings accounts back; who keeps the policy, where no control says."""
    return next((RoleAt(one.decided_by) for one in policy.of(Suspending)), policy_office(policy))


def closed_after(suspended_at: datetime, policy: Policy) -> date:
    """The last day to mend a suspended account; it is closed on a school day after it.

    Raises KeyError where the policy suspends nothing.
    """
    days = policy.the(Suspending).close_after_days
    last = policy.calendar.today(suspended_at) + timedelta(days=days)
    return policy.calendar.due_after(last, school_days=0)


def back_key(subject: Subject, version: int) -> str:
    """The item that asks whether a suspended account comes back; one a suspension."""
    return f"{subject}/v{version}/back"


def ask_for_return(
    subject: Subject,
    version: int,
    because: str,
    policy: Policy,
    today: date,
    by_id: int | None = None,
    suspension_id: int | None = None,
) -> tuple[Step, ...]:
    """Ask the office that decides whether an account comes back that is "mended", or "asked" for."""
    kind = ItemKind.DECIDE_REINSTATEMENT
    due = policy.calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    office = decides_suspensions(policy)
    key = back_key(subject, version)
    notice = ReinstatementWanted.model_validate(
        {"because": because, "due_on": due, "by_id": by_id, "suspension_id": suspension_id}
    )
    return (
        Ask(key, kind, office, subject, policy.name_of(Suspending), due),
        Tell(notice, office, f"{key}/{because}/{today}", subject),
    )


def hold_key(subject: Subject) -> str:
    """The item that asks to take hold of an account whose last administrator must go."""
    return f"{subject}/hold"


def ask_to_hold(
    subject: Subject, level: str, asked: Collection[str], policy: Policy, today: date
) -> list[Step]:
    """Before the last reachable administrator is cut off, who keeps the policy must hold the account."""
    if hold_key(subject) in asked:
        return []
    due = policy.calendar.due_after(today, school_days=policy.terms(ItemKind.TAKE_HOLD).due_school_days)
    control = policy.name_of(Custody, level=level)
    return [Ask(hold_key(subject), ItemKind.TAKE_HOLD, policy_office(policy), subject, control, due)]


def nobody_key(subject: Subject) -> str:
    """The item that asks for somebody who can reach a live account that nobody can."""
    return f"{subject}/nobody"


def decide_stranded(facts: SuspensionFacts, policy: Policy, now: datetime) -> Outcome:
    """Whether a live account is left with nobody who is here, whatever the cause; ask for somebody, once.

    Asked of the office that must be able to reach it, and told at once. Let go when somebody can again.
    """
    subject = Subject(SubjectKind.ACCOUNT, facts.account_id)
    key = nobody_key(subject)
    reached = bool(facts.administrators or facts.custodians)
    if facts.account_state is not AccountState.LIVE or reached:
        done = Outcome((Settle((key,), done=reached),), "nobody need be asked who is to have it")
        return done if key in facts.asked else NOTHING
    if key in facts.asked:
        return NOTHING
    kind, today = ItemKind.TAKE_HOLD, policy.calendar.today(now)
    due = policy.calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    office = (*custodians(policy, facts.level, facts.school_id), policy_office(policy))[0]
    told = dict.fromkeys((office, policy_office(policy)))
    control = policy.name_of(Custody, level=facts.level)
    return Outcome(
        (
            Ask(key, kind, office, subject, control, due),
            *(Tell(NobodyReaches(due_on=due), one, f"{key}/{today}", subject) for one in told),
        ),
        "asked who is to have it: nobody can reach it",
    )
