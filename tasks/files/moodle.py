"""What a Moodle course completion report, or an activity progress report, says about each person.

Both are read by position, because activities may share a name and the progress report leaves headers
empty. This module knows the two forms; it knows no people and no store.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy.model.lists import Course
from schemas.errors import BadFile, Place
from tasks.files.columns import Columns
from tasks.files.dates import Order, Unreadable, day_of, order_of
from tasks.files.headers import plain
from tasks.files.left_out import write_bad_rows
from tasks.files.tabular import TO_MEND, Problems, Row, Table, read_table

#: As sites in English and in French call them.
_COURSE_COMPLETE = ("Course complete", "Cours terminé", "Cours achevé")
_EMAIL = ("Email address", "Email", "Mail", "Adresse de courriel", "Courriel")
_NAME = ("Name", "Nom")
#: Columns that every course has; the others are its activities.
_OF_EVERY_COURSE = frozenset(map(plain, ("ID", "Self completion", "Auto-achèvement", TO_MEND)))
_DATE_OF = (" - Completion date", " - Date d'achèvement")
#: How a site names the file of a course completion report.
_FILE = re.compile(r"completion-(?P<course>.+?)(?: \(\d+\))?\.csv", re.IGNORECASE)
_SHORT = 5  # letters: a name so short is looked for as a whole word only
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
    """What the file says. `column` is the column that was read for the date; `notes` are for the user.

    `names_course`: whether it says itself that it is of the course. `known_by`: by what a report of the same
    course is known again, empty where by nothing; `activities`: what it says that it is of.
    """

    file: str
    sha256: str
    rows: tuple[TrainingRow, ...]
    column: str
    has_email: bool
    notes: tuple[str, ...]
    names_course: bool = True
    known_by: str = ""
    activities: tuple[str, ...] = ()
    left_out: int = 0  # rows written to a file, to be mended


@dataclass(frozen=True)
class _Columns:
    """Where to look, by position. `done`: each date, and the state that stands beside an activity's."""

    done: tuple[tuple[int, int | None], ...]
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
    skip_bad: Path | None = None,
    said: Columns | None = None,
) -> TrainingReport:
    """Read a report about this course.

    `dates` says which comes first in dates of digits, if given; `why_not` says what is wrong with a day.
    `said`: which columns have another name.
    `skip_bad`: where rows that can't be used are written, and the others are taken.
    Raises BadFile when it is no such report, without `skip_bad` BadRows with every cell that can't be used.
    """
    problems = Problems()
    table = read_table(
        source, name=name, known=(*_COURSE_COMPLETE, *_EMAIL, *_NAME), problems=problems, said=said
    )
    where = _columns(table, course)
    raw = list(table.rows)
    _refuse_shifted(table, where.email, raw)
    order = dates or _order(table, where, [row.cells[done] for row in raw for done, _ in where.done])
    rows = []
    for row in raw:
        days: list[date] = []
        before = problems.count
        for done, state in where.done:
            value = row.cells[done]
            try:
                if value and (state is None or _is_complete(row.cells[state])):
                    day = day_of(value, order)
                    if strange := why_not(day):
                        raise Unreadable(strange)  # noqa: TRY301 - one place where a bad cell is noted
                    days.append(day)
            except UnknownState as error:
                place = table.place(row, table.headers[state or 0], row.cells[state or 0])
                problems.add(str(error), place)
            except Unreadable as error:
                problems.add(str(error), table.place(row, where.title, value))
        if problems.count == before:
            rows.append(_row(row, where, max(days, default=None)))
    if skip_bad is None:
        problems.raise_if_any()
    left_out = 0 if skip_bad is None else write_bad_rows(table, skip_bad)
    notes = tuple(note for note in table.notes if "not understood" not in note)  # activities: not for us
    activities = _activities(table, where)
    file = _FILE.fullmatch(name)
    of_whole_course = where.done[0][1] is None
    called = [*activities, file["course"]] if file else activities
    return TrainingReport(
        name,
        table.sha256,
        tuple(rows),
        where.title,
        where.email is not None,
        notes,
        names_course=not of_whole_course or any(speaks_of(course, one) for one in called),
        known_by=" | ".join(sorted(map(plain, activities))) or (plain(file["course"]) if file else ""),
        activities=tuple(called),
        left_out=left_out,
    )


