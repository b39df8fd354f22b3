"""What the public asks at official accounts, and what became of it."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import CorrectionEnd, EnquiryEnd, Via


class Enquiry(SQLModel, table=True):
    """A question that somebody of the public asked at an account.

    `due_at` is when an answer was expected there, `due_on` the day of that moment in the division's zone;
    both are reckoned once, when it is logged. It waits until it ends: answered, or closed without.
    """

    __table_args__ = (
        Index(
            "ix_enquiry_waiting",
            "due_on",
            "account_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    platform: str = Field(max_length=40)  # where it was asked: its id in the policy file
    asks: str = Field(max_length=4000)
    address: str = Field(default="", max_length=2000)  # where it stands
    asked_at: datetime = Field(sa_type=UtcDateTime)
    logged_at: datetime = Field(sa_type=UtcDateTime)
    logged_by_id: int = Field(foreign_key="person.id")
    recorded_via: Via = Field(sa_type=Text(Via))
    due_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_as: EnquiryEnd | None = Field(default=None, sa_type=Text(EnquiryEnd))
    reason: str = Field(default="", max_length=4000)  # of closing without an answer, or of opening again


class Removal(SQLModel, table=True):
    """Something was taken down from an account, on a ground, and its copy is kept until a day.

    `picture_sha256`: of the picture's file, which is kept under this name. Once the copy is gone, on
    `emptied_at`, text and address are empty and the file is deleted; that something was taken down stays.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    ground: str = Field(max_length=40)  # its id in the policy file
    removed_text: str = Field(default="", max_length=20_000)
    address: str = Field(default="", max_length=2000)
    picture_sha256: str | None = Field(default=None, max_length=64)
    picture_kind: str = Field(default="", max_length=40)  # png, jpg, …
    removed_at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    removed_by_id: int = Field(foreign_key="person.id")
    recorded_via: Via = Field(sa_type=Text(Via))
    note: str = Field(default="", max_length=4000)
    keep_until: date = Field(index=True)
    emptied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by_id: int | None = Field(default=None, foreign_key="person.id")
    undone_reason: str = Field(default="", max_length=4000)


class Correction(SQLModel, table=True):
    """Something wrong or misleading that is said about the division in public.

    `due_on` is the day of the next step: until it is acknowledged, to do that; then to put it right.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)  # where it stands
    address: str = Field(default="", max_length=2000)
    says: str = Field(max_length=4000)
    right: str = Field(default="", max_length=4000)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    reported_by_id: int | None = Field(default=None, foreign_key="person.id")  # None: the public
    recorded_via: Via = Field(sa_type=Text(Via))
    due_on: date
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_as: CorrectionEnd | None = Field(default=None, sa_type=Text(CorrectionEnd))
    outcome: str = Field(default="", max_length=4000)  # what was said instead, or why nothing
    corrected_address: str = Field(default="", max_length=2000)
