"""Somebody's own accounts, and whether they have been looked at today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.evidence import CheckIn
from schemas.people import Person, School
from schemas.states import AccessState, AccountState

_IN_USE = (AccountState.LIVE, AccountState.SUSPENDED)


@dataclass(frozen=True)
class OwnAccount:
    """An account that a person has access to, or looks at for somebody who is away (`instead`).

    `checked_by`: who looked at it today; empty for nobody yet. `ends_on`: the last day of the access.
    """

    account: int
    handle: str
    called: str
    platform: str
    place: str
    state: str
    access: str
    checked_by: str
    instead: bool = False
    access_number: int | None = None
    ends_on: date | None = None

    @property
    def in_use(self) -> bool:
        """Whether it is looked at each day."""
        return (self.instead or self.access == AccessState.GRANTED) and self.state in _IN_USE

    @property
    def to_check(self) -> bool:
        """Whether nobody has said for today that they looked at it."""
        return self.in_use and not self.checked_by


async def own_accounts(
    session: AsyncSession, policy: Policy, person: int, today: date, instead: Collection[int] = ()
) -> Sequence[OwnAccount]:
    """Every account that the person has or waits for access to, by handle. `today`: a day of its zone.

    `instead`: the numbers of those that they look at for somebody who is away; they are among them.
    """
    # by number first: a condition over the outer join would read every account for each look
    theirs = select(col(Access.account_id)).where(
        col(Access.person_id) == person, col(Access.state) != AccessState.REVOKED
    )
    rows = await session.exec(
        select(Account, Access, School.name, Person)
        .outerjoin(
            Access,
            and_(
                col(Access.account_id) == col(Account.id),
                col(Access.person_id) == person,
                col(Access.state) != AccessState.REVOKED,
            ),
        )
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .outerjoin(CheckIn, and_(col(CheckIn.account_id) == col(Account.id), col(CheckIn.day) == today))
        .outerjoin(Person, col(Person.id) == col(CheckIn.person_id))
        .where(
            or_(col(Account.id).in_(theirs), col(Account.id).in_(instead))
            if instead
            else col(Account.id).in_(theirs),
            col(Account.state).not_in((AccountState.CLOSED, AccountState.WITHDRAWN)),
        )
        .order_by(col(Account.handle_key), col(Account.id))
    )
    return [
        OwnAccount(
            account.id or 0,
            account.handle,
            policy.says_account(account.platform, account.handle),
            account.platform,
            school or policy.organization.name,
            account.state.value,
            str(access.state) if access is not None else "",
            by.name if by is not None else "",
            account.id in instead,
            access.id if access is not None else None,
            access.ends_on if access is not None else None,
        )
        for account, access, school, by in rows.all()
    ]
