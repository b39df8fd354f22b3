"""Reports as a list: what they are about and where they stand. Never who made them, nor their texts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from schemas.incidents import Incident
from tasks.store.page import Page, first_lines
from tasks.store.session import Session


@dataclass(frozen=True)
class ListedIncident:
    """A report as a line; `under`: the control that takes it. Days are those of the division's zone."""

    incident: int
    under: str
    rule: str
    person: int | None
    account: int | None
    state: str
    reported_at: datetime
    answer_by: date | None
    verdict: str | None
    decided_by: int | None
    appeal_by: date | None
    appeal_verdict: str | None
    outside: bool


async def list_incidents(
    session: Session,
    *,
    state: str | None = None,
    account: int | None = None,
    person: int | None = None,
    at_most: int | None = None,
) -> Page[ListedIncident]:
    """Reports, the newest first; of one state, at one account, or about one person."""
    asked: Select[*tuple[Any, ...]] = select(
        *(col(Incident.id).label("incident"), col(Incident.under), col(Incident.rule)),
        *(col(Incident.person_id).label("person"), col(Incident.account_id).label("account")),
        *(col(Incident.state), col(Incident.reported_at), col(Incident.answer_by), col(Incident.verdict)),
        *(col(Incident.decided_by_id).label("decided_by"), col(Incident.appeal_by)),
        *(col(Incident.appeal_verdict), (col(Incident.outside) != "").label("outside")),
    ).order_by(col(Incident.id).desc())
    if state is not None:
        asked = asked.where(col(Incident.state) == state)
    if account is not None:
        asked = asked.where(col(Incident.account_id) == account)
    if person is not None:
        asked = asked.where(col(Incident.person_id) == person)
    return await first_lines(session, asked, at_most, ListedIncident)
