"""Findings, where a live account does not hold a control, and suspensions of accounts."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import Via


class Finding(SQLModel, table=True):
    """A control found an account (and person) in violation. Open until `resolved_at`; a return is new.

    `person_id` is 0, not null, where a finding is about the account alone: a unique index on null
    would let two sweeps open the same finding twice.
    """

    __table_args__ = (
        Index(
            "uq_finding_open",
            "control",
            "account_id",
            "person_id",
            unique=True,
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("ix_finding_account", "account_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    control: str = Field(max_length=80)  # by its name in the policy file
    account_id: int = Field(foreign_key="account.id")
    person_id: int = 0
    due_on: date  # the day the obligation fell due
    detail: str = Field(default="", max_length=200)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # everybody concerned was told


class Suspension(SQLModel, table=True):
    """Why an account is suspended; it stands until `ended_at`.

    Communications decided it, or Steward itself (`recorded_via`) when a finding was not mended in time.
    An emergency stop is one that a second office confirms, or that ends by itself.

    Nobody loses access by it: an account's administrators must be able to reach it and mend it.
    """

    __table_args__ = (
        Index(
            "uq_suspension_open",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    control: str = Field(max_length=80)
    reason: str
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")  # None: Steward, or before it
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id")
    suspended_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # last asked to bring it back
    asked_by_id: int | None = Field(default=None, foreign_key="person.id")
    asked_because: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_because: str | None = None
    through: date | None = None  # its last day: it ends by itself after it
    stop_office: str | None = Field(default=None, max_length=40)  # an emergency stop, by this office
    confirm_by: datetime | None = Field(default=None, sa_type=UtcDateTime)  # a stop ends then, unconfirmed
    confirmed_by_id: int | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
