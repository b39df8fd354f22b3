"""The register of leave: who has it for what, through which day, and who decided."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.leave import Leave
from schemas.people import Person, School
from tasks.store import lookup
from tasks.store.page import Page, first


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
    session: AsyncSession,
    *,
    state: str | None = None,
    control: str | None = None,
    school: str | None = None,
    person: str | None = None,
    at_most: int | None = None,
) -> Page[ListedLeave]:
    """Leaves, the newest first; of one state, control, school or person. Raises Unknown."""
    decided = aliased(Person)
    asked = (
        select(
            *(col(Leave.id), col(Leave.person_id), col(Person.given_name), col(Person.family_name)),
            *(col(Leave.school_id), col(School.name), col(Leave.under), col(Leave.state)),
            *(col(Leave.starts_on), col(Leave.ends_on), col(Leave.purpose), col(Leave.circumstances)),
            *(col(Leave.asked_at), col(Leave.renews_id), col(Leave.decided_by_id)),
            *(col(decided.given_name), col(decided.family_name), col(Leave.deputy_for_id)),
            *(col(Leave.decided_at), col(Leave.decided_because)),
            *(col(Leave.ended_by_id), col(Leave.ended_because)),
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
    rows, in_all = await first(session, asked, at_most)
    return Page(
        tuple(
            ListedLeave(
                *(row[0], row[1], f"{row[2]} {row[3]}", row[4], row[5], row[6], str(row[7])),
                *(row[8], row[9], row[10], row[11], row[12], row[13], row[14]),
                f"{row[15]} {row[16]}" if row[15] is not None else None,
                *(row[17], row[18], row[19], row[20], row[21]),
            )
            for row in rows
        ),
        in_all,
    )
