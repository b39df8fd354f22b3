"""Leave: what the policy tells people to avoid, allowed to one person for a time."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.states import LeaveState
from schemas.words import Via


class Leave(SQLModel, table=True):
    """Leave that somebody asked for, under a control of the policy.

    It lasts from `starts_on` through `ends_on`, both included, days of the division's zone. `under` is the
    control. `purpose` is what it is for, `circumstances` why the case is extraordinary, where the control
    asks for it. `school_id` is the person's school when they asked, `renews_id` the leave that it goes on
    from, `deputy_for_id` whom the decider stood in for, `ended_by_id` who revoked or withdrew it.
    """

    __table_args__ = (Index("ix_leave_state", "state", "ends_on"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    school_id: int | None = Field(default=None, foreign_key="school.id")
    under: str = Field(max_length=80)  # by its name in the policy file
    purpose: str = Field(max_length=4000)
    circumstances: str = Field(default="", max_length=4000)
    starts_on: date
    ends_on: date
    asked_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))
    renews_id: int | None = Field(default=None, foreign_key="leave.id")
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_because: str | None = Field(default=None, max_length=4000)
    ended_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_because: str | None = Field(default=None, max_length=4000)
    state: LeaveState = Field(sa_type=Text(LeaveState))
    state_since: datetime = Field(sa_type=UtcDateTime)
    version: int = 1
