"""Offices, designations and absences that no roster tells: given and noted by a command.

Days are of the division's zone; both ends are included. Every one has its audit entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.model import Policy
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.events import EventKind
from schemas.outcome import Emit, Outcome, RoleAt, Subject
from schemas.people import Absence, Designation, Person, Role
from schemas.words import Level, PersonKind, RoleKind, SubjectKind, Via
from tasks.people.deputies import default_deputy
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.holders import holders

SOURCE = "command line"  # of a role: no roster ends it


@dataclass(frozen=True)
class Noted:
    """What was recorded: the row's number, and a sentence for the person who did it."""

    id: int
    says: str


def _check_days(starts_on: date, ends_on: date | None, today: date) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise BadInput(f"It would end on {ends_on}, before it starts on {starts_on}: give a later last day.")
    if ends_on is not None and ends_on < today:
        raise BadInput(f"Its last day, {ends_on}, has passed: give a last day from {today} on.")


async def _number(session: AsyncSession, email: str) -> Person:
    person = await lookup.person(session, email)
    if person.id is None:
        raise BadInput("This person is not stored yet: import the roster first.")
    return person


async def grant_role(
    store: Store,
    policy: Policy,
    kind: str,
    email: str,
    *,
    school: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    now: datetime,
) -> Noted:
    """Give somebody an office, from `starts_on` (None: today) through `ends_on` (None: until ended).

    A school administrator holds it at a school; the other offices are the division's.
    Raises BadInput, Unknown, AlreadyDone when they hold it in those days already.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    first = starts_on or today
    _check_days(first, ends_on, today)
    if kind == RoleKind.SCHOOL_ADMINISTRATOR and not school:
        raise BadInput("A school administrator holds the office at a school: name it with --school.")
    if kind != RoleKind.SCHOOL_ADMINISTRATOR and school:
        raise BadInput(f"The {kind} is the whole division's: leave --school out.")
    async with store.write() as session:
        person = await _number(session, email)
        if person.kind is PersonKind.STUDENT:
            raise NotAllowed("A student holds no office.")
        where = await lookup.school(session, school) if school else None
        if where is not None and where.is_division:
            raise BadInput("This is the division office and no school: name a school.")
        school_id = where.id if where else None
        await _refuse_overlap(session, person.id, kind, school_id, first, ends_on)
        row = table_of(Role)
        values = {"person_id": person.id, "kind": kind, "school_id": school_id, "source": SOURCE}
        made = await (await session.connection()).execute(
            insert(row).values(**values, starts_on=first, ends_on=ends_on).returning(row.c.id)
        )
        number = int(made.scalar_one())
        await _note(
            session,
            calendar,
            person.id,
            "office given",
            {"role": number, "kind": kind, "school": school_id},
            by=None,
            now=now,
        )
    place = f" at {where.name}" if where else ""
    return Noted(number, f"{person.name} is {kind}{place} {_days(first, ends_on)}.")


async def _refuse_overlap(
    session: AsyncSession,
    person_id: int | None,
    kind: str,
    school_id: int | None,
    first: date,
    last: date | None,
) -> None:
    role = table_of(Role).c
    at = role.school_id.is_(None) if school_id is None else role.school_id == school_id
    rows = select(role.starts_on, role.ends_on).where(
        role.person_id == person_id,
        role.kind == kind,
        at,
        or_(role.ends_on.is_(None), role.ends_on >= first),
        role.starts_on <= (last or date.max),
    )
    held = (await (await session.connection()).execute(rows)).first()
    if held is not None:
        raise AlreadyDone(f"They hold this office {_days(held.starts_on, held.ends_on)} already.")


async def end_role(
    store: Store,
    policy: Policy,
    kind: str,
    email: str,
    *,
    school: str | None = None,
    last_day: date | None = None,
    now: datetime,
) -> Noted:
    """End an office after `last_day` (None: today). Raises Unknown, BadInput when they do not hold it."""
    calendar = Calendar(policy)
    today = calendar.today(now)
    last = last_day or today
    async with store.write() as session:
        person = await lookup.person(session, email, must_be_active=False)
        where = await lookup.school(session, school) if school else None
        role = table_of(Role)
        at = role.c.school_id.is_(None) if where is None else role.c.school_id == where.id
        connection = await session.connection()
        rows = await connection.execute(
            select(role.c.id, role.c.starts_on).where(
                role.c.person_id == person.id,
                role.c.kind == kind,
                at,
                or_(role.c.ends_on.is_(None), role.c.ends_on >= today),
            )
        )
        held = rows.first()
        if held is None:
            raise BadInput("They do not hold this office there: nothing to end.")
        _check_days(held.starts_on, last, today)
        await connection.execute(role.update().where(role.c.id == held.id).values(ends_on=last))
        body = {"role": held.id, "last day": last.isoformat()}
        await _note(
            session,
            calendar,
            person.id,
            "office ended",
            body,
            by=None,
            now=now,
        )
    return Noted(held.id, f"{person.name} is {kind} through {last}.")


async def note_absence(
    store: Store,
    policy: Policy,
    email: str,
    *,
    deputy: str | None = None,
    starts_on: date,
    ends_on: date,
    now: datetime,
) -> Noted:
    """Somebody is away; the deputy, or the policy's default for their office, decides and is asked meanwhile.

    Raises BadInput, Unknown, AlreadyDone.
    """
    calendar = Calendar(policy)
    _check_days(starts_on, ends_on, calendar.today(now))
    async with store.write() as session:
        person = await _number(session, email)
        stands_in = (
            await _number(session, deputy)
            if deputy is not None
            else await default_deputy(session, policy, person.id or 0, starts_on, ends_on)
        )
        if person.id == stands_in.id:
            raise BadInput("Nobody deputizes for themselves: name somebody else with --deputy.")
        if stands_in.kind is PersonKind.STUDENT:
            raise NotAllowed("A student can't deputize.")
        absence = table_of(Absence)
        connection = await session.connection()
        met = await connection.execute(
            select(absence.c.person_id, absence.c.starts_on, absence.c.ends_on).where(
                absence.c.person_id.in_((person.id, stands_in.id)),
                absence.c.starts_on <= ends_on,
                absence.c.ends_on >= starts_on,
            )
        )
        for row in met:
            days = f"from {row.starts_on} through {row.ends_on}"
            if row.person_id == person.id:
                raise AlreadyDone(f"They are noted as away {days}: the two absences would overlap.")
            raise BadInput(f"The deputy is away too, {days}: name somebody who is here.")
        made = await connection.execute(
            insert(absence)
            .values(person_id=person.id, deputy_id=stands_in.id, starts_on=starts_on, ends_on=ends_on)
            .returning(absence.c.id)
        )
        number = int(made.scalar_one())
        body = {"absence": number, "deputy": stands_in.id}
        await _note(session, calendar, person.id, "absence noted", body, by=None, now=now)
    return Noted(number, f"{stands_in.name} deputizes for {person.name} {_days(starts_on, ends_on)}.")


async def designate(
    store: Store,
    policy: Policy,
    email: str,
    *,
    designated_by: str,
    account: int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    now: datetime,
) -> Noted:
    """The Superintendent names somebody to administer division-wide channels, or one of them (1).

    Raises NotAllowed unless `designated_by` holds the Superintendent's office today or deputizes;
    BadInput, Unknown, AlreadyDone.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    first = starts_on or today
    _check_days(first, ends_on, today)
    async with store.write() as session:
        person, by = await _number(session, email), await _number(session, designated_by)
        allowed = await holders(session, RoleAt(RoleKind.SUPERINTENDENT), today)
        if by.id not in {one.person_id for one in allowed}:
            raise NotAllowed("Only the Superintendent, or who deputizes, designates (1).")
        if person.kind is PersonKind.STUDENT:
            raise NotAllowed("A student can't be designated to administer division-wide channels (1).")
        if account is not None and (await lookup.by_id(session, Account, account)).level != Level.DIVISION:
            raise BadInput(f"Account {account} is not division-wide: nobody is designated for it (1).")
        row = table_of(Designation)
        connection = await session.connection()
        same = row.c.account_id.is_(None) if account is None else row.c.account_id == account
        standing = await connection.execute(
            select(row.c.id).where(
                row.c.person_id == person.id,
                same,
                row.c.starts_on <= (ends_on or date.max),
                or_(row.c.ends_on.is_(None), row.c.ends_on >= first),
            )
        )
        if standing.first() is not None:
            raise AlreadyDone("They are designated for that in those days already.")
        made = await connection.execute(
            insert(row)
            .values(
                person_id=person.id,
                designated_by_id=by.id,
                account_id=account,
                starts_on=first,
                ends_on=ends_on,
            )
            .returning(row.c.id)
        )
        number = int(made.scalar_one())
        body = {"designation": number, "account": account}
        await _note(session, calendar, person.id, "designated", body, by=by.id, now=now)
    what = "all division-wide channels" if account is None else f"account {account}"
    return Noted(number, f"{person.name} is designated for {what} {_days(first, ends_on)}.")


async def _note(
    session: AsyncSession,
    calendar: Calendar,
    person_id: int | None,
    cause: str,
    body: Mapping[str, object],
    *,
    by: int | None,
    now: datetime,
) -> None:
    """The audit entry, and the wake-up of what may move now that somebody may act."""
    subject = Subject(SubjectKind.PERSON, person_id or 0)
    actor = Actor(by, Via.COMMAND)
    await audit.append(session, subject, actor=actor, control="", cause=cause, now=now, body=body)
    event = Outcome((Emit(EventKind.ROSTER_IMPORTED, subject),))
    await apply(session, event, actor=actor, calendar=calendar, now=now)


def _days(first: date, last: date | None) -> str:
    return f"from {first} through {last}" if last else f"from {first} on"
