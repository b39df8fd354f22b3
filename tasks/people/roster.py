"""Taking in a roster: the difference is computed and applied in one transaction, or nothing is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from policy.controls.administrators import Administrators
from policy.model import Policy
from policy.roster import TooManyGone, difference, refuse_mass
from schemas.columns import table_of
from schemas.events import EventKind
from schemas.forms import OnCommand
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
from tasks.acts.act import act
from tasks.acts.columns import ColumnsForm
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.files.columns import Columns
from tasks.files.left_out import SkipBad, write_problems
from tasks.files.rosters import read_roster
from tasks.files.tabular import Problems
from tasks.files.workspace import Workspace, is_workspace, read_workspace
from tasks.people.addresses import tell_of_addresses
from tasks.people.folding import folded, merged_records
from tasks.people.leavers import Loss, ask_about, broken_now, newly
from tasks.people.missing import as_if_they_had_left, tell_of_the_missing, tell_that_they_stay
from tasks.people.moves import ask_about_moves, tell_of_deputies_who_left
from tasks.people.offices_told import tell_of_ended_offices, tell_of_offices, tell_who_left
from tasks.people.roster_writing import write_difference
from tasks.people.same import answers, ask_who_is_the_same
from tasks.people.workspace import as_bundle
from tasks.store.session import Session

KIND = "roster"


@dataclass(frozen=True)
class RosterReport:
    """What an import did or, when `dry_run`, would do.

    `seen_before`: when these same bytes were last taken in. `import_id` None: nothing was written. `losses`:
    what it breaks at live accounts, named before it happens; `coming`: once the missing have left.
    `over_the_brake`: why it would be refused. `left_out`: what is wrong, written to a file.
    """

    bundle: RosterBundle
    difference: RosterDifference
    dry_run: bool
    import_id: int | None = None
    seen_before: datetime | None = None
    losses: tuple[Loss, ...] = ()
    coming: tuple[Loss, ...] = ()
    over_the_brake: str = ""
    left_out: int = 0


class RosterForm(ColumnsForm):
    """Take in schools, people and school administrators; who is gone becomes inactive, never deleted."""

    kind = KIND

    path: Annotated[Path, OnCommand(positional=True)] = Field(
        title="Bundle",
        description="A folder or a zip of OneRoster 1.1 or 1.2 or School Data Sync v1, v2 or v2.1; or Google "
        "Workspace's users.",
    )
    dry_run: bool = Field(
        default=False, title="Only try", description="Show what would change, and change nothing."
    )
    allow_mass_deactivation: bool = Field(
        default=False,
        title="Allow mass deactivation",
        description="Take it in although many people would be inactive, or many offices empty.",
    )
    students: bool = Field(
        default=False,
        title="Students too",
        description="Take in students too. Without it they are passed over.",
    )
    skip_bad: SkipBad = None


def _read(
    form: RosterForm, policy: Policy, now: datetime, columns: Columns
) -> tuple[RosterBundle | Workspace, Problems]:
    """Raises BadFile and BadRows."""
    problems = Problems()
    if is_workspace(form.path):
        return read_workspace(form.path, said=columns, problems=problems), problems
    bundle = read_roster(
        form.path,
        policy,
        today=policy.calendar.today(now),
        students=form.students,
        problems=None if form.skip_bad is None else problems,
        said=columns,
    )
    return bundle, problems


@act(
    RosterForm,
    who=FILES_OFFICES,
    does="takes in a roster",
    control=(Administrators,),
    prepare=_read,
    first=True,
    in_person=True,
    dangerous=lambda form: form.allow_mass_deactivation,
)
async def import_roster(context: ActContext, form: RosterForm) -> RosterReport:
    """Take in a roster (a folder or a zip, or Google Workspace's users).

    The same file again changes nothing and says when it was taken in; if the store has changed since,
    the file is applied again, because what the user asks for is that the store agree with it.

    Raises BadFile and BadRows (nothing was changed), TooManyGone, StoreUnavailable.
    """
    session, policy, today, now = context.session, context.policy, context.today, context.now
    bundle, problems = context.material
    state = await roster_state(session, now, policy)
    if isinstance(bundle, Workspace):
        bundle = as_bundle(bundle, state, problems, students=form.students)
    bundle = folded(bundle, await merged_records(session))
    context = replace(context, actor=replace(context.actor, via=Via.IMPORT))
    days = policy.roster.missing_school_days
    through = context.calendar.due_after(today, school_days=days) if days else None
    found = difference(state, bundle, answers=await answers(session), today=today, through=through)
    for what, place in found.wrong:
        problems.add(what, place)
    if form.skip_bad is None:
        problems.raise_if_any()
    over = ""
    if not form.allow_mass_deactivation:
        try:
            refuse_mass(found, policy.roster)
        except TooManyGone as refused:
            if not form.dry_run:
                raise
            over = str(refused)
    left_out = write_problems(problems, form.skip_bad) if form.skip_bad is not None else 0
    report = RosterReport(bundle, found, form.dry_run, over_the_brake=over, left_out=left_out)
    run_id, seen = await _seen(session, bundle.sha256)
    report = replace(report, seen_before=seen)
    if not form.dry_run:
        await tell_of_ended_offices(context, found)
    if seen is not None and not found.count and not form.dry_run:
        return report
    run_id = await _note_run(session, run_id, bundle, found, now)
    losses, coming = await _write(context, found, import_id=run_id)
    report = replace(report, losses=losses, coming=coming)
    if form.dry_run:  # written for the rules to look at, and taken back
        return report
    subject = Subject(SubjectKind.IMPORT, run_id)
    await context.note(subject, control="", cause="roster imported", body=counts(found))
    await ask_about(session, losses, policy, context.actor, now)
    await ask_who_is_the_same(context, found.questions, run_id)
    await ask_about_moves(context, found)
    await tell_of_deputies_who_left(context, found)
    await tell_of_the_missing(context, found)
    await tell_that_they_stay(
        context,
        {one.id: one.leaves_on for one in found.found_people if one.leaves_on},
        [one for one, ends in found.changed_roles if ends is None],
    )
    await tell_of_addresses(context, found)
    await tell_of_offices(context, found, subject)
    await tell_who_left(context, found)
    await context.apply(Outcome((Emit(EventKind.ROSTER_IMPORTED, subject),)))
    return replace(report, import_id=run_id)


async def _write(
    context: ActContext, found: RosterDifference, *, import_id: int
) -> tuple[tuple[Loss, ...], tuple[Loss, ...]]:
    """Write the difference; what it breaks at live accounts, now and once the missing have left."""
    session, policy, today = context.session, context.policy, context.today
    before = await broken_now(session, policy, today)
    await write_difference(
        session, found, actor=context.actor, import_id=import_id, today=today, now=context.now
    )
    after = await broken_now(session, policy, today)
    async with as_if_they_had_left(session, found, today):
        later = await broken_now(session, policy, today)
    return newly(before, after), newly(after, later)


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
        "people missing": len(found.missing_people),
        "people found again": len(found.found_people),
        "offices started": len(found.started_roles),
        "offices changed": len(found.changed_roles),
        "offices ended": len(found.ended_roles),
        "offices left out": len(found.ending_roles),
        "same or not asked": len(found.questions),
    }


async def roster_state(session: Session, now: datetime, policy: Policy) -> RosterState:
    """Every school and person, the offices that stand today or later, and those that a person ended."""
    today = policy.calendar.today(now)
    school = table_of(School).c
    schools = await session.run(
        select(school.id, school.source_id, school.name, school.is_division, school.active).order_by(
            school.id
        )
    )
    person = table_of(Person).c
    people = await session.run(
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
            person.leaves_on,
        ).order_by(person.id)
    )
    role = table_of(Role).c
    roles = await session.run(
        select(
            role.id,
            role.person_id,
            role.kind,
            role.school_id,
            role.ends_on,
            role.source,
            person.given_name + " " + person.family_name,
            role.starts_on,
            role.said_last,
        )
        .join_from(table_of(Role), table_of(Person), role.person_id == person.id)
        .where(role.ends_on.is_(None) | (role.ends_on >= today) | role.said_last.is_not(None))
        .order_by(role.id)
    )
    known = [StoredRole(*row) for row in roles]
    return RosterState(
        tuple(StoredSchool(*row) for row in schools),
        tuple(StoredPerson(**row) for row in people.mappings()),
        tuple(one for one in known if one.ends_on is None or one.ends_on >= today),
        tuple(one for one in known if one.ends_on is not None and one.ends_on < today),
    )


async def _seen(session: Session, sha256: str) -> tuple[int | None, datetime | None]:
    """The run that took in these bytes before, and when."""
    run = table_of(ImportRun).c
    row = (
        await session.run(select(run.id, run.imported_at).where(run.kind == KIND, run.sha256 == sha256))
    ).first()
    return (row.id, row.imported_at) if row else (None, None)


async def _note_run(
    session: Session, run_id: int | None, bundle: RosterBundle, found: RosterDifference, now: datetime
) -> int:
    """Note that these bytes were taken in now; its number. One row for the same bytes, however often."""
    run = table_of(ImportRun)
    values: Mapping[str, object] = {"rows": bundle.rows, "changed": found.count, "imported_at": now}
    if run_id is not None:
        await session.run(run.update().where(run.c.id == run_id).values(**values))
        return run_id
    made = await session.run(
        run.insert()
        .values(kind=KIND, sha256=bundle.sha256, unmatched=len(bundle.passed_over), **values)
        .returning(run.c.id)
    )
    return int(made.scalar_one())
