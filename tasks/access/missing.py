"""Who was missing from a roster, and whose day has passed, has left: their access and offices end."""

from datetime import date, datetime

from sqlalchemy import String, and_, cast, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from policy.brake import Cause, Found, of_missing
from policy.notices.people import MissingFromRoster
from policy.roster import GONE, OFFICE_ENDED, last_day_before
from policy.roster_offices import SOURCE
from schemas.accounts import Access
from schemas.gates import ImportRun
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.outcome import Subject
from schemas.people import Person, Role
from schemas.states import AccessState
from schemas.words import BrakeOf, SubjectKind
from tasks import braking
from tasks.cases import Case, Only
from tasks.lifecycles import Stage
from tasks.runtime import Runtime
from tasks.store import brakes
from tasks.store.audit import STEWARD, append
from tasks.store.session import Session

KINDS = (BrakeOf.COUNT_AS_LEFT,)


def _over(today: date) -> ColumnElement[bool]:
    """Their day is over, and a letter that named it has left: to them, or to who answers for them.

    Where nothing would be lost, there was nothing to write.
    """
    theirs = and_(
        col(Notice.kind) == MissingFromRoster.kind,
        col(Notice.subject_kind) == SubjectKind.PERSON,
        col(Notice.subject_id) == col(Person.id),
        col(Notice.key).contains(cast(col(Person.leaves_on), String)),
    )
    told = exists().where(theirs, col(Notice.state) == NoticeState.SENT)
    return and_(col(Person.active), col(Person.leaves_on) < today, or_(told, ~exists().where(theirs)))


def _is_held(today: date) -> ColumnElement[bool]:
    """An office of a roster that has not ended."""
    return and_(col(Role.source) == SOURCE, or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= today))


async def _found(session: Session, runtime: Runtime, now: datetime, only: Only | None) -> dict[Cause, Found]:
    """Who would count as left tonight and has access or an office, held or not."""
    del only
    policy = runtime.policy
    today = policy.calendar.today(now)
    access = and_(col(Access.person_id) == col(Person.id), col(Access.state) == AccessState.GRANTED)
    office = exists().where(col(Role.person_id) == col(Person.id), _is_held(today))
    rows = await session.run(
        select(col(Person.id), col(Access.account_id))
        .outerjoin(Access, access)
        .where(_over(today), or_(col(Access.id).is_not(None), office))
    )
    found = Found()
    for person_id, account_id in rows:
        found.who.add(int(person_id or 0))
        found.accounts |= {account_id} - {None}
    return {of_missing(policy): found} if found.who else {}


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """Those whose day is over, on a school day that the calendar knows; none for one account alone."""
    calendar = runtime.policy.calendar
    today = calendar.today(now)
    if only is not None or not calendar.may_take(today):
        return ()
    async with runtime.store.read() as session:
        if of_missing(runtime.policy).key in await brakes.waiting(session):
            return ()
        found = await session.run(select(col(Person.id)).where(_over(today)).order_by(col(Person.id)))
        return tuple(Case(f"person {one}", (int(one or 0),)) for one in found.scalars())


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """They become inactive, and their offices of a roster end. Their accesses end in the stages after it."""
    today = runtime.policy.calendar.today(now)
    (person_id,) = case.ids
    subject = Subject(SubjectKind.PERSON, person_id)
    async with runtime.store.write() as session:
        if of_missing(runtime.policy).key in await brakes.waiting(session):
            return ()
        gone = await session.run(
            update(Person)
            .where(col(Person.id) == person_id, _over(today))
            .values(active=False, leaves_on=None)
            .returning(col(Person.id))
        )
        if gone.first() is None:
            return ()  # a roster has them again, or somebody said that they are here
        run = (await session.run(select(func.max(col(ImportRun.id))))).scalar()
        held = (
            await session.run(select(col(Role.id)).where(col(Role.person_id) == person_id, _is_held(today)))
        ).scalars()
        offices = [int(one or 0) for one in held]
        ends = {"ends_on": last_day_before(today)}
        await session.run(update(Role).where(col(Role.id).in_(offices)).values(**ends))
        for cause, more in ((GONE, {}), *((OFFICE_ENDED, {"role": one}) for one in offices)):
            await append(
                session,
                subject,
                actor=STEWARD,
                control="",
                cause=cause,
                now=now,
                body={"import": run, **more},
            )
    return ("left: missing from the roster",)


BRAKE = braking.stage("brake of missing people", KINDS, _found, only_where_taken=True)
AT_THE_END = braking.at_the_end("missing people let happen", KINDS, _found)
STAGE = Stage("missing person", due, move)
