"""Finding what people name: a person by e-mail address, a school by name, a subject by number."""

import difflib
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.errors import Unknown
from schemas.people import Person, School

T = TypeVar("T", bound=SQLModel)


async def person(session: AsyncSession, email: str, *, must_be_active: bool = True) -> Person:
    """The person with this address. Raises Unknown, with the nearest address where one is near."""
    address = email.strip().lower()
    found = (await session.exec(select(Person).where(col(Person.email) == address))).one_or_none()
    if found is None:
        everybody = (await session.exec(select(Person.email))).all()
        near = difflib.get_close_matches(address, everybody, n=1, cutoff=0.85)
        hint = f"; did you mean {near[0]}?" if near else "; import the roster that has them first."
        raise Unknown(
            "Nobody here has one of the e-mail addresses given: check them, or import the roster first.",
            shown=f"Nobody here has the e-mail address {email}{hint}",
        )
    if must_be_active and not found.active:
        raise Unknown(
            "One of the e-mail addresses given belongs to somebody who has left: name somebody else.",
            shown=f"{email} belongs to somebody who has left the division: name somebody else.",
        )
    return found


async def person_id(session: AsyncSession, email: str, *, must_be_active: bool = True) -> int:
    """The number of the person with this address. Raises Unknown."""
    found = await person(session, email, must_be_active=must_be_active)
    if found.id is None:
        raise Unknown("This person is not stored yet: import the roster first.")
    return found.id


async def school(session: AsyncSession, name: str) -> School:
    """The active school of this name (letter case does not matter). Raises Unknown with the nearest name."""
    wanted = func.lower(col(School.name)) == name.strip().lower()
    rows = (await session.exec(select(School).where(wanted, col(School.active)))).all()
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise Unknown(
            f"{len(rows)} schools have the name given: give them different names in the roster.",
            shown=f"{len(rows)} schools are called {name!r}: give them different names in the roster.",
        )
    names = (await session.exec(select(School.name).where(col(School.active)))).all()
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ": give its name as the roster has it."
    raise Unknown(
        f"There is no school of the name given{hint}", shown=f"There is no school called {name!r}{hint}"
    )


async def by_id(session: AsyncSession, model: type[T], number: int) -> T:
    """A row by its number. Raises Unknown."""
    found = await session.get(model, number)
    if found is None:
        raise Unknown(f"There is no {str(model.__tablename__).replace('_', ' ')} {number}.")
    return found


def handle_key(handle: str) -> str:
    """A handle as it is compared: two accounts on one platform never share it."""
    return handle.strip().lstrip("@").rstrip("/").casefold()
