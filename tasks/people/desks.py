"""What else somebody looks after today: the division's queue, schools; and when they are away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.model import Policy
from schemas.outcome import RoleAt
from schemas.people import Absence, Person, Role, School
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE, SANCTION_OFFICE
from tasks.store.audit import Actor
from tasks.store.holders import holders_at


@dataclass(frozen=True)
class Desks:
    """`queue`: whether the division's queue is theirs. `schools`: number and name of those they run."""

    queue: bool
    schools: tuple[tuple[int, str], ...] = ()


async def desks(session: AsyncSession, policy: Policy, person: int, now: datetime) -> Desks:
    """What a person looks after at this moment, as its holder or as a deputy of today."""
    context = ActContext(session, policy, Calendar(policy), Actor(person, Via.PORTAL), now)
    queue = await (POLICY_OFFICE | SANCTION_OFFICE).test(context, None) is not None
    today, office = context.today, policy.duties.runs_school
    deputized = select(Absence.person_id).where(
        col(Absence.deputy_id) == person, col(Absence.starts_on) <= today, col(Absence.ends_on) >= today
    )
    found = await session.exec(
        select(School)
        .join(Role, col(Role.school_id) == col(School.id))
        .where(
            col(Role.kind) == office,
            or_(col(Role.person_id) == person, col(Role.person_id).in_(deputized)),
            col(School.active),
        )
        .distinct()
        .order_by(col(School.name))
    )
    names = {RoleAt(office, one.id): one.name for one in found.all()}
    held = await holders_at(session, names, today)
    mine = [one for one in names if person in {holder.person_id for holder in held[one]}]
    return Desks(queue, tuple((one.school_id or 0, names[one]) for one in mine))


@dataclass(frozen=True)
class Away:
    """An absence that has not ended. The days are of the division's zone, both included."""

    starts_on: date
    ends_on: date
    deputy: str


async def own_absences(session: AsyncSession, person: int, today: date) -> Sequence[Away]:
    """When a person is away, from today on."""
    rows = await session.exec(
        select(Absence, Person)
        .join(Person, col(Person.id) == col(Absence.deputy_id))
        .where(col(Absence.person_id) == person, col(Absence.ends_on) >= today)
        .order_by(col(Absence.starts_on))
    )
    return [Away(one.starts_on, one.ends_on, deputy.name) for one, deputy in rows.all()]
