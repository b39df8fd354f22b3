"""Accesses that hang on a designation: their person holds no office that the account's level needs.

When the designation ends, by an act or by its date, such an access ends too, with a last day that is told.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlmodel import col

from policy.controls.administrators import Administrators
from policy.model import Policy
from policy.selects import runs_on
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.people import Designation, Person, Role
from schemas.states import AccessState
from schemas.words import AccessEnd, AccessRole
from tasks.store.session import Session


def _covers() -> ColumnElement[bool]:
    return and_(
        col(Designation.person_id) == col(Access.person_id),
        or_(col(Designation.account_id).is_(None), col(Designation.account_id) == col(Access.account_id)),
    )


def _stands(day: date) -> ColumnElement[bool]:
    """Whether a designation covers the access on a day."""
    return exists().where(
        _covers(),
        runs_on(Designation, day),
    )


def _in_office(policy: Policy, day: date) -> ColumnElement[bool]:
    offices = {
        one.office: policy.office(one.office).at
        for one in policy.of(Administrators)
        if one.or_designated and one.office is not None
    }
    return or_(
        false(),
        *(
            exists().where(
                col(Role.person_id) == col(Access.person_id),
                col(Role.kind) == office,
                col(Role.school_id) == col(Account.school_id)
                if at == "school"
                else col(Role.school_id).is_(None),
                runs_on(Role, day),
            )
            for office, at in offices.items()
        ),
    )


def _accesses(policy: Policy) -> Select[int | None, int, int, str]:
    """Accesses to open accounts of the levels for which somebody may be designated: (id, account, person)."""
    levels = {
        level.id
        for level in policy.levels
        for one in policy.applying(Administrators, level=level.id)
        if one.or_designated
    }
    return (
        select(col(Access.id), col(Access.account_id), col(Access.person_id), col(Account.handle))
        .join(Account, col(Account.id) == col(Access.account_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(Account.level).in_(levels),
            col(Account.state).not_in(ENDED_ACCOUNTS),
            col(Access.state) != AccessState.REVOKED,
            col(Access.role) == AccessRole.ADMINISTRATOR,
            col(Person.active),
        )
        .order_by(col(Access.account_id), col(Access.id))
    )


def ending(
    policy: Policy, through: date, *, announced_too: bool = False
) -> Select[int | None, int, int, str]:
    """Those that hang on a designation that ends by a day, and whose end is not announced yet.

    `announced_too`: those too whose end was announced for that.
    """
    over = col(Designation.ends_on) <= through
    # who has one that ends, at once for all: few accesses are left to look at
    theirs = col(Access.person_id).in_(select(col(Designation.person_id)).where(over))
    once = exists().where(_covers(), over)
    after = through + timedelta(days=1)
    wanted: ColumnElement[bool] = col(Access.ends_on).is_(None)
    if announced_too:
        wanted = or_(wanted, col(Access.ends_for) == AccessEnd.DESIGNATION)
    return _accesses(policy).where(theirs, wanted, once, ~_stands(after), ~_in_office(policy, after))


def standing_again(policy: Policy, through: date) -> Select[int | None, int, int, str]:
    """Those whose end was announced for a designation, and that hang on one again or on an office."""
    after = through + timedelta(days=1)
    return _accesses(policy).where(
        col(Access.ends_for) == AccessEnd.DESIGNATION,
        col(Access.ends_on).is_not(None),
        or_(_stands(after), _in_office(policy, after)),
    )


async def last_day_of(session: Session, access_id: int) -> date | None:
    """The last day of the designations that an access hung on."""
    rows = await session.run(
        select(col(Designation.ends_on))
        .join(Access, _covers())
        .where(col(Access.id) == access_id, col(Designation.ends_on).is_not(None))
        .order_by(col(Designation.ends_on).desc())
        .limit(1)
    )
    return rows.scalar_one_or_none()
