"""5.4: a school administrator and at least one more member of staff administer every school account."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Exists, ScalarSelect, Select, case, exists, func, literal, or_, select
from sqlmodel import col

from policy.model import AdministratorsNeeded, Policy
from policy.rules.form import rule
from schemas.accounts import Access, Account
from schemas.people import Person, Role
from schemas.states import AccessState
from schemas.words import AccessRole, Level, PersonKind


def is_school_account(_policy: Policy) -> ColumnElement[bool]:
    """The accounts of schools; division and classroom accounts have clauses of their own (1, 6.2)."""
    return col(Account.level) == Level.SCHOOL


def holds_the_role(needed: AdministratorsNeeded, today: date) -> Exists:
    """Whether the person holds the role that is needed, on `today`, where it must be held."""
    place = (
        col(Role.school_id) == col(Account.school_id)
        if needed.scope == "school"
        else col(Role.school_id).is_(None)
    )
    return (
        exists()
        .where(
            col(Role.kind) == needed.role,
            place,
            col(Role.person_id) == col(Person.id),
            col(Role.starts_on) <= today,
            or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
        )
        .correlate(Account, Person)
    )


def _administrators(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many active people administer the account and meet the conditions. A person counts once."""
    return (
        select(func.count())
        .select_from(Access)
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(Access.account_id) == col(Account.id),
            col(Access.state) == AccessState.GRANTED,
            col(Access.role) == AccessRole.ADMINISTRATOR,
            col(Person.active),
            *conditions,
        )
        .correlate(Account)
        .scalar_subquery()
    )


@rule(clause="5.4", scope=is_school_account)
def two_people_administer(policy: Policy, today: date) -> Select[Any]:
    """Every live school account that lacks a school administrator, or anybody of the staff besides.

    A second holder of the role counts among the others. Due on `today`: from then on it does not hold.
    """
    needed = policy.administrators.school
    in_office = holds_the_role(needed, today)
    holding = _administrators(in_office)
    in_all = _administrators(or_(col(Person.kind) == PersonKind.STAFF, in_office))
    return select(
        col(Account.id).label("account_id"),
        literal(0).label("person_id"),
        literal(today).label("due_on"),
        case(
            (in_all == 0, literal("Nobody of the staff administers it.")),
            (holding < needed.holding_role, literal("No administrator of the school administers it.")),
            else_=literal("Too few members of staff administer it beside the administrator of the school."),
        ).label("detail"),
    ).where(or_(holding < needed.holding_role, in_all < needed.at_least))
