"""What schools say about their lists of accounts."""

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import Via


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
