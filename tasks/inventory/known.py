"""What the rows of a list are held against: the people, the schools and the accounts of the store."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from schemas.accounts import Access, Account
from schemas.people import AlsoKnown, Person, School
from schemas.states import AccessState
from schemas.words import AccessRole
from tasks.inventory.matching import KnownAccount
from tasks.store.session import Session


@dataclass(frozen=True)
class Here:
    """People by address and schools by name; `names` has a name twice where two schools share it."""

    people: Mapping[str, int]
    schools: Mapping[str, int]
    names: tuple[str, ...]


async def here_now(session: Session) -> Here:
    """Everybody, and the active schools."""
    people = await session.run(select(col(Person.email), col(Person.id)))
    schools = await session.run(
        select(col(School.name), col(School.id))
        .where(col(School.active), ~col(School.is_division))
        .order_by(col(School.id))
    )
    named = [(row.name, row.id) for row in schools]
    also = await session.run(select(col(AlsoKnown.email), col(AlsoKnown.person_id)))
    merged = {row.email: row.person_id for row in also}
    return Here(merged | {row.email: row.id for row in people}, dict(named), tuple(name for name, _ in named))


async def known_accounts(session: Session) -> list[KnownAccount]:
    """Every account of the store, as rows are matched with it."""
    rows = await session.run(
        select(col(Access.account_id), col(Person.email))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(col(Access.state) != AccessState.REVOKED, col(Access.role) == AccessRole.ADMINISTRATOR)
    )
    people: dict[int, set[str]] = {}
    for row in rows:
        people.setdefault(row.account_id, set()).add(row.email)
    found = await session.exec(
        select(Account, School.name)
        .join(School, col(School.id) == col(Account.school_id), isouter=True)
        .order_by(col(Account.id))
    )
    return [
        KnownAccount(
            id=one.id or 0,
            version=one.version,
            state=one.state,
            level=one.level,
            channel=one.channel,
            platform=one.platform,
            handle=one.handle,
            address=one.address,
            platform_id=one.platform_id,
            school=school or "",
            purpose=one.purpose,
            custody=one.custody,
            vault_reference=one.vault_reference,
            custodian_is_administrator=one.custodian_is_administrator,
            administrators=frozenset(people.get(one.id or 0, ())),
            closes=one.closes_on is not None,
        )
        for one, school in found.all()
    ]
