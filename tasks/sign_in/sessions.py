"""Sessions: begun by a sign-in, read at each request, ended by the person, by time, or by their leaving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update
from sqlmodel import col
from sqlmodel import select as of_model

from schemas.columns import table_of
from schemas.errors import Unknown
from schemas.people import Person
from schemas.sign_in import PortalSession
from schemas.words import SignInWay
from tasks.sign_in.tokens import hashed, new_token, same
from tasks.store import Store
from tasks.store.given import NOW
from tasks.store.session import Session

#: How old the noted moment of the last request may be before it is noted anew.
NOTED_EVERY = timedelta(minutes=5)
_LONGEST_NUMBER = 18
_SESSION = table_of(PortalSession)


@dataclass(frozen=True)
class SignedIn:
    """Who asks for a page. `since`: when they showed who they are. `language`: if they chose one.

    `mark`: what a form carries that is made for them (see `whose`).
    """

    session: int
    person: int
    name: str
    way: SignInWay
    since: datetime
    seen_at: datetime
    mark: str
    language: str | None = None


@dataclass(frozen=True)
class OwnSession:
    """One of somebody's sessions, as they see it."""

    session: int
    browser: str
    way: str
    begun_at: datetime
    seen_at: datetime
    is_this: bool


async def begin(
    store: Store, person: int, way: SignInWay, *, now: datetime, lasts: timedelta, browser: str = ""
) -> str:
    """Sign a person in; the word for the browser's cookie, always a new one. Raises Unknown."""
    token = new_token()
    async with store.write(audited=False) as session:
        found = await session.get(Person, person)
        if found is None or not found.active:
            raise Unknown("Nobody who works here is known so: ask whoever runs this service.")
        await session.run(
            insert(_SESSION).values(
                token_hash=hashed(token),
                person_id=person,
                way=way,
                browser=browser[:60],
                begun_at=now,
                seen_at=now,
                until=now + lasts,
            )
        )
    return token


#: Whose session it is that has this word, while it counts.
_WHO: Select[*tuple[Any, ...]] = (
    select(
        *(col(PortalSession.id), col(PortalSession.token_hash), col(PortalSession.way)),
        *(col(PortalSession.begun_at), col(PortalSession.seen_at), col(Person.id).label("person")),
        *(col(Person.given_name), col(Person.family_name), col(Person.language)),
    )
    .join(Person, col(Person.id) == col(PortalSession.person_id))
    .where(
        col(PortalSession.token_hash) == bindparam("token_hash"),
        col(PortalSession.ended_at).is_(None),
        col(PortalSession.until) > NOW,
        col(Person.active),
    )
)


async def who(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Whose session this is; None where there is none, it has ended, or the person has left."""
    its = (await session.run(_WHO, {"token_hash": hashed(token), "now": now})).first()
    if its is None:
        return None
    return SignedIn(
        its.id,
        its.person,
        f"{its.given_name} {its.family_name}",
        its.way,
        its.begun_at,
        its.seen_at,
        _mark(its.id, its.token_hash),
        its.language,
    )


def _mark(number: int | None, token_hash: str) -> str:
    """The session's number, and a proof that nobody makes who does not hold it."""
    return f"{number}.{hashed(f'a form of {token_hash}')}"


async def whose(session: Session, mark: str) -> int | None:
    """For whom a form with this mark was made, also in a session that has ended; None for no mark of ours."""
    number = mark.partition(".")[0]
    if not number.isascii() or not number.isdecimal() or len(number) > _LONGEST_NUMBER:
        return None
    its = await session.get(PortalSession, int(number))
    return its.person_id if its is not None and same(mark, _mark(its.id, its.token_hash)) else None


async def note_seen(store: Store, one: SignedIn, now: datetime) -> None:
    """Note that the session was used, at most every few minutes."""
    if now - one.seen_at >= NOTED_EVERY:
        async with store.write(audited=False) as session:
            await session.run(update(_SESSION).where(_SESSION.c.id == one.session).values(seen_at=now))


async def own(session: Session, one: SignedIn, now: datetime) -> Sequence[OwnSession]:
    """Every session of the person that still counts, the latest used first."""
    rows = (
        await session.exec(
            of_model(PortalSession)
            .where(
                col(PortalSession.person_id) == one.person,
                col(PortalSession.ended_at).is_(None),
                col(PortalSession.until) > now,
            )
            .order_by(col(PortalSession.seen_at).desc(), col(PortalSession.id))
        )
    ).all()
    return [
        OwnSession(
            row.id or 0,
            row.browser or "a browser",
            row.way.value,
            row.begun_at,
            row.seen_at,
            row.id == one.session,
        )
        for row in rows
    ]


async def end(store: Store, one: SignedIn, which: int | None, now: datetime) -> int:
    """End one of the person's own sessions, or with None all of them; how many ended.

    Somebody else's is as one that is not there.
    """
    ends = (
        update(_SESSION)
        .where(_SESSION.c.person_id == one.person, _SESSION.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    if which is not None:
        ends = ends.where(_SESSION.c.id == which)
    async with store.write(audited=False) as session:
        return (await session.run(ends)).rowcount
