"""A sign-in address that a roster changes: whoever is signed in signs in anew, and it is told."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, or_, select, update

from policy.notices.rosters import AddressChanged
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.events import EventKind
from schemas.outcome import Emit, Outcome, Step, Subject, Tell
from schemas.people import Absence, Designation, Role
from schemas.roster import RosterDifference
from schemas.sign_in import PortalSession, SignInAttempt
from schemas.states import AccessState
from schemas.words import SubjectKind
from tasks.acts.context import ActContext
from tasks.store.session import Session


def changed_addresses(found: RosterDifference) -> Mapping[int, str]:
    """The people whose address changes, each with the one that they had."""
    return {one.person.id: one.person.email for one in found.changed_people if one.new("email")}


async def sign_out(context: ActContext, people: Collection[int]) -> None:
    """End every open sign-in of these people, and what is under way."""
    its, attempt = table_of(PortalSession), table_of(SignInAttempt)
    await context.session.run(
        update(its).where(its.c.person_id.in_(people), its.c.ended_at.is_(None)).values(ended_at=context.now)
    )
    await context.session.run(delete(attempt).where(attempt.c.person_id.in_(people)))


async def tell_of_addresses(context: ActContext, found: RosterDifference) -> None:
    """Sign everybody out whose address changed. Who has an office or an access reads it at both addresses."""
    former = changed_addresses(found)
    if not former:
        return
    await sign_out(context, former)
    told = await _concerned(context, tuple(former))
    steps: list[Step] = []
    for number in told:
        about, was = Subject(SubjectKind.PERSON, number), former[number]
        cause = f"{about}/address/{context.now:%Y%m%dT%H%M%S.%f}"
        own = AddressChanged(by_id=context.person_id, former=was)
        steps.append(Tell(own, number, cause, about))
        steps.append(Tell(own.model_copy(update={"goes_to": was}), number, f"{cause}/former", about))
        steps.append(Emit(EventKind.NOTICES_WAITING, about))
    await context.apply(Outcome(tuple(steps)))


async def _concerned(context: ActContext, people: Sequence[int]) -> Sequence[int]:
    """Those who have an office or designation or stand in for somebody, today or later, or have an access."""
    absence = table_of(Absence).c
    away = absence.ends_on >= context.today
    found = await _numbers(context.session, absence.deputy_id, people, away)
    for table in (table_of(Role), table_of(Designation)):
        stands = or_(table.c.ends_on.is_(None), table.c.ends_on >= context.today)
        found |= await _numbers(context.session, table.c.person_id, people, stands)
    access = table_of(Access).c
    has = access.state != AccessState.REVOKED
    return sorted(found | await _numbers(context.session, access.person_id, people, has))


async def _numbers(
    session: Session, column: ColumnElement[int], people: Sequence[int], where: ColumnElement[bool]
) -> set[int]:
    rows = await session.run(select(column).where(column.in_(people), where))
    return set(rows.scalars())
