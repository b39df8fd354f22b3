"""Telling the offices concerned of what changes who may act, where no act of theirs changed it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlmodel import col

from policy.authority import office_at, policy_office
from policy.notices.offices import NAMED, DeputyNamed, OfficeByRoster, OfficesByRoster
from policy.notices.people import DeputyLeft
from policy.notices.rosters import EndedOfficeInRoster, LeftByRoster
from schemas.columns import table_of
from schemas.events import EventKind
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.outcome import Emit, Outcome, RoleAt, Step, Subject, Tell
from schemas.people import Absence, Person, Role, School
from schemas.roster import RosterDifference
from schemas.words import SubjectKind
from tasks.acts.context import ActContext
from tasks.people.addresses import changed_addresses


def _giving(context: ActContext) -> tuple[RoleAt, ...]:
    """Who gives offices, and who keeps the policy."""
    given = (RoleAt(one) for one in context.policy.duties.gives_offices)
    return tuple(dict.fromkeys((*given, policy_office(context.policy))))


async def tell_of_offices(context: ActContext, found: RosterDifference, about: Subject) -> None:
    """One letter, at once, of all offices that the roster changed, or whose holder has another address.

    None before anybody is stored.
    """
    changed = await _changed(context, found)
    if not changed or not context.person_id:
        return
    named = changed[:NAMED]
    facts = OfficesByRoster(
        by_id=context.person_id,
        person_ids=tuple(one.person for one in named),
        offices=tuple(one.office for one in named),
        school_ids=tuple(one.school for one in named),
        changes=tuple(one.change for one in named),
        more=len(changed) - len(named),
    )
    cause = f"{about}/offices/{context.now:%Y%m%dT%H%M%S.%f}"
    steps: list[Step] = [Tell(facts, one, cause, about) for one in _giving(context)]
    await context.apply(Outcome((*steps, Emit(EventKind.NOTICES_WAITING, about))))


async def tell_of_ended_offices(context: ActContext, found: RosterDifference) -> None:
    """Once for each office that a person ended and that the roster still has: it stays ended."""
    if not context.person_id:
        return
    steps: list[Step] = []
    for one in found.stays_ended:
        if one.said_last is None or one.said_last >= context.today:
            continue
        about = Subject(SubjectKind.PERSON, one.person_id)
        facts = EndedOfficeInRoster(office=one.kind, school_id=one.school_id, ended_on=one.said_last)
        steps += [Tell(facts, to, f"office:{one.id}/in a roster", about) for to in _giving(context)]
        steps.append(Emit(EventKind.NOTICES_WAITING, about))
    await context.apply(Outcome(tuple(steps)))


async def tell_who_left(context: ActContext, found: RosterDifference) -> None:
    """Tell whoever held an office and has left, as the roster says, at the address that was theirs."""
    offices: dict[int, list[str]] = defaultdict(list)
    for left in await _left(context, found):
        offices[left.person].append(left.office)
    for one in found.ended_roles:
        offices[one.person_id].append(one.kind)
    freed = {one.id for one in found.freed_people}  # somebody else has their address
    steps: list[Step] = []
    for gone in found.gone_people:
        if gone.id not in offices or gone.id in freed or not context.person_id:
            continue
        about = Subject(SubjectKind.PERSON, gone.id)
        held = tuple(dict.fromkeys(offices[gone.id]))
        facts = LeftByRoster(by_id=context.person_id, offices=held, goes_to=gone.email)
        steps.append(Tell(facts, gone.id, f"{about}/left/{context.now:%Y%m%dT%H%M%S.%f}", about))
        steps.append(Emit(EventKind.NOTICES_WAITING, about))
    await context.apply(Outcome(tuple(steps)))


class _Changed(NamedTuple):
    """What a roster changed of one office; `school`: at which it is held."""

    person: int
    office: str
    school: int | None
    change: OfficeByRoster


async def _left(context: ActContext, found: RosterDifference) -> Sequence[_Changed]:
    """Whoever has left and holds an office that no roster gave, and so does not end with one."""
    held = await _held(context, [one.id for one in found.gone_people])
    return [_Changed(*one, "left") for one in held]


async def _held(context: ActContext, people: Collection[int]) -> Sequence[tuple[int, str, int | None]]:
    """Who of these people holds which office today, and where; offices of the division first."""
    role = table_of(Role).c
    rows = await context.session.run(
        select(role.person_id, role.kind, role.school_id)
        .where(
            role.person_id.in_(people),
            role.starts_on <= context.today,
            or_(role.ends_on.is_(None), role.ends_on >= context.today),
        )
        .order_by(role.school_id.is_not(None), role.id)
    )
    return [(row.person_id, row.kind, row.school_id) for row in rows]


async def _signing_in_anew(context: ActContext, found: RosterDifference) -> Sequence[_Changed]:
    """Whoever holds an office, or stands in for who does, and has another address now."""
    people = changed_addresses(found)
    acting = dict.fromkeys((*await _held(context, people), *await _stood_in_for(context, people)))
    return [_Changed(*one, "address") for one in acting]


async def _stood_in_for(
    context: ActContext, people: Collection[int]
) -> Sequence[tuple[int, str, int | None]]:
    """Who of these people stands in, today or later, for whoever holds which office, and where."""
    role, absence = table_of(Role).c, table_of(Absence).c
    rows = await context.session.run(
        select(absence.deputy_id, role.kind, role.school_id)
        .join_from(table_of(Absence), table_of(Role), role.person_id == absence.person_id)
        .where(
            absence.deputy_id.in_(people),
            absence.ends_on >= context.today,
            or_(role.ends_on.is_(None), role.ends_on >= context.today),
        )
        .order_by(role.school_id.is_not(None), role.id)
    )
    return [(row.deputy_id, row.kind, row.school_id) for row in rows]


async def _changed(context: ActContext, found: RosterDifference) -> Sequence[_Changed]:
    """Whose office, which, and what happened to it: who left and other addresses first."""
    numbers, schools = dict[str, int](), dict[str, int]()
    if found.started_roles:
        person = table_of(Person).c
        wanted = {one.person for one in found.started_roles}
        rows = await context.session.run(
            select(person.source_id, person.id).where(person.source_id.in_(wanted))
        )
        numbers = {row.source_id: row.id for row in rows}
        school = table_of(School).c
        orgs = {one.org for one in found.started_roles}
        places = await context.session.run(
            select(school.source_id, school.id).where(school.source_id.in_(orgs))
        )
        schools = {row.source_id: row.id for row in places}
    return [
        *await _left(context, found),
        *await _signing_in_anew(context, found),
        *(
            _Changed(numbers[one.person], one.kind, schools.get(one.org), "given")
            for one in found.started_roles
            if one.person in numbers
        ),
        *(_Changed(one.person_id, one.kind, one.school_id, "changed") for one, _ in found.changed_roles),
        *(
            _Changed(one.person_id, one.kind, one.school_id, "ends")
            for one in (*found.ended_roles, *found.ending_roles)
        ),
    ]


def nobody_deputizes(
    context: ActContext, absence: Absence, school_id: int | None, *, dismissed: bool
) -> tuple[Step, ...]:
    """The letters to the person who is away, their school and who keeps the policy: name another deputy.

    `dismissed`: whoever deputized lost an office at once; who gives offices reads of it too.
    """
    readers: list[int | RoleAt] = [absence.person_id, policy_office(context.policy)]
    if school_id is not None:
        readers.append(office_at(context.policy.office(context.policy.duties.runs_school), school_id))
    if dismissed:
        readers += _giving(context)
    about = Subject(SubjectKind.PERSON, absence.person_id)
    notice = DeputyLeft(until=absence.ends_on, dismissed=dismissed)
    cause = f"absence:{absence.id}/deputy left/{context.today}"
    return tuple(Tell(notice, one, cause, about) for one in dict.fromkeys(readers))


async def _was_told(context: ActContext, absence: Absence, deputy_id: int) -> bool:
    """Whether a letter that named this deputy left, or may have."""
    found = await context.session.run(
        select(col(Notice.id)).where(
            col(Notice.kind) == DeputyNamed.kind,
            col(Notice.key).startswith(f"absence:{absence.id}/deputy:{deputy_id}/named/"),
            or_(col(Notice.state) != NoticeState.PENDING, col(Notice.uncertain)),
        )
    )
    return found.first() is not None


async def deputy_told(
    context: ActContext, absence: Absence, deputy_id: int, *, ended: bool = False
) -> tuple[Step, ...]:
    """The steps that tell others, in the digest, who deputizes in an office of somebody who is away.

    Told is whoever runs the school, of an office of a school, and whoever gives offices, of one of the
    division. Nobody is told where the person holds no office in those days. Where the absence ends before
    its first day, only those are told of it who may have read that it begins.
    """
    if ended and context.today < absence.starts_on and not await _was_told(context, absence, deputy_id):
        return ()
    role = table_of(Role).c
    rows = await context.session.run(
        select(role.kind, role.school_id)
        .where(
            role.person_id == absence.person_id,
            role.starts_on <= absence.ends_on,
            or_(role.ends_on.is_(None), role.ends_on >= max(absence.starts_on, context.today)),
        )
        .order_by(role.id)
    )
    held = [(row.kind, row.school_id) for row in rows]
    if not held:
        return ()
    about = Subject(SubjectKind.PERSON, absence.person_id)
    facts = DeputyNamed(
        by_id=context.person_id,
        person_ids=(deputy_id,),
        offices=tuple(dict.fromkeys(kind for kind, _ in held)),
        change="ended" if ended else "named",
        first=absence.starts_on,
        last=absence.ends_on,
    )
    readers = dict.fromkeys(
        one
        for kind, school in held
        for one in (
            RoleAt(kind, school),
            *(_giving(context) if school is None else [RoleAt(context.policy.duties.runs_school, school)]),
        )
    )
    told_already = (absence.person_id, deputy_id, context.person_id)
    cause = f"absence:{absence.id}/deputy:{deputy_id}/{facts.change}/office"
    return tuple(Tell(facts, one, cause, about, told_already) for one in readers)
