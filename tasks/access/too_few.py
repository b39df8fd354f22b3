"""Who administers accounts now and after a day, and whether they are the ones that the level needs."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from policy.controls.administrators import Administrators
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.facts import Candidate
from schemas.people import Designation, Person, Role
from schemas.states import AccessState
from schemas.words import AccessRole
from tasks.store.given import among
from tasks.store.session import Session


@dataclass(frozen=True)
class Place:
    """An account's number, level and school."""

    account: int
    level: str
    school: int | None


@dataclass(frozen=True)
class Held:
    """An administrator with access: as they count now and after the day, and the last day of an office."""

    now: Candidate
    after: Candidate
    until: date | None = None


def needing(policy: Policy) -> dict[str, Administrators]:
    """The control that says who administers accounts of a level, where it is held to every night."""
    found = {}
    for level in policy.levels:
        one = policy.first(Administrators, level=level.id)
        if one is not None and one.runs:
            found[level.id] = one
    return found


def somebody_goes(
    policy: Policy, today: date, horizon: date, hanging: Collection[int]
) -> ColumnElement[bool]:
    """Whether an account of these levels has an administrator who leaves, or whose office ends, by then.

    Found from the few rows that have such a day.
    """
    ends = and_(col(Role.ends_on) >= today, col(Role.ends_on) <= horizon)
    people = or_(
        col(Access.person_id).in_(select(col(Role.person_id)).where(ends)),
        col(Access.person_id).in_(select(col(Person.id)).where(col(Person.leaves_on) <= horizon)),
        and_(col(Access.ends_on).is_not(None), col(Access.ends_on) <= horizon),
        among(col(Access.id), hanging),
    )
    access = select(col(Access.account_id)).where(
        col(Access.state) == AccessState.GRANTED, col(Access.role) == AccessRole.ADMINISTRATOR, people
    )
    return and_(col(Account.level).in_(needing(policy)), col(Account.id).in_(access))


async def held(
    session: Session,
    policy: Policy,
    places: Collection[Place],
    people: Mapping[int, Collection[int]],
    today: date,
    horizon: date,
) -> dict[int, list[Held]]:
    """How these people, by account, count at their accounts now and after `horizon`: two statements."""
    everybody = {one for some in people.values() for one in some}
    persons = select(col(Person.id), col(Person.kind)).where(among(col(Person.id), everybody))
    kinds = {row.id: row.kind for row in await session.run(persons)}
    roles = defaultdict[int, list[tuple[str, int | None, date, date]]](list)
    for role in await session.run(
        select(
            col(Role.person_id), col(Role.kind), col(Role.school_id), col(Role.starts_on), col(Role.ends_on)
        ).where(
            among(col(Role.person_id), everybody),
            or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today),
        )
    ):
        roles[role.person_id].append((role.kind, role.school_id, role.starts_on, role.ends_on or date.max))
    designated = defaultdict[int, list[tuple[int | None, date, date]]](list)
    for row in await session.run(
        select(
            col(Designation.person_id),
            col(Designation.account_id),
            col(Designation.starts_on),
            col(Designation.ends_on),
        ).where(
            among(col(Designation.person_id), everybody),
            or_(col(Designation.ends_on).is_(None), col(Designation.ends_on) >= today),
        )
    ):
        designated[row.person_id].append((row.account_id, row.starts_on, row.ends_on or date.max))
    needs, found = needing(policy), defaultdict[int, list[Held]](list)
    for place in places:
        control = needs.get(place.level)
        if control is None:
            continue
        at = None
        if control.office is not None and policy.office(control.office).at == "school":
            at = place.school
        for one in people.get(place.account, ()):
            days = [
                (first, last)
                for kind, school, first, last in roles[one]
                if kind == control.office and school == at
            ]
            if control.or_designated:
                days += [
                    (first, last)
                    for account, first, last in designated[one]
                    if account in {None, place.account}
                ]
            now = any(first <= today <= last for first, last in days)
            after = any(first <= horizon < last for first, last in days)
            until = max((last for first, last in days if first <= horizon), default=None)
            kind = kinds[one]
            found[place.account].append(
                Held(
                    Candidate(one, active=True, kind=kind, holds_office=now),
                    Candidate(one, active=True, kind=kind, holds_office=after),
                    until if now and not after else None,
                )
            )
    return found
