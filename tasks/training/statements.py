"""xAPI statements as a report of completions, and what becomes of a completion whose statement is voided."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update

from policy.gates import course_meant
from schemas.columns import table_of
from schemas.errors import BadFile, Place
from schemas.gates import Remembered, UnmatchedRow
from schemas.language import half
from tasks.acts.context import ActContext
from tasks.files.moodle import TrainingReport, TrainingRow, speaks_of
from tasks.files.xapi import Statements
from tasks.store.import_runs import AT_ONCE, insert_new, remember, remembered
from tasks.store.session import Session
from tasks.training.addresses import people_by_address
from tasks.training.completions import find, no_longer_counts

_KIND, _COURSE = "statement", "course"
_VOIDED = "voided"
_WHY = "The learning platform voided its statement."


async def as_report(
    context: ActContext, given: Statements, course: str, *, forwarded: bool
) -> TrainingReport:
    """Those statements that are of the course, as rows of a report.

    An activity is the course by its name, or because somebody said so once (`course`). Raises BadFile where
    a file speaks of completed activities, and none of them is known to be the course: what is `forwarded`
    may be of any.
    """
    ours, others = await _activities(context, given, course)
    if others and not ours and not given.voids and not forwarded:
        wanted = course_meant(context.policy)
        raise BadFile(
            f"no statement says that it is of {wanted.title!r}; they speak of {_listed(others)}. If one of "
            f"these is the course, give its statements alone, and say so once: --course {wanted.id}",
            Place(given.file),
        )
    session = context.session
    gone = await _remembered(session, (one.id for one in given.rows))
    rows = [one for one in given.rows if one.activity in ours and gone.get(one.id) != _VOIDED]
    addresses = await _by_sha1(session) if any(one.sha1 for one in rows) else {}
    counted = dict(given.counted)
    if passed := sum(one.activity not in ours for one in given.rows):
        counted["of other activities"] = passed
    return TrainingReport(
        file=given.file,
        sha256=given.sha256,
        rows=tuple(
            TrainingRow(one.line, one.email or addresses.get(one.sha1, ""), one.name, one.completed_on)
            for one in rows
        ),
        column="timestamp",
        has_email=True,
        notes=tuple(
            f"1 statement {what}." if count == 1 else f"{count} statements {what}."
            for what, count in sorted(counted.items())
        ),
        left_out=given.left_out,
    )


async def _activities(
    context: ActContext, given: Statements, course: str
) -> tuple[frozenset[str], frozenset[str]]:
    """Which activities are the course, and which are not, as far as anybody knows. Raises BadFile."""
    wanted, session = course_meant(context.policy), context.session
    if course and course != wanted.id:
        raise BadFile(f"access asks for the course {wanted.id} only", Place(given.file))
    named = {one.activity for one in given.rows if any(speaks_of(wanted, name) for name in one.names)}
    every = {one.activity for one in given.rows}
    known = {one for one in every - named if await remembered(session, _COURSE, one) == wanted.id}
    others = every - named - known
    if course and len(others) == 1:
        (its,) = others
        await remember(session, _COURSE, its, wanted.id, by_id=context.person_id, now=context.now)
        return frozenset(every), frozenset()
    if course and others:
        several = _listed(others)
        what = half(f"these are statements of several activities ({several}): give one activity's alone")
        raise BadFile(what, Place(given.file))
    return frozenset(named | known), frozenset(others)


def _listed(activities: Iterable[str]) -> str:
    every = sorted(activities)
    shown = ", ".join(repr(one[:200]) for one in every[:5])
    return f"{shown} and {len(every) - 5} more" if len(every) > 5 else shown  # noqa: PLR2004


async def note_statements(context: ActContext, given: Statements, report: TrainingReport) -> list[str]:
    """Keep which statement a completion came by, and void those whose statement is voided; notes on them."""
    lines = {one.line: one for one in report.rows}
    kept = [
        _kept(context, one.id, _whose(row))
        for one in given.rows
        if one.id and (row := lines.get(one.line)) is not None
    ]
    await insert_new(context.session, Remembered, kept, unique=("kind", "key"))
    return await _void(context, given.voids) if given.voids else []


def _whose(row: TrainingRow) -> str:
    """A row, to find its completion again."""
    return json.dumps([row.email, row.name[:60], str(row.completed_on)], ensure_ascii=False)


def _kept(context: ActContext, key: str, value: str) -> dict[str, Any]:
    said = {"said_by_id": context.person_id, "said_at": context.now}
    return {"kind": _KIND, "key": key, "value": value, **said}


async def _void(context: ActContext, ids: frozenset[str]) -> list[str]:
    """Completions whose statements are voided count no longer; a statement that comes later never will."""
    session, course = context.session, course_meant(context.policy)
    before = await _remembered(session, ids)
    people, ended, waiting = await people_by_address(session), 0, 0
    for its in sorted(ids):
        value = before.get(its)
        if value is None or value == _VOIDED:
            continue
        email, name, day = json.loads(value)
        person = people.get(email) or await _settled(session, email, name, date.fromisoformat(day))
        known = None if person is None else await find(session, course, person, date.fromisoformat(day))
        if known is None:
            waiting += 1
        elif known.voided_at is None:
            await no_longer_counts(context, course, known, _WHY)
            ended += 1
    await insert_new(
        session, Remembered, [_kept(context, one, _VOIDED) for one in sorted(ids)], unique=("kind", "key")
    )
    table = table_of(Remembered)
    for some in _in_parts(ids):
        await session.run(
            update(table).where(table.c.kind == _KIND, table.c.key.in_(some)).values(value=_VOIDED)
        )
    notes = [f"{ended} completions count no longer: their statements were voided."] if ended else []
    if waiting:
        notes.append(
            f"{waiting} voided statements are of rows that fit nobody here: settle these as none of ours "
            "(`steward import unmatched`)."
        )
    return notes


async def _settled(session: Session, email: str, name: str, day: date) -> int | None:
    """Whose a row that fitted nobody was said to be."""
    row = table_of(UnmatchedRow).c
    its = row.email == email, row.name.startswith(name, autoescape=True), row.completed_on == day
    found = await session.run(select(row.settled_person_id).where(*its))
    said = {one for one in found.scalars() if one is not None}
    return said.pop() if len(said) == 1 else None


async def _remembered(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """What is known of these statements, by their id."""
    table = table_of(Remembered)
    found: dict[str, str] = {}
    for some in _in_parts(one for one in ids if one):
        asked = select(table.c.key, table.c.value).where(table.c.kind == _KIND, table.c.key.in_(some))
        rows = await session.run(asked)
        found |= {row.key: row.value for row in rows}
    return found


def _in_parts(ids: Iterable[str]) -> list[list[str]]:
    every = sorted(set(ids))
    return [every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE)]


async def _by_sha1(session: Session) -> Mapping[str, str]:
    """Every address that we know, by the digest of its mailto: form, as agents may be named."""
    return {
        hashlib.sha1(f"mailto:{one}".encode(), usedforsecurity=False).hexdigest(): one
        for one in await people_by_address(session)
    }
