"""Taking in a training report, once, in one transaction and in bulk."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import func, select, update
from sqlmodel import SQLModel, col

from policy.authority import policy_office
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import course_meant
from policy.model import Policy
from schemas.columns import table_of
from schemas.errors import BadFile, Place
from schemas.events import EventKind
from schemas.forms import OnCommand, OneOf
from schemas.gates import Completion, UnmatchedRow
from schemas.machinery import ActionItem
from schemas.outcome import Ask, Emit, Outcome, Step, Subject
from schemas.words import ItemKind, ItemState, SubjectKind, Via
from tasks.acts.act import act
from tasks.acts.columns import ColumnsForm
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES
from tasks.files.columns import Columns
from tasks.files.dates import Order
from tasks.files.left_out import SkipBad
from tasks.files.moodle import TrainingReport, TrainingRow, read_training
from tasks.files.xapi import Statements, is_statements, read_statements
from tasks.store import audit
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.import_runs import (
    close_run,
    insert_new,
    open_run,
    remember,
    remembered,
    taken_in_before,
)
from tasks.store.session import Session
from tasks.training.addresses import passed_over_by, people_by_address
from tasks.training.completions import strange_day
from tasks.training.statements import as_report, note_statements

KIND = "training"
#: Rows that a try names at most.
NAMED = 500


@dataclass(frozen=True)
class TrainingImport:
    """What an import of a training report did, or would do.

    `rows` = `new` + `known` + `voided` + `blank` + `unmatched` + `repeated` + `ignored`. The last are of mail
    domains that are none of ours, or of people who were forgotten. `to_settle` are the unmatched rows that
    were not on the list yet. `left_out` more rows were written to a file, to be mended. A try names the first
    rows that are new, and those that fit nobody.
    """

    file: str
    import_id: int | None
    dry_run: bool
    imported_before: datetime | None
    rows: int
    new: int = 0
    known: int = 0
    voided: int = 0
    blank: int = 0
    unmatched: int = 0
    repeated: int = 0
    to_settle: int = 0
    column: str = ""
    has_email: bool = True
    notes: tuple[str, ...] = ()
    left_out: int = 0
    ignored: int = 0
    completed: tuple[TrainingRow, ...] = ()
    strangers: tuple[TrainingRow, ...] = ()


class TrainingImportForm(ColumnsForm):
    """Take in completions of the course from a report; the same file twice changes nothing."""

    kind = KIND

    file: Annotated[Path, OnCommand(positional=True)] = Field(
        title="File",
        description="Moodle's course completion or activity progress report, or xAPI statements.",
    )
    dates: Order | None = Field(
        default=None,
        title="Order of dates",
        description="Which comes first in dates such as 03/04/26, when the file leaves it open.",
    )
    course: Annotated[str, OneOf("courses")] = Field(
        default="",
        title="Course",
        description="Which course the report is of, where it does not say so itself. It is remembered.",
    )
    forwarded: bool = Field(
        default=False,
        title="Forwarded statements",
        description="Statements may be of any activity: those of another than the course are passed over.",
    )
    skip_bad: SkipBad = None
    dry_run: bool = Field(default=False, title="Only try", description="Say what would happen; keep nothing.")


def _read(
    form: TrainingImportForm, policy: Policy, now: datetime, columns: Columns
) -> TrainingReport | Statements:
    """Raises BadFile, BadRows (every cell, or every statement, at once)."""
    today = policy.calendar.today(now)
    if is_statements(form.file):
        return read_statements(
            form.file,
            zone=policy.zone,
            why_not=lambda day: strange_day(day, today),
            skip_bad=form.skip_bad,
        )
    return read_training(
        form.file,
        name=form.file.name,
        course=course_meant(policy),
        dates=form.dates,
        why_not=lambda day: strange_day(day, today),
        skip_bad=form.skip_bad,
        said=columns,
    )


@act(
    TrainingImportForm,
    who=FILES_OFFICES,
    does="takes in a training report",
    control=(TrainingBeforeAccess,),
    prepare=_read,
    in_person=True,
)
async def import_training(context: ActContext, form: TrainingImportForm) -> TrainingImport:
    """Take in a report or statements: new completions are recorded, what fits nobody waits for a person.

    The same bytes twice change nothing. A blank date is "not completed" and voids nothing.

    Raises BadFile, BadRows (every cell at once); then nothing is kept.
    """
    actor = replace(context.actor, via=Via.IMPORT)
    statements = context.material
    if isinstance(statements, Statements):
        report = await as_report(context, statements, form.course, forwarded=form.forwarded)
        if form.forwarded and not report.rows and not statements.voids:  # of no concern: leave no trace
            return TrainingImport(report.file, None, form.dry_run, None, 0, notes=report.notes)
    else:
        report = context.material
        await _of_the_course(context, form)
    done = await _take_in(context.session, context.policy, report, actor, context.now, dry_run=form.dry_run)
    if isinstance(statements, Statements) and done.imported_before is None:
        ended = await note_statements(replace(context, actor=actor), statements, report)
        return replace(done, notes=(*done.notes, *ended))
    return done


async def _of_the_course(context: ActContext, form: TrainingImportForm) -> None:
    """Raises BadFile for a report that may be of another course: nobody has said yet that it is of ours."""
    report: TrainingReport = context.material
    course, session = course_meant(context.policy), context.session
    if form.course and form.course != course.id:
        raise BadFile(f"access asks for the course {course.id} only", Place(report.file))
    if form.course and report.known_by:
        await remember(
            session, "course", report.known_by, course.id, by_id=context.person_id, now=context.now
        )
    said = form.course or (report.known_by and await remembered(session, "course", report.known_by))
    if not report.names_course and said != course.id:
        of = ", ".join(repr(one) for one in report.activities) or "no activity"
        raise BadFile(
            f"this report does not say that it is of {course.title!r}; it speaks of {of}. If it is, say so "
            f"once: --course {course.id}",
            Place(report.file),
        )


async def _take_in(
    session: Session,
    policy: Policy,
    report: TrainingReport,
    actor: Actor,
    now: datetime,
    *,
    dry_run: bool,
) -> TrainingImport:
    before = await taken_in_before(session, KIND, report.sha256)
    if before is not None:
        return TrainingImport(
            report.file, before.id, dry_run, before.imported_at, len(report.rows), column=report.column
        )
    import_id = await open_run(session, KIND, report.sha256, len(report.rows), now)
    people = await people_by_address(session)
    dated = [row for row in report.rows if row.completed_on is not None]
    matched = {(people[row.email], row.completed_on): row for row in dated if row.email in people}
    passed_over = await passed_over_by(session)
    unknown = [row for row in dated if row.email not in people]
    strangers = {
        (row.email, row.name, row.completed_on): row for row in unknown if not passed_over(row.email)
    }
    ignored = sum(passed_over(row.email) for row in unknown)
    voided = await _voided(session, policy, matched)
    await insert_new(
        session,
        Completion,
        _completions(matched, policy, import_id, actor, now),
        unique=("person_id", "course", "completed_on"),
    )
    new = await _count(session, Completion, col(Completion.source) == _source(import_id))
    await insert_new(
        session,
        UnmatchedRow,
        _unmatched(strangers.values(), policy, import_id),
        unique=("course", "email", "name", "completed_on"),
    )
    to_settle = await _count(session, UnmatchedRow, col(UnmatchedRow.import_id) == import_id)
    await _settle_items(session, policy, import_id, now)
    await close_run(session, import_id, changed=new, unmatched=to_settle)
    subject = Subject(SubjectKind.IMPORT, import_id)
    await audit.append(
        session,
        subject,
        actor=actor,
        control=policy.name_of(TrainingBeforeAccess),
        cause="training report imported",
        now=now,
        body={
            "sha256": report.sha256,
            "new": new,
            "to settle": to_settle,
            "completions": await _digest(session, import_id),
        },
    )
    calendar = policy.calendar
    await apply(
        session,
        _follows(subject, policy, now, new, to_settle),
        actor=actor,
        calendar=calendar,
        now=now,
    )
    return TrainingImport(
        file=report.file,
        import_id=None if dry_run else import_id,
        dry_run=dry_run,
        imported_before=None,
        rows=len(report.rows),
        new=new,
        known=len(matched) - new - voided,
        voided=voided,
        blank=len(report.rows) - len(dated),
        unmatched=len(strangers),
        repeated=len(dated) - len(matched) - len(strangers) - ignored,
        ignored=ignored,
        to_settle=to_settle,
        column=report.column,
        has_email=report.has_email,
        notes=report.notes,
        left_out=report.left_out,
        completed=await _new_rows(session, import_id, matched) if dry_run else (),
        strangers=tuple(strangers.values())[:NAMED] if dry_run else (),
    )


async def _new_rows(
    session: Session, import_id: int, matched: Mapping[tuple[int, date | None], TrainingRow]
) -> tuple[TrainingRow, ...]:
    kept = (
        select(col(Completion.person_id), col(Completion.completed_on))
        .where(col(Completion.source) == _source(import_id))
        .order_by(col(Completion.id))
        .limit(NAMED)
    )
    rows = await session.run(kept)
    return tuple(matched[row.person_id, row.completed_on] for row in rows)


def _follows(subject: Subject, policy: Policy, now: datetime, new: int, to_settle: int) -> Outcome:
    """One event wakes the gate however many completions came; one item asks for all rows that fit nobody."""
    steps: list[Step] = []
    if to_settle:
        kind = ItemKind.SETTLE_ROW
        due = policy.calendar.due_after(
            policy.calendar.today(now), school_days=policy.terms(kind).due_school_days
        )
        office = policy_office(policy)
        control = policy.name_of(TrainingBeforeAccess)
        steps.append(Ask(f"{subject}/unmatched", kind, office, subject, control, due))
    if new:
        steps.append(Emit(EventKind.COMPLETION_RECORDED, subject))
    return Outcome(tuple(steps))


def _source(import_id: int) -> str:
    return f"import {import_id}"


async def _voided(session: Session, policy: Policy, matched: Iterable[tuple[int, Any]]) -> int:
    """How many of these completions are known and were voided: they stay so."""
    rows = await session.run(
        select(col(Completion.person_id), col(Completion.completed_on)).where(
            col(Completion.course) == course_meant(policy).id, col(Completion.voided_at).is_not(None)
        )
    )
    return len({(row.person_id, row.completed_on) for row in rows} & set(matched))


def _completions(
    matched: Iterable[tuple[int, Any]], policy: Policy, import_id: int, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person_id,
            "course": course_meant(policy).id,
            "completed_on": day,
            "source": _source(import_id),
            "recorded_via": actor.via,
            "recorded_by_id": actor.person_id,
            "recorded_at": now,
        }
        for person_id, day in sorted(matched)
    ]


def _unmatched(rows: Iterable[TrainingRow], policy: Policy, import_id: int) -> list[dict[str, Any]]:
    return [
        {
            "import_id": import_id,
            "line": row.line,
            "course": course_meant(policy).id,
            "email": row.email,
            "name": row.name,
            "completed_on": row.completed_on,
        }
        for row in rows
    ]


async def _count(session: Session, model: type[SQLModel], condition: Any) -> int:
    found = select(func.count()).select_from(table_of(model)).where(condition)
    return int((await session.run(found)).scalar_one())


async def _settle_items(session: Session, policy: Policy, import_id: int, now: datetime) -> None:
    """End what asked for the course of everybody whose completion is now current."""
    current_from = course_meant(policy).counts_from(policy.calendar.today(now))
    came = select(col(Completion.person_id)).where(
        col(Completion.source) == _source(import_id), col(Completion.completed_on) >= current_from
    )
    await session.run(
        update(ActionItem)
        .where(
            col(ActionItem.kind) == ItemKind.COMPLETE_COURSE,
            col(ActionItem.state) == ItemState.OPEN,
            col(ActionItem.subject_kind) == SubjectKind.PERSON,
            col(ActionItem.subject_id).in_(came),
            col(ActionItem.key).contains(f"/course/{course_meant(policy).id}/", autoescape=True),
        )
        .values(state=ItemState.DONE, ended_at=now)
    )


async def _digest(session: Session, import_id: int) -> str:
    """SHA-256 over who completed when, so that the one audit entry stands for every row that came."""
    rows = await session.run(
        select(col(Completion.person_id), col(Completion.completed_on))
        .where(col(Completion.source) == _source(import_id))
        .order_by(col(Completion.person_id), col(Completion.completed_on))
    )
    lines = "\n".join(f"{row.person_id} {row.completed_on.isoformat()}" for row in rows)
    return hashlib.sha256(lines.encode()).hexdigest()
