"""The register of leave: who has it for what, through which day, and who decided."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from schemas.leave import Leave
from schemas.people import Person, School
from tasks.store import lookup
from tasks.store.lookup import full_name
from tasks.store.page import Page, first_lines
from tasks.store.session import Session


@dataclass(frozen=True)
class ListedLeave:
    """A leave as a line of the register. Days are those of the division's zone, both included."""

    leave: int
    person: int
    name: str
    school: int | None
    school_name: str | None
    control: str
    state: str
    starts_on: date
    ends_on: date
    purpose: str
    circumstances: str
    asked_at: datetime
    renews: int | None
    decided_by: int | None
    decided_by_name: str | None
    deputy_for: int | None
    decided_at: datetime | None
    decided_because: str | None
    ended_by: int | None
    ended_because: str | None


async def list_leaves(
    session: Session,
    *,
    state: str | None = None,
    control: str | None = None,
    school: str | None = None,
    person: str | None = None,
    at_most: int | None = None,
) -> Page[ListedLeave]:
    """Leaves, the newest first; of one state, control, school or person. Raises Unknown."""
    decided = aliased(Person)
    asked: Select[*tuple[Any, ...]] = (
        select(
            *(col(Leave.id).label("leave"), col(Leave.person_id).label("person"), full_name(Person)),
            *(col(Leave.school_id).label("school"), col(School.name).label("school_name")),
            *(col(Leave.under).label("control"), col(Leave.state)),
            *(col(Leave.starts_on), col(Leave.ends_on), col(Leave.purpose), col(Leave.circumstances)),
            *(col(Leave.asked_at), col(Leave.renews_id).label("renews")),
            *(col(Leave.decided_by_id).label("decided_by"), full_name(decided, "decided_by_name")),
            *(col(Leave.deputy_for_id).label("deputy_for"), col(Leave.decided_at)),
            *(col(Leave.decided_because), col(Leave.ended_by_id).label("ended_by"), col(Leave.ended_because)),
        )
        .join(Person, col(Person.id) == col(Leave.person_id))
        .outerjoin(School, col(School.id) == col(Leave.school_id))
        .outerjoin(decided, col(decided.id) == col(Leave.decided_by_id))
        .order_by(col(Leave.id).desc())
    )
    if state is not None:
        asked = asked.where(col(Leave.state) == state)
    if control is not None:
        asked = asked.where(col(Leave.under) == control)
    if school is not None:
        asked = asked.where(col(Leave.school_id) == (await lookup.school(session, school)).id)
    if person is not None:
        whose = await lookup.person_id(session, person, must_be_active=False)
        asked = asked.where(col(Leave.person_id) == whose)
    return await first_lines(session, asked, at_most, ListedLeave)
