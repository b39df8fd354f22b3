"""The policies that were adopted, whole: what was decided under one can be read for ever."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from schemas.columns import UtcDateTime


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
