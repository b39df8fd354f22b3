"""A student's attempt to reach a member of staff through a private account."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import Via


class ContactReport(SQLModel, table=True):
    """What a member of staff shares of such an attempt. It names no student, and is deleted after its days.

    Shared with the supervisor, or, where none is named, with who holds `shared_role` at `shared_school_id`.
    """

    __tablename__ = "contact_report"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)  # the member of staff
    happened_on: date
    platform: str = Field(default="", max_length=40)
    says: str = Field(max_length=4000)
    did: str = Field(default="", max_length=4000)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))
    shared_with_id: int | None = Field(default=None, foreign_key="person.id")
    shared_role: str | None = Field(default=None, max_length=40)
    shared_school_id: int | None = Field(default=None, foreign_key="school.id")
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_by_id: int | None = Field(default=None, foreign_key="person.id")
    delete_on: date = Field(index=True)
