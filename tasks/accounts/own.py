"""Somebody's own accounts, and whether they have been looked at today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, or_, select
from sqlmodel import col

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.evidence import CheckIn
from schemas.people import Person, School
from schemas.states import AccessState, AccountState
from tasks.store.given import IDS, TODAY, among
from tasks.store.session import Session

_IN_USE = (AccountState.LIVE, AccountState.SUSPENDED)


@dataclass(frozen=True)
class OwnAccount:
    """An account that a person has access to, or looks at for somebody who is away (`instead`).

    `checked_by`: who looked at it today; empty for nobody yet. `ends_on`: the last day of the access;
    `closes_on`: that of the account, as it was announced.
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
    closes_on: date | None = None

    @property
    def in_use(self) -> bool:
        """Whether it is looked at each day."""
        return (self.instead or self.access == AccessState.GRANTED) and self.state in _IN_USE

    @property
    def to_check(self) -> bool:
        """Whether nobody has said for today that they looked at it."""
        return self.in_use and not self.checked_by


async def own_accounts(
    session: Session, policy: Policy, person: int, today: date, instead: Collection[int] = ()
) -> Sequence[OwnAccount]:
    """Every account that the person has or waits for access to, by handle. `today`: a day of its zone.

    `instead`: the numbers of those that they look at for somebody who is away; they are among them.
    """
    given = {"person": person, "today": today, IDS: instead}
    rows = await session.run(_theirs(or_instead=bool(instead)), given)
    return [
        OwnAccount(
            one.id,
            one.handle,
            policy.says_account(one.platform, one.handle),
            one.platform,
            one.school or policy.organization.name,
            one.state.value,
            str(one.access) if one.access is not None else "",
            f"{one.given_name} {one.family_name}" if one.given_name is not None else "",
            one.id in instead,
            one.access_number,
            one.ends_on,
            one.closes_on,
        )
        for one in rows
    ]


@cache
def _theirs(*, or_instead: bool) -> Select[*tuple[Any, ...]]:
    """The select of them, and of those of some numbers; made once, since it takes its time.

    By number first: a condition over the outer join would read every account for each look.
    """
    number = col(Account.id)
    person: BindParameter[int] = bindparam("person")
    its = select(col(Access.account_id)).where(
        col(Access.person_id) == person, col(Access.state) != AccessState.REVOKED
    )
    return (
        select(
            *(number, col(Account.handle), col(Account.platform), col(Account.state)),
            *(col(School.name).label("school"), col(Access.state).label("access")),
            *(col(Access.id).label("access_number"), col(Access.ends_on), col(Account.closes_on)),
            *(col(Person.given_name), col(Person.family_name)),
        )
        .outerjoin(
            Access,
            and_(
                col(Access.account_id) == number,
                col(Access.person_id) == person,
                col(Access.state) != AccessState.REVOKED,
            ),
        )
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .outerjoin(CheckIn, and_(col(CheckIn.account_id) == number, col(CheckIn.day) == TODAY))
        .outerjoin(Person, col(Person.id) == col(CheckIn.person_id))
        .where(
            or_(number.in_(its), among(number, IDS)) if or_instead else number.in_(its),
            col(Account.state).not_in((AccountState.CLOSED, AccountState.WITHDRAWN)),
        )
        .order_by(col(Account.handle_key), number)
    )
