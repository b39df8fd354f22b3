"""What else somebody looks after today: the division's queue, schools; and when they are away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import col, select

from policy.model import Policy
from policy.reinstatement import decides_suspensions
from schemas.outcome import RoleAt
from schemas.people import Absence, Person, School
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.acts.who import (
    ADOPTING_OFFICES,
    FILES_OFFICES,
    GIVING_OFFICES,
    POLICY_OFFICE,
    SANCTION_OFFICE,
    Who,
    standing_of,
)
from tasks.store.audit import Actor
from tasks.store.given import IDS, among
from tasks.store.holders import holders_at, may_hold
from tasks.store.session import Session


@dataclass(frozen=True)
class Desks:
    """What is somebody's to look after, beyond their own.

    `queue`: the division's queue. `schools`: number and name of those they run. `files`: they take files in.
    `figures`: they read the ledger and who did what. `policy`: they look a policy file over, `adopts` it.
    """

    queue: bool = False
    schools: tuple[tuple[int, str], ...] = ()
    files: bool = False
    figures: bool = False
    policy: bool = False
    adopts: bool = False

    @property
    def any_office(self) -> bool:
        """Whether any of it is the division's."""
        return self.queue or self.files or self.figures or self.policy


#: The schools of these numbers that are there.
_SCHOOLS = (
    select(School.id, School.name)
    .where(among(col(School.id), IDS), col(School.active))
    .order_by(col(School.name))
)


async def desks(session: Session, policy: Policy, person: int, now: datetime) -> Desks:
    """What a person looks after at this moment, as its holder or as a deputy of today."""
    context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
    today, office = context.today, policy.duties.runs_school
    possible = await may_hold(session, person, today)  # most people hold no office, and deputize for nobody
    its = await _of_the_division(context) if any(one.school_id is None for one in possible) else Desks()
    schools = {one for one in possible if one.role == office and one.school_id is not None}
    if not schools:
        return its
    held = await holders_at(session, schools, today)
    mine = [one.school_id for one in schools if person in {holder.person_id for holder in held[one]}]
    found = await session.exec(_SCHOOLS, params={IDS: mine})
    return replace(its, schools=tuple((number or 0, name) for number, name in found.all()))


async def _of_the_division(context: ActContext) -> Desks:
    """What is theirs in the offices of the whole division."""

    async def may(who: Who) -> bool:
        return await who.test(context, None) is not None

    policy = context.policy
    duties = policy.duties
    asked = {duties.keeps_policy, decides_suspensions(policy).role}
    asked.update(duties.adopts_policy, duties.takes_in_files, duties.gives_offices)
    await holders_at(context.session, [RoleAt(one) for one in sorted(asked)], context.today)  # all at once
    keeps, adopts = await may(POLICY_OFFICE), await may(ADOPTING_OFFICES)
    return Desks(
        queue=keeps or await may(SANCTION_OFFICE),
        files=await may(FILES_OFFICES),
        figures=keeps or adopts or await may(GIVING_OFFICES),
        policy=keeps or adopts,
        adopts=adopts,
    )


async def may_ever(
    session: Session, policy: Policy, person: int, now: datetime, rules: Mapping[str, Who]
) -> frozenset[str]:
    """Of these rules, those by which the person might act at this moment, whatever about."""
    context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
    standing = await standing_of(context)
    return frozenset(name for name, who in rules.items() if who.ever(policy, standing))


@dataclass(frozen=True)
class Away:
    """An absence that has not ended; `deputy` is empty where nobody deputizes any more.

    The days are of the division's zone, both included.
    """

    starts_on: date
    ends_on: date
    deputy: str


async def own_absences(session: Session, person: int, today: date) -> Sequence[Away]:
    """When a person is away, from today on."""
    rows = await session.exec(
        select(Absence, Person)
        .outerjoin(Person, col(Person.id) == col(Absence.deputy_id))
        .where(col(Absence.person_id) == person, col(Absence.ends_on) >= today)
        .order_by(col(Absence.starts_on))
    )
    return [Away(one.starts_on, one.ends_on, deputy.name if deputy else "") for one, deputy in rows.all()]
