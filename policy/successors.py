"""Who administers an account after its administrators: asked before they leave, or at once. Pure."""

from datetime import datetime

from policy.account_request import enough_administrators
from policy.authority import office_at, policy_office
from policy.controls.administrators import Administrators
from policy.model import Policy
from policy.notices.changes import SuccessorWanted, SuccessorWantedNow
from schemas.facts import SuccessorFacts
from schemas.outcome import NOTHING, Ask, Outcome, RoleAt, Settle, Subject, Tell
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind

KIND = ItemKind.NAME_SUCCESSOR


def successor_key(subject: Subject) -> str:
    """The item that asks for somebody after the last administrator; one an account."""
    return f"{subject}/successor"


def who_names(policy: Policy, level: str, school_id: int | None) -> RoleAt:
    """Who knows somebody: the head of the school; who keeps the policy for what is the division's."""
    if policy.level(level).at != "school":
        return policy_office(policy)
    return office_at(policy.office(policy.duties.runs_school), school_id)


def too_few_stay(facts: SuccessorFacts, policy: Policy) -> bool:
    """Whether an account has the administrators that its level needs, and has them no longer soon.

    Where it lacks them today, that was found, and is asked for already.
    """
    needed = policy.first(Administrators, level=facts.level)
    if needed is None or not needed.runs or not facts.until:
        return False
    return enough_administrators(needed, facts.now) and not enough_administrators(needed, facts.after)


def decide_successor(facts: SuccessorFacts, policy: Policy, now: datetime) -> Outcome:
    """Ask for a successor where no administrator of a live account stays, or too few; let go when they do.

    Before the last one leaves, by that day. Where all have left, at once. Where nobody at all can reach the
    account, that is asked for in a letter of its own; where it is asked who follows somebody that moved, too.
    """
    few = bool(facts.staying) and too_few_stay(facts, policy)
    subject = Subject(SubjectKind.ACCOUNT, facts.account_id)
    key = successor_key(subject)
    if facts.account_state is not AccountState.LIVE or (facts.staying and not few):
        done = Outcome((Settle((key,), done=facts.came),), "no successor need be named")
        return done if facts.asked else NOTHING
    if facts.asked or facts.moved or facts.named or not facts.reached:
        return NOTHING
    today, days = policy.calendar.today(now), policy.terms(KIND).due_school_days
    last = min(facts.until.values()) if few else max(facts.leaving.values(), default=None)
    office = who_names(policy, facts.level, facts.school_id)
    control = policy.name_of(Administrators, level=facts.level)
    people = tuple(sorted(facts.until if few else facts.leaving))
    if last is None:
        due = policy.calendar.due_after(today, school_days=days)
        notice: SuccessorWanted | SuccessorWantedNow = SuccessorWantedNow(due_on=due)
    else:
        due = policy.calendar.last_day_by(last, today, school_days=days)
        notice = SuccessorWanted(due_on=due, administrator_ids=people, leaves_on=last, others_stay=few)
    told = Tell(notice, office, f"{key}/{today}", subject)
    return Outcome((Ask(key, KIND, office, subject, control, due), told), "asked for a successor")
