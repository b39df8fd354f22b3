"""Who a roster does not have: those concerned are told the day after which they count as left."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date

from sqlalchemy import or_, select, update
from sqlmodel import col

from policy.authority import office_at, policy_office
from policy.notices.offices import OfficeEnds
from policy.notices.people import MissingFromRoster, StaysAfterAll
from policy.roster import last_day_before
from schemas.accounts import Access
from schemas.events import EventKind
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.outcome import Emit, Outcome, RoleAt, Step, Subject, Tell
from schemas.people import Person, Role
from schemas.roster import RosterDifference, StoredRole
from schemas.states import AccessState
from schemas.words import SubjectKind
from tasks.acts.context import ActContext
from tasks.store.session import Session

#: Why an office ends, in its letter.
REASON = "The last staff list no longer has it."


async def tell_of_the_missing(context: ActContext, found: RosterDifference) -> None:
    """Tell who would lose an access or an office, and who runs their school, the day and the way to keep it.

    An office that the roster leaves out is told to its holder as one that ends by a decision.
    """
    through = found.stands_through
    if through is None:
        return
    steps: list[Step] = []
    for role in found.ending_roles:
        about = Subject(SubjectKind.PERSON, role.person_id)
        ends = OfficeEnds(
            by_id=context.person_id,
            office=role.kind,
            school_id=role.school_id,
            ends_on=through,
            reason=REASON,
        )
        cause = f"{about}/office {role.id} ends {through}/{_stamp(context)}"
        steps.append(Tell(ends, about.id, cause, about))
        steps.append(Emit(EventKind.NOTICES_WAITING, about))
    runs = context.policy.office(context.policy.duties.runs_school)
    missing = [one.id for one in found.missing_people]
    rows = await context.session.run(
        select(col(Person.id), col(Person.school_id))
        .where(
            col(Person.id).in_(missing),
            or_(
                col(Person.id).in_(
                    select(col(Access.person_id)).where(col(Access.state) != AccessState.REVOKED)
                ),
                col(Person.id).in_(
                    select(col(Role.person_id)).where(
                        or_(col(Role.ends_on).is_(None), col(Role.ends_on) >= context.today)
                    )
                ),
            ),
        )
        .order_by(col(Person.id))
    )
    for person_id, school_id in rows.all():
        about = Subject(SubjectKind.PERSON, person_id or 0)
        readers: list[int | RoleAt] = [about.id, policy_office(context.policy)]
        if school_id is not None:
            readers.append(office_at(runs, school_id))
        notice, cause = MissingFromRoster(ends_on=through), f"{about}/missing/{through}/{_stamp(context)}"
        steps += [Tell(notice, one, cause, about) for one in readers]
        steps.append(Emit(EventKind.NOTICES_WAITING, about))
    await context.apply(Outcome(tuple(steps)))


async def tell_that_they_stay(
    context: ActContext, missing: Mapping[int, date], offices: Iterable[StoredRole] = ()
) -> None:
    """Whoever read that something ends after a day reads that it does not.

    `missing`: people who would have counted as having left, with that day. `offices`: those that the roster
    left out, with the day on which they would have ended.
    """
    called_off = [
        (Subject(SubjectKind.PERSON, person), f"/missing/{day}/", StaysAfterAll(ended_on=day))
        for person, day in missing.items()
    ]
    called_off += [
        (
            Subject(SubjectKind.PERSON, one.person_id),
            f"/office {one.id} ends {one.ends_on}/",
            StaysAfterAll(ended_on=one.ends_on, office=one.kind),
        )
        for one in offices
        if one.ends_on is not None
    ]
    rows = await context.session.run(
        select(col(Notice.subject_id), col(Notice.person_id), col(Notice.key))
        .where(
            col(Notice.kind).in_((MissingFromRoster.kind, OfficeEnds.kind)),
            col(Notice.subject_kind) == SubjectKind.PERSON,
            col(Notice.subject_id).in_({about.id for about, _, _ in called_off}),
            col(Notice.state) == NoticeState.SENT,
        )
        .order_by(col(Notice.id))
    )
    read = rows.all()
    steps: list[Step] = []
    for about, told, notice in called_off:
        readers = dict.fromkeys(row.person_id for row in read if f"{about}{told}" in row.key)
        cause = f"{about}/stays{told}{_stamp(context)}"
        steps += [Tell(notice, one, cause, about) for one in readers]
        steps += [Emit(EventKind.NOTICES_WAITING, about)] if readers else []
    await context.apply(Outcome(tuple(steps)))


def _stamp(context: ActContext) -> str:
    """A person may be missing, be there again and be missing once more: each has its letters."""
    return f"{context.now:%Y%m%dT%H%M%S.%f}"


@asynccontextmanager
async def as_if_they_had_left(session: Session, found: RosterDifference, today: date) -> AsyncIterator[None]:
    """While the block runs, whoever is missing has left, and the offices that are left out have ended."""
    looked = await session.begin_nested()
    missing = [one.id for one in found.missing_people]
    await session.run(update(Person).where(col(Person.id).in_(missing)).values(active=False))
    await session.run(
        update(Role)
        .where(col(Role.id).in_([one.id for one in found.ending_roles]))
        .values(ends_on=last_day_before(today))
    )
    try:
        yield
    finally:
        await looked.rollback()
