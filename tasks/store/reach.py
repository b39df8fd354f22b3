"""Who can reach an account besides one of its administrators, as a condition over `access` and `account`."""

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, not_, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import col

from policy.controls.custody import Custody, custody_is_shown
from policy.model import Policy
from policy.selects import runs_on
from schemas.accounts import Access, Account
from schemas.people import Person, Role
from schemas.states import AccessState, AccountState
from tasks.store.given import Day


def _a_custodian_reaches(
    policy: Policy, today: Day, besides: SQLColumnExpression[int] | None = None
) -> ColumnElement[bool]:
    """Whether somebody `besides` who is here holds an office today that can get in, and is not cut off."""
    theirs = aliased(Access)
    cut_off = exists().where(
        col(theirs.account_id) == col(Account.id),
        col(theirs.person_id) == col(Role.person_id),
        col(theirs.state) == AccessState.SUSPENDED,
    )
    custodian = aliased(Person)
    ways = []
    for control in policy.of(Custody):
        at_division = policy.office(control.office).at == "division"
        ways.append(
            and_(
                control.scope(policy),
                exists().where(
                    col(Role.kind) == control.office,
                    col(Role.school_id).is_(None)
                    if at_division
                    else col(Role.school_id) == Account.school_id,
                    runs_on(Role, today),
                    true() if besides is None else col(Role.person_id) != besides,
                    col(custodian.id) == col(Role.person_id),
                    col(custodian.active),
                    not_(cut_off),
                ),
            )
        )
    return and_(custody_is_shown(policy), or_(false(), *ways))


def nobody_else(policy: Policy, today: Day) -> ColumnElement[bool]:
    """Whether an account is live and only this person, of those who are here, can reach it."""
    other, somebody = aliased(Access), aliased(Person)
    others = exists().where(
        col(other.account_id) == col(Access.account_id),
        col(other.id) != col(Access.id),
        col(other.state) == AccessState.GRANTED,
        col(somebody.id) == col(other.person_id),
        col(somebody.active),
    )
    return and_(
        col(Account.state) == AccountState.LIVE,
        not_(others),
        not_(_a_custodian_reaches(policy, today, col(Access.person_id))),
    )


def somebody(policy: Policy, today: Day) -> ColumnElement[bool]:
    """Whether anybody who is here can reach an account: with access of their own, or as its custodian."""
    access, person = aliased(Access), aliased(Person)
    with_access = exists().where(
        col(access.account_id) == col(Account.id),
        col(access.state) == AccessState.GRANTED,
        col(person.id) == col(access.person_id),
        col(person.active),
    )
    return or_(with_access, _a_custodian_reaches(policy, today))
