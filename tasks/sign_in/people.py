"""Whom the sample sign-in offers: the people of each office, who administers most, or who is searched for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, or_, select

from policy.model import Policy
from policy.selects import runs_on
from schemas.accounts import Access
from schemas.people import Person, Role
from schemas.states import AccessState
from tasks.store.session import Session

_AT_MOST = 30


@dataclass(frozen=True)
class Shown:
    """A person, with what they are here: an office, or how many accounts they administer."""

    person: int
    name: str
    email: str
    what: str


async def to_pick(session: Session, policy: Policy, today: date, searched: str = "") -> Sequence[Shown]:
    """People to sign in as, the most telling first: some of each office, and teachers with accounts."""
    held = (
        select(Role.person_id, func.min(Role.kind))
        .where(
            runs_on(Role, today),
        )
        .group_by(col(Role.person_id))
    )
    offices = {person: policy.label(kind) for person, kind in (await session.exec(held)).all()}
    counted = (
        select(Access.person_id, func.count())
        .where(col(Access.state) == AccessState.GRANTED)
        .group_by(col(Access.person_id))
    )
    accounts = dict((await session.exec(counted)).all())
    people = select(Person).where(col(Person.active)).order_by(col(Person.id))
    if words := searched.split():
        for word in words:
            found = (Person.given_name, Person.family_name, Person.email)
            people = people.where(or_(*(col(one).icontains(word, autoescape=True) for one in found)))
        chosen = list((await session.exec(people.limit(_AT_MOST))).all())
    else:
        of_office: dict[str, list[int]] = {}
        for person, office in sorted(offices.items(), key=lambda one: (-accounts.get(one[0], 0), one[0])):
            of_office.setdefault(office, []).append(person)
        most = sorted(set(accounts) - set(offices), key=lambda one: (-accounts[one], one))
        ids = [*most[:3], *(one for those in of_office.values() for one in those[:2])]
        found_people = {
            one.id: one for one in (await session.exec(people.where(col(Person.id).in_(ids)))).all()
        }
        chosen = [found_people[one] for one in ids if one in found_people]
    return [
        Shown(
            one.id or 0,
            one.name,
            one.email,
            ", ".join(
                part
                for part in (
                    offices.get(one.id or 0) or one.position or one.kind.value,
                    _count(accounts.get(one.id or 0, 0)),
                )
                if part
            ),
        )
        for one in chosen
    ]


def _count(accounts: int) -> str:
    return "" if not accounts else f"{accounts} account{'' if accounts == 1 else 's'}"


async def who_is(session: Session, number: int) -> Person | None:
    """Somebody who is here, by number."""
    found = await session.get(Person, number)
    return found if found is not None and found.active else None
