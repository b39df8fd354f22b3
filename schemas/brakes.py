"""What one night would begin for very many people or accounts, and waits until somebody has answered."""

from datetime import date, datetime

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.words import BrakeAnswer, BrakeOf, Via


class Brake(SQLModel, table=True):
    """One question to who keeps the policy, with its one answer: hold what waits, or let it happen.

    It is open until `ended_at`. What waits is one `cause`: what would happen (`of`), the control that asks
    for it, its course or text (`what`) and the figure of the policy file that decides it (`figure`).
    `found` of `out_of` people or accounts is how many it was when it was asked, `examples` the numbers of
    some accounts. "hold" holds until the day `held_until`, when it is asked anew.
    """

    __table_args__ = (
        Index(
            "uq_brake_open",
            "cause",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    cause: str = Field(max_length=200)
    of: BrakeOf = Field(sa_type=Text(BrakeOf))
    control: str = Field(max_length=80)
    what: str = Field(default="", max_length=80)
    figure: str = Field(default="", max_length=80)
    found: int
    out_of: int
    examples: list[int] = Field(default_factory=list, sa_type=JSON)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answer: BrakeAnswer | None = Field(default=None, sa_type=Text(BrakeAnswer))
    reason: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by_id: int | None = Field(default=None, foreign_key="person.id")
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id")
    recorded_via: Via | None = Field(default=None, sa_type=Text(Via))
    held_until: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
