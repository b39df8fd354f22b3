"""What the public asks at official accounts, and what became of it."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import EnquiryEnd, Via


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
