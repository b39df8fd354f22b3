"""The first people of an empty store: who holds the offices until a roster comes."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from policy.model import Policy
from schemas.answers import HolderAnswers
from schemas.errors import BadInput
from schemas.outcome import Subject
from schemas.people import Person, Role
from schemas.words import PersonKind, SubjectKind
from tasks.store import Store, audit
from tasks.store.audit import STEWARD

#: Where the office of somebody comes from who was named when the installation began.
SOURCE = "first setup"


def refuse_offices(policy: Policy, holders: Mapping[str, HolderAnswers]) -> None:
    """Raises BadInput for an office that is held at schools or unknown, and where a needed one is empty."""
    there = {one.id: one for one in policy.offices if one.at == "division"}
    if unknown := sorted(set(holders) - set(there)):
        raise BadInput(
            f"{unknown[0]!r} is no office of the whole organization in this policy: there are "
            f"{', '.join(there)}."
        )
    needed = {*policy.duties.gives_offices, policy.duties.keeps_policy} & set(there)
    if missing := sorted(needed - set(holders)):
        raise BadInput(
            f"Nobody is named as {there[missing[0]].label}: somebody must hold that office, or nothing "
            "can be decided."
        )
    names = {one.email: (one.given_name, one.family_name) for one in holders.values()}
    for one in holders.values():
        if names[one.email] != (one.given_name, one.family_name):
            raise BadInput(f"The address {one.email} is given for two people: each has their own.")


async def begin(
    store: Store, policy: Policy, holders: Mapping[str, HolderAnswers], now: datetime
) -> tuple[str, ...]:
    """Store who holds the first offices, a line each; nothing where somebody is stored already.

    One address is one person, who may hold several. A roster that comes later knows them by their address.
    Raises BadInput as `refuse_offices` does.
    """
    async with store.write() as session:
        people = (await session.run(select(func.count(col(Person.id))))).scalar_one()
        if people:
            return ()
        refuse_offices(policy, holders)
        said, known = list[str](), dict[str, int]()
        for office, one in holders.items():
            email = one.email
            if email not in known:
                person = Person(
                    given_name=one.given_name, family_name=one.family_name, email=email, kind=PersonKind.STAFF
                )
                session.add(person)
                await session.flush()
                known[email] = person.id or 0
            role = Role(
                person_id=known[email], kind=office, starts_on=policy.calendar.today(now), source=SOURCE
            )
            session.add(role)
            await session.flush()
            subject = Subject(SubjectKind.PERSON, known[email])
            await audit.append(
                session,
                subject,
                actor=STEWARD,
                control="",
                cause="first holder of an office",
                now=now,
                body={"office": office},
            )
            said.append(f"{one.given_name} {one.family_name} is {policy.office(office).label}")
        return tuple(said)
