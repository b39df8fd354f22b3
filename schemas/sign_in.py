"""Signing in to the web pages: sessions, sign-ins under way, and whose each account at a provider is."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import SignInWay


class PortalSession(SQLModel, table=True):
    """Somebody is signed in with one browser, until `until`, or until the session was ended.

    `token_hash`: SHA-256 of what the browser's cookie holds; the token itself is nowhere here.
    """

    __tablename__ = "portal_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    way: SignInWay = Field(sa_type=Text(SignInWay))
    browser: str = Field(default="", max_length=60)  # "Firefox on Android", so that one's own are told apart
    begun_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInAttempt(SQLModel, table=True):
    """A sign-in under way, bound to the browser that began it by the hash of a cookie of its own.

    `back_to` is the page that was asked for. With a provider, `said` is what Authlib keeps meanwhile: state,
    nonce and verifier. By mail, `code_hash` and `link_hash` are of what was sent; nobody is in `person_id`
    where the address is not known here.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_person", "person_id", "begun_at"),)

    id: int | None = Field(default=None, primary_key=True)
    browser_hash: str = Field(unique=True, max_length=64)
    back_to: str = Field(default="/", max_length=500)
    said: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    code_hash: str | None = Field(default=None, max_length=64)
    link_hash: str | None = Field(default=None, max_length=64)
    tries: int = 0
    begun_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class KeptPage(SQLModel, table=True):
    """What somebody typed and has not recorded, or what a form was answered with: locked, for a day.

    It is opened with the word that the browser's cookie holds, and nowhere else is that word: `key_hash` is
    of it. `owner_hash` is of the person's number, so that nobody keeps more than so many.
    """

    __tablename__ = "kept_page"

    key_hash: str = Field(primary_key=True, max_length=64)
    owner_hash: str = Field(index=True, max_length=64)
    locked: bytes
    until: datetime = Field(sa_type=UtcDateTime, index=True)


class LinkedIdentity(SQLModel, table=True):
    """Somebody's account at a provider of sign-ins, linked to the person once, by a verified address.

    From then on the person is found by issuer and subject: an address may be given to somebody else.
    """

    __tablename__ = "linked_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=255)
    person_id: int = Field(foreign_key="person.id", index=True)
    linked_at: datetime = Field(sa_type=UtcDateTime)
