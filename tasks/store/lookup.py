"""Finding what people name: a person, a school or an account, by number and by what they are called."""

import difflib
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import SQLModel, col, select

from policy.identity import called, handle_key, near_address, one_line, page_key
from schemas.accounts import Account, AccountChange
from schemas.errors import Unknown
from schemas.people import AlsoKnown, Person, School
from tasks.store.session import Session

T = TypeVar("T", bound=SQLModel)


def is_number(said: str) -> bool:
    """Whether it is a number as we write them: other scripts have digits too, and nobody means them here."""
    return said.isascii() and said.isdecimal()


_SEVERAL = 5  # people named by a part of a name
_LONGEST_NUMBER = 19  # digits: longer ones are no number of ours, and no database takes them


async def person(session: Session, known_as: str, *, must_be_active: bool = True) -> Person:
    """The person with this e-mail address, number or name ("Robin Sample").

    Raises Unknown: nobody is known so, with what is near; several have the name; or they have left.
    """
    said = " ".join(known_as.split())
    if "@" in said:
        found = await _one(session, col(Person.email) == said.lower()) or await _also(
            session, col(AlsoKnown.email) == said.lower()
        )
    elif is_number(said):
        found = await session.get(Person, int(said)) if len(said) < _LONGEST_NUMBER else None
        if found is not None and not found.active:
            found = await _also(session, col(AlsoKnown.merged_id) == found.id) or found
    else:
        found = await _called(session, said)
    if found is None:
        near = await _near_person(session, said)
        hint = f"; did you mean {near}?" if near else "; import the roster that has them first."
        what = "the e-mail address" if "@" in said else "the number" if is_number(said) else "the name"
        raise Unknown(
            "Nobody here is known by one of the addresses, numbers or names given: check them, or import "
            "the roster first.",
            shown=f"Nobody here has {what} {said}{hint}",
        )
    if found.forgotten_at is not None:
        raise Unknown("One of the people given was forgotten: nothing can be recorded of them.")
    if must_be_active and not found.active:
        raise Unknown(
            "One of the people given has left: name somebody else.",
            shown=f"{said} is somebody who has left: name somebody else.",
        )
    return found


async def person_id(session: Session, known_as: str, *, must_be_active: bool = True) -> int:
    """The number of the person with this e-mail address, number or name. Raises Unknown."""
    found = await person(session, known_as, must_be_active=must_be_active)
    if found.id is None:
        raise Unknown("This person is not stored yet: import the roster first.")
    return found.id


async def school(session: Session, known_as: str) -> School:
    """The active school of this name or number; the exact name first, then in any letter case.

    Raises Unknown with the nearest name.
    """
    said = one_line(known_as)
    here = (await session.exec(select(School).where(col(School.active)))).all()
    names = set(called((one.name for one in here), said))
    rows = [one for one in here if one.name in names] or [one for one in here if str(one.id) == said]
    if len(rows) == 1:
        return rows[0]
    if rows:
        several = ", ".join(str(row.id) for row in rows)
        raise Unknown(
            f"{len(rows)} schools have the name given: say which number you mean, {several}.",
            shown=f"{len(rows)} schools are called {said!r}: say which number you mean, {several}.",
        )
    near = difflib.get_close_matches(said, [one.name for one in here], n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ": `steward schools` shows them all."
    raise Unknown(
        f"There is no school of the name given{hint}", shown=f"There is no school called {said!r}{hint}"
    )


async def accounts(session: Session, said: str) -> Sequence[Account]:
    """The accounts of this handle (with or without its @) or at this address; else those once called so."""
    its = col(Account.handle_key) == handle_key(said)
    if (page := page_key(said, None)) is not None:
        its |= col(Account.page_key) == page
    rows = (await session.exec(select(Account).where(its).order_by(col(Account.id)))).all()
    if not rows:
        former = select(AccountChange.account_id).where(col(AccountChange.key) == handle_key(said))
        was_called = col(Account.id).in_(former)
        rows = (await session.exec(select(Account).where(was_called).order_by(col(Account.id)))).all()
    return rows


async def account(session: Session, known_as: str) -> Account:
    """The account with this number or handle (with or without its @), or at this address.

    One that was renamed is found by a former handle, where no account has it now.
    Raises Unknown, with the nearest handle; also where several platforms have the handle.
    """
    said = known_as.strip()
    if not said:
        raise Unknown("No account was given: give its number, its handle or its page's address.")
    if is_number(said) and len(said) < _LONGEST_NUMBER:
        return await by_id(session, Account, int(said))
    rows = await accounts(session, said)
    if len(rows) == 1:
        return rows[0]
    if rows:
        several = ", ".join(f"{row.id} ({row.platform})" for row in rows)
        raise Unknown(
            f"Several accounts have the handle given: say which number you mean, {several}.",
            shown=f"Several accounts are called {said}: say which number you mean, {several}.",
        )
    handles = (await session.exec(select(Account.handle))).all()
    near = difflib.get_close_matches(said, handles, n=1, cutoff=0.8)
    hint = f"; did you mean {near[0]}?" if near else ": `steward account list` shows them all."
    raise Unknown("There is no account of the handle given.", shown=f"There is no account {said}{hint}")


async def _one(session: Session, which: ColumnElement[bool]) -> Person | None:
    return (await session.exec(select(Person).where(which))).one_or_none()


def full_name(person: type[Person], label: str = "name") -> ColumnElement[str]:
    """The name of a person, as a column with this label."""
    return (col(person.given_name) + " " + col(person.family_name)).label(label)


async def _also(session: Session, which: ColumnElement[bool]) -> Person | None:
    """The person whose record another one was merged into."""
    of = select(Person).join(AlsoKnown, col(AlsoKnown.person_id) == col(Person.id)).where(which)
    return (await session.exec(of)).one_or_none()


async def _called(session: Session, name: str) -> Person | None:
    """The person of this name; of several the one who is here. Raises Unknown where that leaves several."""
    full = col(Person.given_name) + " " + col(Person.family_name)
    rows = (await session.exec(select(Person).where(func.lower(full) == name.lower()))).all()
    rows = [row for row in rows if row.active] or rows
    if len(rows) > 1:
        several = ", ".join(f"{row.id} ({row.email})" for row in rows)
        raise Unknown(
            "Several people have a name that was given: give the number or the e-mail address.",
            shown=f"{len(rows)} people are called {name}: say which number you mean, {several}.",
        )
    return rows[0] if rows else None


async def _near_person(session: Session, said: str) -> str | None:
    """The address or the name that is nearest to what was said; None where none is near."""
    if is_number(said):
        return None
    if "@" in said:
        return near_address(said, (await session.exec(select(Person.email))).all()) or None
    part = select(Person).where(
        or_(func.lower(Person.given_name) == said.lower(), func.lower(Person.family_name) == said.lower()),
        col(Person.active),
    )
    if several := (await session.exec(part.order_by(col(Person.id)).limit(_SEVERAL))).all():
        return " or ".join(f"{one.name} ({one.email})" for one in several)
    rows = await session.exec(select(Person.given_name, Person.family_name))
    near = difflib.get_close_matches(said, [f"{given} {family}" for given, family in rows], n=1, cutoff=0.85)
    return near[0] if near else None


async def by_id(session: Session, model: type[T], number: int) -> T:
    """A row by its number. Raises Unknown."""
    found = await session.get(model, number)
    if found is None:
        raise Unknown(f"There is no {str(model.__tablename__).replace('_', ' ')} {number}.")
    return found
