"""Taking in a roster: the difference is computed and applied in one transaction, or nothing is."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.model import Policy
from policy.roster import difference
from schemas.columns import table_of
from schemas.events import EventKind
from schemas.gates import ImportRun
from schemas.outcome import Emit, Outcome, Subject
from schemas.people import Person, Role, School
from schemas.roster import (
    RosterBundle,
    RosterDifference,
    RosterState,
    StoredPerson,
    StoredRole,
    StoredSchool,
)
from schemas.words import SubjectKind, Via
from tasks.files.oneroster import read_oneroster
from tasks.people.leavers import Loss, ask_about, broken_now, newly
from tasks.people.roster_writing import write_difference
from tasks.store import Store, audit
from tasks.store.apply import apply
from tasks.store.audit import Actor

KIND = "roster"


@dataclass(frozen=True)
class RosterReport:
    """What an import did or, when `dry_run`, would do.

    `seen_before`: when these same bytes were last taken in. `import_id` None: nothing was written. `losses`:
    what it breaks at live accounts (1, 5.4, 11), named before it happens.
    """

    bundle: RosterBundle
    difference: RosterDifference
    dry_run: bool
    import_id: int | None = None
    seen_before: datetime | None = None
    losses: tuple[Loss, ...] = ()


class _Undo(Exception):
    """Ends a preview's transaction: nothing of it is kept."""


async def import_roster(
    store: Store,
    policy: Policy,
    path: Path,
    *,
    dry_run: bool = False,
    allow_mass: bool = False,
    students: bool = False,
    now: datetime,
) -> RosterReport:
    """Take in a OneRoster bundle (folder or zip).

    The same file again changes nothing and says when it was taken in; if the store has changed since,
    the file is applied again, because what the user asks for is that the store agree with it.

    Raises BadFile and BadRows (nothing was changed), TooManyGone, StoreUnavailable.
    """
    bundle = read_oneroster(path, students=students)
    calendar = Calendar(policy)
    today = calendar.today(now)

    def compute(state: RosterState) -> RosterDifference:
        return difference(
            state,
            bundle,
            share_at_most=policy.roster.deactivated_share_at_most,
            allow_mass=allow_mass,
            today=today,
        )

    if dry_run:
        # written for the rules to look at, and taken back
        with suppress(_Undo):
            async with store.write() as session:
                found = compute(await roster_state(session, now, policy))
                run_id, seen = await _seen(session, bundle.sha256)
                run_id = await _note_run(session, run_id, bundle, found, now)
                losses = await _write(session, found, policy, import_id=run_id, today=today, now=now)
                raise _Undo
        return RosterReport(bundle, found, dry_run=True, seen_before=seen, losses=losses)
    async with store.write() as session:
        found = compute(await roster_state(session, now, policy))
        run_id, seen = await _seen(session, bundle.sha256)
        if seen is not None and not found.count:
            return RosterReport(bundle, found, dry_run=False, seen_before=seen)
        run_id = await _note_run(session, run_id, bundle, found, now)
        actor = Actor(None, Via.IMPORT)
        subject = Subject(SubjectKind.IMPORT, run_id)
        losses = await _write(session, found, policy, import_id=run_id, today=today, now=now)
        await audit.append(
            session, subject, actor=actor, control="", cause="roster imported", now=now, body=counts(found)
        )
        await ask_about(session, losses, policy, actor, now)
        await apply(
            session,
            Outcome((Emit(EventKind.ROSTER_IMPORTED, subject),)),
            actor=actor,
            calendar=calendar,
            now=now,
        )
    return RosterReport(bundle, found, dry_run=False, import_id=run_id, seen_before=seen, losses=losses)


async def _write(
    session: AsyncSession,
    found: RosterDifference,
    policy: Policy,
    *,
    import_id: int,
    today: date,
    now: datetime,
) -> tuple[Loss, ...]:
    """Write the difference; what it breaks at live accounts that did not lack it before."""
    before = await broken_now(session, policy, today)
    actor = Actor(None, Via.IMPORT)
    await write_difference(session, found, actor=actor, import_id=import_id, today=today, now=now)
    return newly(before, await broken_now(session, policy, today))


def counts(found: RosterDifference) -> dict[str, int]:
    """How many of each kind: what the audit entry holds, and nobody's name."""
    return {
        "schools new": len(found.new_schools),
        "schools changed": len(found.changed_schools),
        "schools gone": len(found.gone_schools),
        "people new": len(found.new_people),
        "people changed": sum(not one.back for one in found.changed_people),
        "people back": sum(one.back for one in found.changed_people),
        "people gone": len(found.gone_people),
        "offices started": len(found.started_roles),
        "offices changed": len(found.changed_roles),
        "offices ended": len(found.ended_roles),
    }


async def roster_state(session: AsyncSession, now: datetime, policy: Policy) -> RosterState:
    """Every school and person, and the offices that stand today or later."""
    connection = await session.connection()
    today = Calendar(policy).today(now)
    school = table_of(School).c
    schools = await connection.execute(
        select(school.id, school.source_id, school.name, school.is_division, school.active).order_by(
            school.id
        )
    )
    person = table_of(Person).c
    people = await connection.execute(
        select(
            person.id,
            person.source_id,
            person.given_name,
            person.family_name,
            person.email,
            person.kind,
            person.position,
            person.school_id,
            person.active,
        ).order_by(person.id)
    )
    role = table_of(Role).c
    roles = await connection.execute(
        select(
            role.id,
            role.person_id,
            role.kind,
            role.school_id,
            role.ends_on,
            role.source,
            person.given_name + " " + person.family_name,
        )
        .join_from(table_of(Role), table_of(Person), role.person_id == person.id)
        .where(role.ends_on.is_(None) | (role.ends_on >= today))
        .order_by(role.id)
    )
    return RosterState(
        tuple(StoredSchool(*row) for row in schools),
        tuple(StoredPerson(**row) for row in people.mappings()),
        tuple(StoredRole(row[0], row[1], row[2], *row[3:]) for row in roles),
    )


async def _seen(session: AsyncSession, sha256: str) -> tuple[int | None, datetime | None]:
    """The run that took in these bytes before, and when."""
    run = table_of(ImportRun).c
    row = (
        await (await session.connection()).execute(
            select(run.id, run.imported_at).where(run.kind == KIND, run.sha256 == sha256)
        )
    ).first()
    return (row.id, row.imported_at) if row else (None, None)


async def _note_run(
    session: AsyncSession, run_id: int | None, bundle: RosterBundle, found: RosterDifference, now: datetime
) -> int:
    """Note that these bytes were taken in now; its number. One row for the same bytes, however often."""
    run = table_of(ImportRun)
    values: Mapping[str, object] = {"rows": bundle.rows, "changed": found.count, "imported_at": now}
    connection = await session.connection()
    if run_id is not None:
        await connection.execute(run.update().where(run.c.id == run_id).values(**values))
        return run_id
    made = await connection.execute(
        run.insert()
        .values(kind=KIND, sha256=bundle.sha256, unmatched=len(bundle.passed_over), **values)
        .returning(run.c.id)
    )
    return int(made.scalar_one())
