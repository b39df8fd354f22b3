"""When a school is asked whether its list of accounts is right. Pure."""

from datetime import datetime

from policy.authority import office_at
from policy.controls import Mode
from policy.controls.inventory import Inventory
from policy.model import Policy
from policy.notices.inventory import ListToConfirm
from schemas.facts import SchoolListFacts
from schemas.outcome import NOTHING, Ask, Outcome, Settle, Step, Subject, Tell
from schemas.words import ItemKind, SubjectKind


def decide_school_list(facts: SchoolListFacts, policy: Policy, now: datetime) -> Outcome:
    """Ask a school's administration in the months that the control names; once a month, on a school day.

    What was asked earlier stays open until somebody answers, or until it is asked anew. A school that is
    gone is not asked any more.
    """
    control, today = policy.first(Inventory), policy.calendar.today(now)
    about = Subject(SubjectKind.SCHOOL, facts.school_id)
    if control is None or control.mode is not Mode.ENFORCE or not facts.active:
        over = Settle(facts.asked, done=False)
        return Outcome((over,), "no longer asked for its list") if facts.asked else NOTHING
    since = control.asked_since(today)
    if since is None or not policy.calendar.is_school_day(today):
        return NOTHING
    key = f"{about}/list/{since}"
    said = facts.confirmed_at is not None and policy.calendar.today(facts.confirmed_at) >= since
    if said or key in facts.asked:
        return NOTHING
    kind = ItemKind.CONFIRM_LIST
    due = policy.calendar.due_after(today, school_days=policy.terms(kind).due_school_days)
    office = office_at(policy.office(policy.duties.runs_school), facts.school_id)
    told = ListToConfirm(due_on=due, account_ids=facts.accounts, holders=facts.holders)
    steps: list[Step] = [Settle(facts.asked, done=False)] if facts.asked else []
    steps += [Ask(key, kind, office, about, control.name, due), Tell(told, office, key, about)]
    return Outcome(tuple(steps), "asked to confirm its list")
