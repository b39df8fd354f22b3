"""What is asked when a school is gone, or an administrator works at another school. Pure."""

from datetime import date

from policy.authority import approving, office_at, policy_office
from policy.model import Policy
from policy.notices.changes import AdministratorMoved, SchoolGone
from schemas.outcome import Ask, RoleAt, Step, Subject, Tell
from schemas.words import ItemKind

KIND = ItemKind.SETTLE_MOVE


def place_key(account: Subject) -> str:
    """The item that asks where an account goes whose school is gone."""
    return f"{account}/place"


def moved_key(account: Subject, person_id: int) -> str:
    """The item that asks whether somebody who moved keeps an account of the former school."""
    return f"{account}/moved/person:{person_id}"


def ask_where(account: Subject, level: str, policy: Policy, today: date) -> tuple[Step, ...]:
    """The school of an account is gone: who keeps the policy says where it goes, or closes it."""
    due = policy.calendar.due_after(today, school_days=policy.terms(KIND).due_school_days)
    key, office = place_key(account), policy_office(policy)
    told = Tell(SchoolGone(due_on=due), office, f"{key}/{today}", account)
    return (Ask(key, KIND, office, account, approving(policy, level), due), told)


def ask_who_stays(
    account: Subject, level: str, person_id: int, schools: tuple[int, int | None], policy: Policy, today: date
) -> tuple[Step, ...]:
    """An administrator works at another school now: the former school says whether they keep the account.

    `schools`: the former and the new one. Both, the policy's office and the person are told.
    """
    former, new = schools
    due = policy.calendar.due_after(today, school_days=policy.terms(KIND).due_school_days)
    key = moved_key(account, person_id)
    runs = policy.office(policy.duties.runs_school)
    asked = office_at(runs, former)
    people: list[int | RoleAt] = [asked, policy_office(policy), person_id]
    if new is not None:
        people.append(office_at(runs, new))
    notice = AdministratorMoved(due_on=due, administrator_ids=(person_id,), to_school_id=new)
    return (
        Ask(key, KIND, asked, account, approving(policy, level), due),
        *(Tell(notice, one, f"{key}/{today}", account) for one in people),
    )
