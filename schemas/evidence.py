"""What was seen or attested about an account, with what it rests on."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import PageVerdict, Via


def _one_latest(table: str, *beside: str) -> Index:
    """At most one piece of evidence of an account is the latest, and it is found without the others.

    `beside`: columns that PostgreSQL keeps in the index too, so that rules need not read the wide rows.
    """
    return Index(
        f"uq_{table}_latest",
        "account_id",
        unique=True,
        sqlite_where=text("latest = 1"),
        postgresql_where=text("latest"),
        postgresql_include=list(beside),
    )


class PageCheck(SQLModel, table=True):
    """One look at an account's public page for the notice.

    `statements` has a verdict for every statement of the notice; `text` is the page as text, bounded. What a
    person attests of a page counts until `good_through`; `overrules` is what our look found, where the person
    saw otherwise.
    """

    __tablename__ = "page_check"
    __table_args__ = (
        Index("ix_page_check_latest", "account_id", "id"),
        _one_latest("page_check", "verdict", "notice_version", "checked_at", "good_through"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    checked_at: datetime = Field(sa_type=UtcDateTime)
    verdict: PageVerdict = Field(sa_type=Text(PageVerdict))
    notice_version: str = Field(max_length=40)
    address: str = Field(max_length=2000)
    final_address: str | None = Field(default=None, max_length=2000)
    notice_found_at: str | None = Field(default=None, max_length=2000)  # where `linked` led to
    http_status: int | None = None
    sha256: str | None = Field(default=None, max_length=64)  # of the bytes that came
    statements: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    detail: str = ""  # one sentence a person can read
    text: str = ""
    attested_by_id: int | None = Field(default=None, foreign_key="person.id")  # who saw it; None: we did
    good_through: date | None = None  # the last day on which what was attested holds
    overrules: PageVerdict | None = Field(default=None, sa_type=Text(PageVerdict))
    latest: bool = True  # no later look at this account: `tasks.store.evidence` keeps it so


class PrivacyReview(SQLModel, table=True):
    """An account's privacy settings, attested against a version of its platform's checklist."""

    __tablename__ = "privacy_review"
    __table_args__ = (Index("ix_privacy_review_latest", "account_id", "id"), _one_latest("privacy_review"))

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    checklist_version: str = Field(max_length=40)
    unmet: list[str] = Field(default_factory=list, sa_type=JSON)  # ids of the items not met
    attested_by_id: int = Field(foreign_key="person.id")
    attested_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))
    latest: bool = True  # no later attestation of this account: `tasks.store.evidence` keeps it so


class ProfileCheck(SQLModel, table=True):
    """Whether an account's profile showed the name and the position of whose account it is.

    `person_id` is whose they are; None where we read the page and it showed nobody's. What a person attests
    holds until `good_through`. Neither name nor position is kept.
    """

    __tablename__ = "profile_check"
    __table_args__ = (Index("ix_profile_check_latest", "account_id", "id"), _one_latest("profile_check"))

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    checked_at: datetime = Field(sa_type=UtcDateTime)
    shown: bool
    attested_by_id: int | None = Field(default=None, foreign_key="person.id")  # who saw it; None: we did
    good_through: date | None = None  # the last day on which what was attested holds
    detail: str = ""  # one sentence a person can read, without names
    latest: bool = True  # no later look at this account: `tasks.store.evidence` keeps it so


class CheckIn(SQLModel, table=True):
    """Somebody looked at an account's comments and posts on a day of the division's zone.

    The first who says so for a day stands; what was seen there is no business of this table.
    """

    __tablename__ = "check_in"
    __table_args__ = (UniqueConstraint("account_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    day: date
    person_id: int = Field(foreign_key="person.id")
    said_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))


class Rotation(SQLModel, table=True):
    """The shared secret of an account was changed: when, by whom and why. Never to what.

    `evidence` names what shows it: the vault's entry or its version, never the secret.
    """

    __table_args__ = (Index("ix_rotation_latest", "account_id", "rotated_at"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    rotated_at: datetime = Field(sa_type=UtcDateTime)
    rotated_by_id: int = Field(foreign_key="person.id")
    evidence: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=200)
    recorded_via: Via = Field(sa_type=Text(Via))


class ListReview(SQLModel, table=True):
    """Somebody looked at the platform's own list of an account's administrators.

    `removed` are the people whose access ended by it. Everybody else with access is on that list.
    """

    __tablename__ = "list_review"
    __table_args__ = (Index("ix_list_review_latest", "account_id", "reviewed_at"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    reviewed_at: datetime = Field(sa_type=UtcDateTime)
    reviewed_by_id: int = Field(foreign_key="person.id")
    removed: list[int] = Field(default_factory=list, sa_type=JSON)  # numbers of people
    recorded_via: Via = Field(sa_type=Text(Via))


class RotationConfirmation(SQLModel, table=True):
    """A person who was told of a rotation confirms that they have the new secret."""

    __tablename__ = "rotation_confirmation"
    __table_args__ = (UniqueConstraint("rotation_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    rotation_id: int = Field(foreign_key="rotation.id")
    person_id: int = Field(foreign_key="person.id")
    confirmed_at: datetime = Field(sa_type=UtcDateTime)
