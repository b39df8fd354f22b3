"""The standing rules said again, slowly and row by row in plain Python, without the selects in sight."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from factories.division import Division

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, Level, PersonKind, RoleKind

#: account, person (0: none), due on
Violation = tuple[int, int, date]


def live(division: Division) -> list[Account]:
    return [account for account in division.accounts if account.state is AccountState.LIVE]


def accesses_of(division: Division, account: Account) -> list[Access]:
    return [access for access in division.accesses if access.account_id == account.id]


def person_of(division: Division, access: Access) -> Person:
    for person in division.people:
        if person.id == access.person_id:
            return person
    raise AssertionError(f"no person {access.person_id}")


def needs_course(account: Account, policy: Policy) -> bool:
    if account.level is Level.CLASSROOM:
        if account.training_required is None:
            return policy.course.required_for_classroom
        return account.training_required
    return True


def lapses(division: Division, person: int, policy: Policy) -> date | None:
    """The last day on which this person's course counts; None for somebody who never completed it."""
    last_days = []
    for completion in division.completions:
        if completion.person_id != person or completion.course != policy.course.id:
            continue
        if completion.voided_at is not None:
            continue
        day = completion.completed_on
        for _ in range(policy.course.valid_days):
            day += timedelta(days=1)
        last_days.append(day)
    return max(last_days) if last_days else None


def course_is_current(division: Division, policy: Policy, today: date) -> set[Violation]:
    found: set[Violation] = set()
    for account in live(division):
        if not needs_course(account, policy):
            continue
        for access in accesses_of(division, account):
            if access.state is not AccessState.GRANTED:
                continue
            last_day = lapses(division, access.person_id, policy)
            if last_day is None:
                found.add((account.id or 0, access.person_id, today))
            elif last_day < today:
                found.add((account.id or 0, access.person_id, last_day))
    return found


def is_school_administrator(division: Division, person: Person, school: int | None, today: date) -> bool:
    for role in division.roles:
        if role.person_id != person.id or role.kind is not RoleKind.SCHOOL_ADMINISTRATOR:
            continue
        if role.school_id is None or role.school_id != school:
            continue
        if role.starts_on > today:
            continue
        if role.ends_on is not None and role.ends_on < today:
            continue
        return True
    return False


def two_people_administer(division: Division, policy: Policy, today: date) -> set[Violation]:
    assert policy.administrators.school.holding_role == 1
    assert policy.administrators.school.others == 1
    found: set[Violation] = set()
    for account in live(division):
        if account.level is not Level.SCHOOL:
            continue
        principals = set()
        staff = set()
        for access in accesses_of(division, account):
            if access.state is not AccessState.GRANTED or access.role is not AccessRole.ADMINISTRATOR:
                continue
            person = person_of(division, access)
            if not person.active:
                continue
            if is_school_administrator(division, person, account.school_id, today):
                principals.add(person.id)
            if person.kind is PersonKind.STAFF or person.id in principals:
                staff.add(person.id)
        holds = any(staff - {principal} for principal in principals)
        if not holds:
            found.add((account.id or 0, 0, today))
    return found


ORACLES: Mapping[str, Callable[[Division, Policy, date], set[Violation]]] = {
    "5.2": course_is_current,
    "5.4": two_people_administer,
}


def in_scope(clause: str, division: Division, policy: Policy) -> set[int]:
    """The live accounts that a rule speaks of."""
    return {
        account.id or 0
        for account in live(division)
        if (needs_course(account, policy) if clause == "5.2" else account.level is Level.SCHOOL)
    }
