"""What a Moodle course completion report, or an activity progress report, says about each person.

Both are read by position, because activities may share a name and the progress report leaves headers
empty. This module knows the two forms; it knows no people and no store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy.model.lists import Course
from schemas.errors import BadFile, Place
from tasks.files.dates import Order, Unreadable, day_of, order_of
from tasks.files.headers import plain
from tasks.files.tabular import Problems, Row, Table, read_table

_COURSE_COMPLETE = "Course complete"
_EMAIL = ("Email address", "Email", "Mail")  # as the site calls the identity field
_NAME = "Name"
_LONGEST_ADDRESS, _LONGEST_NAME = 254, 200


@dataclass(frozen=True)
class TrainingRow:
    """One person of the report. `completed_on` None: not completed."""

    line: int
    email: str  # lower case; empty where the report has none
    name: str
    completed_on: date | None


@dataclass(frozen=True)
class TrainingReport:
    """What the file says. `column` is the column that was read for the date; `notes` are for the user."""

    file: str
    sha256: str
    rows: tuple[TrainingRow, ...]
    column: str
    has_email: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Columns:
    """Where to look, by position."""

    done: int
    state: int | None  # the activity's state stands beside its date
    email: int | None
    name: int | None
    title: str


def read_training(
    source: Path | bytes,
    *,
    name: str,
    course: Course,
    dates: Order | None = None,
    why_not: Callable[[date], str | None] = lambda _: None,
) -> TrainingReport:
    """Read a report about this course.

    `dates` says which comes first in dates of digits, if given; `why_not` says what is wrong with a day.
    Raises BadFile when it is no such report, BadRows with every cell that can't be used.
    """
    problems = Problems()
    table = read_table(source, name=name, known=(_COURSE_COMPLETE, *_EMAIL, _NAME), problems=problems)
    where = _columns(table, course)
    raw = list(table.rows)
    order = dates or _order(table, where, [row.cells[where.done] for row in raw])
    rows = []
    for row in raw:
        value = row.cells[where.done]
        try:
            one = _row(row, where, order)
            if one.completed_on is not None and (strange := why_not(one.completed_on)):
                raise Unreadable(strange)  # noqa: TRY301 - one place where a bad cell is noted
        except UnknownState as error:
            state = row.cells[where.state or 0]
            problems.add(str(error), table.place(row, table.headers[where.state or 0], state))
        except Unreadable as error:
            problems.add(str(error), table.place(row, where.title, value))
        else:
            rows.append(one)
    problems.raise_if_any()
    notes = tuple(note for note in table.notes if "not understood" not in note)  # activities: not for us
    return TrainingReport(name, table.sha256, tuple(rows), where.title, where.email is not None, notes)


class UnknownState(Unreadable):
    """The state beside a date is not one that is known."""


def _columns(table: Table, course: Course) -> _Columns:
    emails = [table.columns[one] for one in _EMAIL if one in table.columns]
    email = emails[0] if emails else None
    if (done := table.columns.get(_COURSE_COMPLETE)) is not None:
        return _Columns(done, None, email, table.columns.get(_NAME), table.headers[done])
    if table.headers[0] == "":
        return _activity(table, course, email)
    raise BadFile(
        "this is not a Moodle report that Steward knows: a course completion report has a column "
        "'Course complete', an activity progress report has an empty first header",
        Place(table.file, 1),
    )


def _activity(table: Table, course: Course, email: int | None) -> _Columns:
    """The activity that means the course, by the names in the policy, the first of them first."""
    heads = [plain(header) for header in table.headers]
    for known in (course.title, *course.known_as):
        found = [number for number, head in enumerate(heads) if head == plain(known)]
        if len(found) > 1:
            raise BadFile(
                "two activities have this name: rename one in Moodle, or export only one",
                Place(table.file, 1, table.headers[found[1]]),
            )
        if found and found[0] + 1 < len(heads):
            return _Columns(found[0] + 1, found[0], email, 0, table.headers[found[0]])
    there = ", ".join(repr(header) for header in table.headers[1:] if header)
    raise BadFile(
        f"no activity here is called as the course is ({course.title!r}); there are {there}. If one of them "
        "is the course, add its name to known_as under [course] in the policy file",
        Place(table.file, 1),
    )


def _order(table: Table, where: _Columns, values: Sequence[str]) -> Order | None:
    try:
        return order_of(values)
    except Unreadable as error:
        raise BadFile(str(error), Place(table.file, None, where.title)) from None


def _row(row: Row, where: _Columns, order: Order | None) -> TrainingRow:
    value = row.cells[where.done]
    done = bool(value) and (where.state is None or _is_complete(row.cells[where.state]))
    email = "" if where.email is None else row.cells[where.email].lower()
    name = "" if where.name is None else row.cells[where.name]
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return TrainingRow(
        row.line, email[:_LONGEST_ADDRESS], name[:_LONGEST_NAME], day_of(value, order) if done else None
    )


def _is_complete(state: str) -> bool:
    """Whether an activity's state says that it was completed, and passed if it can be failed."""
    said = state.casefold()
    if said.startswith(("not completed", "fail")) or "did not achieve" in said:
        return False
    if said.startswith(("completed", "pass")):
        return True
    raise UnknownState("the state beside this date is not one that is known: export the report in English")
