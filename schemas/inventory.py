"""What schools say about their lists of accounts, and pages that nobody approved."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import PageEnd, Via


class ListConfirmation(SQLModel, table=True):
    """A school's administration said that the list of its accounts, and who administers them, is right.

    `confirmed` are the accounts that it keeps, `struck` those that it does not want; of these the last day
    was announced.
    """

    __tablename__ = "list_confirmation"
    __table_args__ = (Index("ix_list_confirmation_latest", "school_id", "confirmed_at"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    confirmed_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_by_id: int = Field(foreign_key="person.id")
    confirmed: list[int] = Field(default_factory=list, sa_type=JSON)  # numbers of accounts
    struck: list[int] = Field(default_factory=list, sa_type=JSON)
    recorded_via: Via = Field(sa_type=Text(Via))


class UnapprovedPage(SQLModel, table=True):
    """A page that seems to be the division's and that nobody approved. It waits until it ends.

    `request_id`: the request with which it was adopted.
    """

    __tablename__ = "unapproved_page"

    id: int | None = Field(default=None, primary_key=True)
    school_id: int | None = Field(default=None, foreign_key="school.id")  # whose it seems to be
    address: str = Field(max_length=2000)
    says: str = Field(default="", max_length=4000)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    reported_by_id: int | None = Field(default=None, foreign_key="person.id")  # None: the public
    recorded_via: Via = Field(sa_type=Text(Via))
    due_on: date
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_as: PageEnd | None = Field(default=None, sa_type=Text(PageEnd))
    request_id: int | None = Field(default=None, foreign_key="account_request.id")
    reason: str = Field(default="", max_length=4000)  # of its end, or of opening it again
