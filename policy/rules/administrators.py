"""1 and 5.4: who must be among the administrators of division-wide accounts and of school accounts."""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlmodel import col

from policy.model import Policy
from policy.model.thin import AdministratorsNeeded
from policy.rules.form import Among, rule
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.people import Designation, Person, Role
from schemas.states import AccessState
from schemas.words import AccessRole, Level, PersonKind


def is_school_account(_policy: Policy) -> ColumnElement[bool]:
    """The accounts of schools; division and classroom accounts have clauses of their own (1, 6.2)."""
    return col(Account.level) == Level.SCHOOL


def is_division_account(_policy: Policy) -> ColumnElement[bool]:
    """The division's website, division-wide accounts and messaging system (1)."""
    return col(Account.level) == Level.DIVISION


@rule(clause="5.4", scope=is_school_account)
def two_people_administer(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every live school account that lacks a school administrator, or anybody of the staff besides.

    A second holder of the role counts among the others. Due on `today`: from then on it does not hold.
    """
    return _lacking(
        policy.administrators.school,
        today,
        nobody="Nobody of the staff administers it.",
        no_holder="No administrator of the school administers it.",
        too_few="Too few members of staff administer it beside the administrator of the school.",
    )


@rule(clause="1", scope=is_division_account)
def an_authorized_person_administers(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every live division-wide account that lacks the Communications Officer or a designated person.

    A designation counts from its first day through its last, for all channels or for this one. Due on
    `today`: from then on it does not hold.
    """
    return _lacking(
        policy.administrators.division,
        today,
        nobody="Nobody of the staff administers it.",
        no_holder="Neither the Communications Officer nor anybody designated by the Superintendent "
        "administers it.",
        too_few="Too few people administer it.",
    )


def _lacking(
    needed: AdministratorsNeeded, today: date, *, nobody: str, no_holder: str, too_few: str
) -> Select[*tuple[Any, ...]]:
    """The accounts whose active administrators are too few, or not who must be among them.

    One grouped join, read once: a person counts once, however many offices they hold.
    """
    access, person, office = table_of(Access), table_of(Person), _office(needed, today)
    administers = and_(
        col(Access.account_id) == col(Account.id),
        col(Access.state) == AccessState.GRANTED,
        col(Access.role) == AccessRole.ADMINISTRATOR,
    )
    in_office = [office.c.person_id == col(Access.person_id)]
    if needed.scope == "school":
        in_office.append(office.c.school_id == col(Account.school_id))
    holds: ColumnElement[bool] = office.c.person_id.is_not(None)
    if needed.or_designated:
        holds = or_(holds, _is_designated(today))
    holding = _how_many(holds)
    in_all = _how_many(or_(col(Person.kind) == PersonKind.STAFF, holds))
    people = (
        table_of(Account)
        .outerjoin(access, administers)
        .outerjoin(person, and_(col(Person.id) == col(Access.person_id), col(Person.active)))
        .outerjoin(office, and_(*in_office))
    )
    return (
        select(
            col(Account.id).label("account_id"),
            literal(0).label("person_id"),
            literal(today).label("due_on"),
            case(
                (in_all == 0, literal(nobody)),
                (holding < needed.holding_role, literal(no_holder)),
                else_=literal(too_few),
            ).label("detail"),
        )
        .select_from(people)
        .group_by(col(Account.id))
        .having(or_(holding < needed.holding_role, in_all < needed.at_least))
    )


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many active people of the group meet the condition."""
    is_one = and_(col(Person.id).is_not(None), condition)
    return func.sum(case((is_one, literal(1)), else_=literal(0)), type_=Integer())


def _office(needed: AdministratorsNeeded, today: date) -> Subquery:
    """Who holds on `today` the role that is needed, and where; each pair once."""
    role = table_of(Role)
    what = [role.c.person_id]
    if needed.scope == "school":
        what.append(role.c.school_id)
    place = role.c.school_id.is_not(None) if needed.scope == "school" else role.c.school_id.is_(None)
    return (
        select(*what)
        .where(
            role.c.kind == needed.role if needed.role is not None else false(),
            place,
            role.c.starts_on <= today,
            or_(role.c.ends_on.is_(None), role.c.ends_on >= today),
        )
        .distinct()
        .subquery("office")
    )


def _is_designated(today: date) -> ColumnElement[bool]:
    """Whether the Superintendent's designation of the person covers the account on `today` (1)."""
    return (
        exists()
        .where(
            col(Designation.person_id) == col(Access.person_id),
            or_(col(Designation.account_id).is_(None), col(Designation.account_id) == col(Account.id)),
            col(Designation.starts_on) <= today,
            or_(col(Designation.ends_on).is_(None), col(Designation.ends_on) >= today),
        )
        .correlate(Access, Account)
    )
