"""The facts of a leave: who may decide it today, and what was asked and told of it."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import exists, select
from sqlmodel import col

from policy.leave import cause_of_end, whom_to_ask
from policy.model import Policy
from policy.notices.leaves import LeaveEndsSoon
from schemas.leave import Leave
from schemas.leave_facts import LeaveDecider, LeaveDeciders, LeaveFacts
from schemas.machinery import ActionItem, Notice
from schemas.outcome import RoleAt, Subject
from schemas.people import Person
from schemas.states import LeaveState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.store import lookup
from tasks.store.climbed import climbed_to
from tasks.store.holders import Holder, deputies_of, holders
from tasks.store.session import Session
from tasks.store.supervisors import people_under


async def deciders(
    session: Session, leave: Leave, person: Person, policy: Policy, today: date
) -> LeaveDeciders:
    """Who may decide this leave on `today` (a day of the division's zone), the nearest first."""
    number = person.id or 0
    under = await people_under(session, number)
    supervisor = person.supervisor_id
    if supervisor in {number, *under}:
        supervisor = None
    nearest = [
        LeaveDecider(one, await _who(session, one, number, today))
        for one in whom_to_ask(policy, leave.under, supervisor, person.school_id)
    ]
    about = Subject(SubjectKind.LEAVE, leave.id or 0)
    climbed = await climbed_to(session, policy, ItemKind.DECIDE_LEAVE, about, leave.school_id)
    reached = [one for office in climbed for one in await _who(session, office, number, today)]
    return LeaveDeciders(number, tuple(nearest), under, tuple(reached))


async def _who(
    session: Session, asked: int | RoleAt, person: int, today: date
) -> tuple[tuple[int, int | None], ...]:
    """Who may act for whom is asked: who holds the office, or the person who is here; and their deputies."""
    if isinstance(asked, RoleAt):
        return _stand(await holders(session, asked, today), person)
    if not (await lookup.by_id(session, Person, asked)).active:
        return ()
    stand_ins = (await deputies_of(session, (asked,), today)).get(asked, ())
    return ((asked, None), *_stand(stand_ins, person))


def _stand(found: Iterable[Holder], person: int) -> tuple[tuple[int, int | None], ...]:
    """Each with whom they stand in for: the person, where they do so for anybody on the way."""
    return tuple((one.person_id, person if person in one.through else one.deputy_for) for one in found)


async def leave_facts(session: Session, number: int, policy: Policy, today: date) -> tuple[Leave, LeaveFacts]:
    """The row and its facts. Raises Unknown."""
    leave = await lookup.by_id(session, Leave, number)
    person = await lookup.by_id(session, Person, leave.person_id)
    items = await session.run(
        select(col(ActionItem.key)).where(
            col(ActionItem.subject_kind) == SubjectKind.LEAVE,
            col(ActionItem.subject_id) == number,
            col(ActionItem.state) == ItemState.OPEN,
        )
    )
    told = select(
        exists().where(
            col(Notice.subject_kind) == SubjectKind.LEAVE,
            col(Notice.subject_id) == number,
            col(Notice.kind) == LeaveEndsSoon.kind,
            col(Notice.key).startswith(cause_of_end(number), autoescape=True),
        )
    )
    renewal = select(col(Leave.state)).where(
        col(Leave.renews_id) == number, col(Leave.state).in_((LeaveState.ASKED, LeaveState.GRANTED))
    )
    return leave, LeaveFacts(
        id=number,
        state=LeaveState(leave.state),
        version=leave.version,
        control=leave.under,
        person_id=leave.person_id,
        person_active=person.active,
        starts_on=leave.starts_on,
        ends_on=leave.ends_on,
        deciders=await deciders(session, leave, person, policy, today),
        decided_by_id=leave.decided_by_id,
        told_of_end=bool((await session.run(told)).scalar_one()),
        asked=frozenset(items.scalars()),
        renewal=(await session.run(renewal.limit(1))).scalar_one_or_none(),
    )
