"""The policies that were adopted, whole, and the modes of controls that people set beside them."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import Mode, Via


class PolicyAdoption(SQLModel, table=True):
    """One adoption of a policy file. The newest is the one that is used.

    `content` is the file as it was, comments included. `adopted_by_id` is None where a start took over the
    file that it found, because nothing was adopted yet.
    """

    __tablename__ = "policy_adoption"

    id: int | None = Field(default=None, primary_key=True)
    document: str = Field(max_length=200)  # the policy's id: "AP 151"
    version: str = Field(max_length=40)
    sha256: str = Field(max_length=64)
    content: str = Field(sa_type=sa.Text)
    adopted_at: datetime = Field(sa_type=UtcDateTime)
    adopted_by_id: int | None = Field(default=None, foreign_key="person.id")


class ControlMode(SQLModel, table=True):
    """A mode that somebody set for a control, laid over what the adopted policy says of it.

    It counts from the day `from_on`, of the division's zone, until `ended_at`: another was set in its
    place, or a policy was adopted that says another mode of the control than the one before it.
    """

    __tablename__ = "control_mode"

    id: int | None = Field(default=None, primary_key=True)
    control: str = Field(max_length=80, index=True)
    mode: Mode = Field(sa_type=Text(Mode))
    from_on: date
    reason: str = Field(max_length=4000)
    set_at: datetime = Field(sa_type=UtcDateTime)
    set_by_id: int = Field(foreign_key="person.id")
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id")
    recorded_via: Via = Field(sa_type=Text(Via))
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