def _activities(table: Table, where: _Columns) -> list[str]:
    """The activities of a course completion report, by the names of their columns."""
    known = set(table.columns.values())
    return [
        header
        for number, header in enumerate(table.headers)
        if header
        and number not in known
        and plain(header) not in _OF_EVERY_COURSE
        and not header.endswith(_DATE_OF)
        and where.done[0][1] is None
    ]


def speaks_of(course: Course, name: str) -> bool:
    """Whether the name of an activity or of a course has this course's name in it."""
    said = plain(name)
    return any(plain(one) in said if len(one) > _SHORT else plain(one) == said for one in course.names)


class UnknownState(Unreadable):
    """The state beside a date is not one that is known."""


def _columns(table: Table, course: Course) -> _Columns:
    emails = [table.columns[one] for one in _EMAIL if one in table.columns]
    email = emails[0] if emails else None
    name = next((table.columns[one] for one in _NAME if one in table.columns), None)
    if done := [table.columns[one] for one in _COURSE_COMPLETE if one in table.columns]:
        return _Columns(((done[0], None),), email, name, table.headers[done[0]])
    if table.headers[0] == "":
        return _activity(table, course, email)
    raise BadFile(
        "this is not a Moodle report that Steward knows: a course completion report has a column "
        "'Course complete' ('Cours terminé'), an activity progress report has an empty first header",
        Place(table.file, 1),
    )


def _activity(table: Table, course: Course, email: int | None) -> _Columns:
    """The activities that mean the course, by the names in the policy. Any of them counts."""
    heads = [plain(header) for header in table.headers]
    found: list[int] = []
    for known in course.names:
        here = [number for number, head in enumerate(heads) if head == plain(known)]
        if len(here) > 1:
            raise BadFile(
                "two activities have this name: rename one in Moodle, or export only one",
                Place(table.file, 1, table.headers[here[1]]),
            )
        found += [number for number in here if number + 1 < len(heads)]
    if found:
        title = ", ".join(table.headers[number] for number in found)
        return _Columns(tuple((number + 1, number) for number in found), email, 0, title)
    there = ", ".join(repr(header) for header in table.headers[1:] if header)
    raise BadFile(
        f"no activity here is called as the course is ({course.title!r}); there are {there}. If one of them "
        "is the course, add its name to known_as under [[courses]] in the policy file",
        Place(table.file, 1),
    )


def _refuse_shifted(table: Table, email: int | None, rows: Sequence[Row]) -> None:
    """Raises BadFile where the column of addresses has something else in every row: each would be nobody."""
    said = [] if email is None else [row.cells[email] for row in rows if row.cells[email]]
    if said and not any("@" in one for one in said):
        raise BadFile(
            "no row has an e-mail address in this column: look whether its cells are shifted, and export it "
            "again, or say with --map which column has them",
            Place(table.file, rows[0].line, table.headers[email or 0], said[0]),
        )


def _order(table: Table, where: _Columns, values: Sequence[str]) -> Order | None:
    try:
        return order_of(values)
    except Unreadable as error:
        raise BadFile(str(error), Place(table.file, None, where.title)) from None


def _row(row: Row, where: _Columns, day: date | None) -> TrainingRow:
    email = "" if where.email is None else row.cells[where.email].lower()
    name = "" if where.name is None else row.cells[where.name]
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return TrainingRow(row.line, email[:_LONGEST_ADDRESS], name[:_LONGEST_NAME], day)


def _is_complete(state: str) -> bool:
    """Whether an activity's state says that it was completed, and passed if it can be failed."""
    said = state.casefold().replace("\u2019", "'")
    if said.startswith(("not completed", "fail", "non termin", "non achev", "échec", "échou")):
        return False
    if "did not achieve" in said or "n'a pas" in said or "pas atteint" in said:
        return False
    if said.startswith(("completed", "pass", "terminé", "achevé", "réussi")):
        return True
    raise UnknownState(
        "the state beside this date is not one that is known: export the report in English or French"
    )
