"""Somebody's own accounts, and whether they have been looked at today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_
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
    """An account that a person has access to. `checked_by`: who looked at it today; empty for nobody yet."""

    account: int
    handle: str
    called: str
    platform: str
    place: str
    state: str
    access: str
    checked_by: str

    @property
    def in_use(self) -> bool:
        """Whether it is looked at each day."""
        return self.access == AccessState.GRANTED and self.state in _IN_USE

    @property
    def to_check(self) -> bool:
        """Whether nobody has said for today that they looked at it."""
        return self.in_use and not self.checked_by


async def own_accounts(
    session: AsyncSession, policy: Policy, person: int, today: date
) -> Sequence[OwnAccount]:
    """Every account that the person has or waits for access to, by handle. `today`: a day of its zone."""
    rows = await session.exec(
        select(Account, Access.state, School.name, Person)
        .join(Access, col(Access.account_id) == col(Account.id))
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .outerjoin(CheckIn, and_(col(CheckIn.account_id) == col(Account.id), col(CheckIn.day) == today))
        .outerjoin(Person, col(Person.id) == col(CheckIn.person_id))
        .where(
            col(Access.person_id) == person,
            col(Access.state) != AccessState.REVOKED,
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
            str(access),
            by.name if by is not None else "",
        )
        for account, access, school, by in rows.all()
    ]
