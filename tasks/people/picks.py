"""Whom and what somebody may choose on a form: people, schools and accounts that they see anyway."""

from dataclasses import dataclass

from sqlalchemy import Integer, bindparam, func
from sqlmodel import col, or_, select

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.people import Person, School
from schemas.states import AccessState, AccountState
from schemas.words import PersonKind
from tasks.people.desks import Desks
from tasks.store.session import Session

#: So many of each; who has more types the rest.
_AT_MOST = 1500


@dataclass(frozen=True)
class Picks:
    """`people`: number, address, and name with position. `accounts`: number, and what people call it."""

    people: tuple[tuple[int, str, str], ...] = ()
    schools: tuple[tuple[int, str], ...] = ()
    accounts: tuple[tuple[int, str], ...] = ()


async def picks(session: Session, policy: Policy, person: int, mine: Desks) -> Picks:
    """Offices of the whole choose from everybody; others from their own school, and from their accounts.

    Students are never offered.
    """
    own = {number for number, _ in mine.schools}
    me = await session.get(Person, person)
    if me is not None and me.school_id is not None:
        own.add(me.school_id)
    people = select(Person).where(col(Person.active), col(Person.kind) != PersonKind.STUDENT)
    accounts = select(Account).where(col(Account.state).not_in((AccountState.CLOSED, AccountState.WITHDRAWN)))
    if not mine.any_office:
        people = people.where(or_(col(Person.id) == person, col(Person.school_id).in_(own)))
        reached = select(Access.account_id).where(
            col(Access.person_id) == person, col(Access.state) != AccessState.REVOKED
        )
        run = [number for number, _ in mine.schools]
        accounts = accounts.where(or_(col(Account.id).in_(reached), col(Account.school_id).in_(run)))
    people = people.order_by(col(Person.family_name), col(Person.given_name)).limit(_AT_MOST)
    accounts = accounts.order_by(col(Account.handle_key), col(Account.id)).limit(_AT_MOST)
    return Picks(
        tuple(
            (one.id or 0, one.email, f"{one.name}, {one.position}" if one.position else one.name)
            for one in (await session.exec(people)).all()
        ),
        await schools_to_pick(session),
        tuple(
            (one.id or 0, policy.says_account(one.platform, one.handle))
            for one in (await session.exec(accounts)).all()
        ),
    )


async def own_answers(session: Session, person: int) -> tuple[str, str]:
    """What somebody who asks for an account likely answers: the name of their school, and their address.

    The name is empty for somebody of no school, or of one that is not there any more.
    """
    me = await session.get(Person, person)
    if me is None:
        return "", ""
    school = await session.get(School, me.school_id) if me.school_id is not None else None
    return school.name if school is not None and school.active else "", me.email


#: The division as a roster has it, beside its schools.
_DIVISION = (
    select(School.id).where(col(School.active), col(School.is_division)).order_by(col(School.id)).limit(1)
)
#: Every school that is there, by name; and the same where there are no more than so many: of more, no more
#: than those are read.
_EVERY_SCHOOL = select(School.id, School.name).where(col(School.active)).order_by(col(School.name))
_AT_MOST_GIVEN = bindparam("at_most", type_=Integer())
_ONE_MORE = select(School.id, School.name).where(col(School.active)).limit(_AT_MOST_GIVEN + 1).cte("one_more")
_FEW_SCHOOLS = (
    select(_ONE_MORE.c.id, _ONE_MORE.c.name)
    .where(select(func.count()).select_from(_ONE_MORE).scalar_subquery() <= _AT_MOST_GIVEN)
    .order_by(_ONE_MORE.c.name)
)


async def division_number(session: Session) -> int | None:
    """The number of the division's own row in the list of schools; None where no roster has one."""
    return (await session.exec(_DIVISION)).first()


async def schools_to_pick(session: Session, at_most: int | None = None) -> tuple[tuple[int, str], ...]:
    """Number and name of every school that is there, by name; none of them where there are more."""
    asked = _EVERY_SCHOOL if at_most is None else _FEW_SCHOOLS
    found = (await session.exec(asked, params={"at_most": at_most})).all()
    return tuple((number or 0, name) for number, name in found)
