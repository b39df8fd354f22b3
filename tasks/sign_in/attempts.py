"""Sign-ins under way: each is bound to the browser that began it, and is good once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlmodel import col, select

from schemas.columns import table_of
from schemas.people import Person
from schemas.sign_in import SignInAttempt
from tasks.sign_in.tokens import hashed, hashed_code, new_code, new_token, same
from tasks.store import Store
from tasks.store.session import Session

LASTS = timedelta(minutes=10)
#: Wrong codes that one attempt bears.
TRIES = 5
#: Letters with codes to one person within an hour, whoever asks. From one network it is fewer: else anybody
#: who knows an address could use up its letters, and its owner would get none.
LETTERS_AN_HOUR = 30
#: How long what has ended is kept, so that letters can be counted.
_KEPT = timedelta(days=1)
_ATTEMPT = table_of(SignInAttempt)


class Sent:
    """What goes to a person by mail; none of it is kept."""

    def __init__(self, person: Person, code: str, link: str) -> None:
        self.person, self.code, self.link = person, code, link


async def begin(store: Store, back_to: str, said: Mapping[str, Any], *, now: datetime) -> str:
    """Begin a sign-in with a provider; the word for the browser's cookie."""
    return await _keep(store, now, back_to=back_to, said=dict(said))


async def begin_mail(
    store: Store, person: Person, browser: str, back_to: str, *, now: datetime
) -> Sent | None:
    """Begin a sign-in by mail, for the browser with this word; what to send.

    None after too many letters within the hour: nothing is kept then, as for an address that nobody has.
    """
    async with store.read() as session:
        if await _letters(session, person.id or 0, now) >= LETTERS_AN_HOUR:
            return None
    code, link = new_code(), new_token()
    await _keep(
        store,
        now,
        browser=browser,
        back_to=back_to,
        said={},
        person_id=person.id,
        code_hash=hashed_code(code, browser),
        link_hash=hashed(link),
    )
    return Sent(person, code, link)


async def by_address(session: Session, address: str) -> Person | None:
    """Who has this address and is here; None for nobody.

    That of a record which was merged leads to nobody: a slip would let a stranger in as somebody else.
    """
    asked = " ".join(address.split()).lower()
    found = (await session.exec(select(Person).where(col(Person.email) == asked))).first()
    return found if found is not None and found.active and found.forgotten_at is None else None


async def _letters(session: Session, person: int, now: datetime) -> int:
    asked = select(func.count()).where(
        col(SignInAttempt.person_id) == person, col(SignInAttempt.begun_at) > now - timedelta(hours=1)
    )
    return (await session.exec(asked)).one()


async def _keep(store: Store, now: datetime, *, browser: str | None = None, **values: Any) -> str:
    browser = browser or new_token()
    async with store.write(audited=False) as session:
        await session.run(delete(_ATTEMPT).where(_ATTEMPT.c.until < now - _KEPT))
        await session.run(
            insert(_ATTEMPT).values(
                browser_hash=hashed(browser), tries=0, begun_at=now, until=now + LASTS, **values
            )
        )
    return browser


async def under_way(session: Session, browser: str, now: datetime) -> SignInAttempt | None:
    """This browser's attempt; None where it began none, or it was used, or its time is over."""
    asked = select(SignInAttempt).where(
        col(SignInAttempt.browser_hash) == hashed(browser),
        col(SignInAttempt.used_at).is_(None),
        col(SignInAttempt.until) > now,
    )
    return (await session.exec(asked)).first()


async def was_used(session: Session, browser: str, person: int) -> SignInAttempt | None:
    """This browser's attempt where it signed this person in already; None where it did not."""
    asked = select(SignInAttempt).where(
        col(SignInAttempt.browser_hash) == hashed(browser),
        col(SignInAttempt.person_id) == person,
        col(SignInAttempt.used_at).is_not(None),
    )
    return (await session.exec(asked)).first()


async def use(store: Store, browser: str, *, now: datetime) -> SignInAttempt | None:
    """Take this browser's attempt: nobody takes it a second time."""
    async with store.write(audited=False) as session:
        found = await under_way(session, browser, now)
        if found is None:
            return None
        taken = update(_ATTEMPT).where(_ATTEMPT.c.id == found.id, _ATTEMPT.c.used_at.is_(None))
        done = await session.run(taken.values(used_at=now))
        return found if done.rowcount else None


async def use_code(
    store: Store, browser: str, *, code: str = "", link: str = "", now: datetime
) -> SignInAttempt | None:
    """Take this browser's attempt by the code or the link that was sent; None where it is none of them.

    A wrong one counts as a try. After the last try, or for an unknown address, nothing fits any more, and no
    writer's turn is taken.
    """
    async with store.read() as session:
        begun = await under_way(session, browser, now)
    if begun is None or begun.tries >= TRIES:
        return None
    async with store.write(audited=False) as session:
        found = await under_way(session, browser, now)
        if found is None or found.tries >= TRIES:
            return None
        given = hashed(link) if link else hashed_code("".join(code.split()), browser)
        wanted = (found.link_hash if link else found.code_hash) or ""
        fits = same(given, wanted) and found.person_id is not None
        values: dict[str, Any] = {"used_at": now} if fits else {"tries": _ATTEMPT.c.tries + 1}
        taken = update(_ATTEMPT).where(_ATTEMPT.c.id == found.id, _ATTEMPT.c.used_at.is_(None))
        done = await session.run(taken.values(**values))
        return found if fits and done.rowcount else None
