"""Whose an account at a provider is: linked once by a verified address, then found by its id there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import col, select

from schemas.columns import table_of
from schemas.errors import NotAllowed
from schemas.outcome import Subject
from schemas.people import Person
from schemas.sign_in import LinkedIdentity
from schemas.words import SubjectKind, Via
from tasks.sign_in.attempts import by_address
from tasks.store import Store
from tasks.store.audit import Actor, append

_MICROSOFT = "https://login.microsoftonline.com/"
#: How old a sign-in may be where somebody was to sign in anew: time to type a code that was sent.
FRESH = timedelta(minutes=5)


def identity(claims: Mapping[str, Any]) -> tuple[str, str]:
    """The issuer, and what a person is called there for good. Raises NotAllowed where the provider has none.

    Microsoft's `sub` is another for each application, so that tenant and object are taken.
    """
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    if issuer.startswith(_MICROSOFT):
        subject = f"{claims['tid']}/{claims['oid']}" if claims.get("tid") and claims.get("oid") else ""
    if not issuer or not subject:
        raise NotAllowed(
            "The provider did not say who you are: sign in by mail, or ask whoever runs this service."
        )
    return issuer, subject


def verified_address(claims: Mapping[str, Any], domain: str | None) -> str:
    """The address that the provider has verified. Raises NotAllowed.

    `domain`: with Google Workspace, the domain that the account must be of. Microsoft verifies no address:
    with one tenant the name to sign in with is the tenant's own word.
    """
    if domain and claims.get("hd") != domain:
        raise NotAllowed(f"This is no account of {domain}: sign in with the one you have for your work.")
    if str(claims.get("iss") or "").startswith(_MICROSOFT):
        address = claims.get("preferred_username")
    else:
        address = claims.get("email") if claims.get("email_verified") is True else None
    if not isinstance(address, str) or "@" not in address:
        raise NotAllowed(
            "The provider has not verified your address: sign in by mail, or ask whoever runs this service."
        )
    return address


def refuse_stale(claims: Mapping[str, Any], now: datetime) -> None:
    """Where somebody was to sign in anew, the provider's word must be of now, not of this morning.

    A provider that says nothing of the time is believed: Google's does not. Raises NotAllowed.
    """
    said = claims.get("auth_time")
    if isinstance(said, int | float) and now.timestamp() - said > FRESH.total_seconds():
        raise NotAllowed(
            "Your account's sign-in let you through without asking again: sign out there, or sign in by mail."
        )


async def person_of(store: Store, claims: Mapping[str, Any], domain: str | None, now: datetime) -> int:
    """The number of whose account this is; linked now, if by its address it is somebody's here.

    Raises NotAllowed for an account that nobody here has.
    """
    issuer, subject = identity(claims)
    address = verified_address(claims, domain)
    async with store.read() as session:
        known = select(LinkedIdentity).where(
            col(LinkedIdentity.issuer) == issuer, col(LinkedIdentity.subject) == subject
        )
        if (linked := (await session.exec(known)).first()) is not None:
            return await _still_here(session.get, linked.person_id)
    async with store.write() as session:
        person = await by_address(session, address)
        if person is None or person.id is None:
            raise NotAllowed(
                "Nobody here is known by the address of this account: ask whoever runs this service."
            )
        await session.run(
            insert(table_of(LinkedIdentity)).values(
                issuer=issuer, subject=subject, person_id=person.id, linked_at=now
            )
        )
        await append(
            session,
            Subject(SubjectKind.PERSON, person.id),
            actor=Actor(person.id, Via.PORTAL),
            control="",
            cause="sign-in linked",
            now=now,
        )
        return person.id


async def _still_here(get: Any, number: int) -> int:
    person: Person | None = await get(Person, number)
    if person is None or not person.active:
        raise NotAllowed("This account is of somebody who has left: ask whoever runs this service.")
    return number
