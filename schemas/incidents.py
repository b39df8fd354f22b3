"""Reports that somebody broke a policy or a law, and what came of them."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from schemas.columns import Text, UtcDateTime
from schemas.states import IncidentState
from schemas.words import AppealVerdict, IncidentVerdict, Via


class Incident(SQLModel, table=True):
    """A report that `rule` (a law, a policy or a clause) was broken, under the control `under`.

    `person_id` is who is heard, at the latest when it is taken on; `account_id` where it happened, if at an
    account. `answer_by` and `appeal_by` are last days of the division's zone. Who reported it is told to
    nobody whom it is about. `outside`: what bodies outside the division have imposed, as it was noted.
    """

    id: int | None = Field(default=None, primary_key=True)
    reported_by_id: int = Field(foreign_key="person.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    under: str = Field(max_length=80)  # by its name in the policy file
    rule: str = Field(max_length=200)
    tells: str = Field(max_length=4000)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    recorded_via: Via = Field(sa_type=Text(Via))
    answer_by: date | None = None
    answer: str | None = Field(default=None, max_length=4000)
    verdict: IncidentVerdict | None = Field(default=None, sa_type=Text(IncidentVerdict))
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    deputy_for_id: int | None = Field(default=None, foreign_key="person.id")
    decided_because: str | None = Field(default=None, max_length=4000)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    appeal_by: date | None = None
    appeal: str | None = Field(default=None, max_length=4000)
    appeal_verdict: AppealVerdict | None = Field(default=None, sa_type=Text(AppealVerdict))
    appeal_decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    appeal_because: str | None = Field(default=None, max_length=4000)
    outside: str = Field(default="", max_length=4000)
    state: IncidentState = Field(sa_type=Text(IncidentState), index=True)
    state_since: datetime = Field(sa_type=UtcDateTime)
    version: int = 1
