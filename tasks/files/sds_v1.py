"""Microsoft's School Data Sync, v1: School.csv with each school's principal, Teacher.csv, Student.csv.

It knows no division and nobody who works there; a teacher may stand in it once for each school.
"""

from collections.abc import Mapping
from datetime import date

from policy.identity import one_line
from policy.model import Policy
from schemas.errors import BadFile, Place
from schemas.roster import RosterBundle, RosterOrg, RosterPerson, RosterRole
from schemas.words import PersonKind
from tasks.files.bundle import digest
from tasks.files.columns import Columns
from tasks.files.roster_parts import (
    ID_LIMIT,
    NAME_LIMIT,
    ORG_NAME_LIMIT,
    Held,
    Reading,
    check_text,
    counted_notes,
    joined,
    leave_out,
    of_username,
    offices_given,
    offices_of,
    read_address,
)
from tasks.files.sds import DIALECT, NAME
from tasks.files.tabular import Problems, Row, Table, read_table

FILES = ("school.csv", "teacher.csv", "student.csv")
_SCHOOL, _TEACHER, _STUDENT = "School.csv", "Teacher.csv", "Student.csv"
_ID, _AT, _GIVEN, _FAMILY, _USER = "SIS ID", "School SIS ID", "First Name", "Last Name", "Username"
_LEADER, _LEADERS_NAME, _LEADERS_MAIL = "Principal SIS ID", "Principal Name", "Principal Secondary Email"
_PRINCIPAL, _TEACHES = "principal", "teacher"


def read_sds_v1(
    files: Mapping[str, bytes],
    policy: Policy,
    *,
    today: date,
    students: bool = False,
    problems: Problems | None = None,
    said: Columns | None = None,
) -> RosterBundle:
    """Read the files, as `read_oneroster` does. Raises BadFile, and without `problems` BadRows."""
    domain = policy.organization.domain
    reading = Reading(files, DIALECT, domain, {}, students, offices_of(policy), today, said)
    if problems is not None:
        reading.problems = problems
    leaders = _schools(reading)
    people = _People(reading)
    people.read(_TEACHER, PersonKind.STAFF, _TEACHES)
    offices = _principals(people, leaders)
    if students and "student.csv" in files:
        people.read(_STUDENT, PersonKind.STUDENT, "student")
    if not people.taken and not reading.left and not reading.problems.count:
        raise BadFile("there is no member of staff in it", Place(_TEACHER))
    if problems is None or reading.problems.lines(_SCHOOL):
        reading.problems.raise_if_any()
    taken = list(people.taken)
    unread = leave_out(reading, taken, (_TEACHER, _STUDENT))
    return RosterBundle(
        version=f"{NAME} v1",
        users_file=_TEACHER,
        orgs=tuple(reading.orgs.values()),
        people=tuple(taken),
        roles=tuple(one for one in offices if one.person not in reading.passed_over),
        gone=frozenset(reading.left),
        passed_over=frozenset(reading.passed_over),
        users_delta=unread,
        roles_delta=unread,
        notes=(*reading.notes, *counted_notes(reading.counted)),
        sha256=digest(files),
        rows=reading.rows,
    )


def _open(reading: Reading, name: str, required: tuple[str, ...], known: tuple[str, ...]) -> Table:
    table = read_table(
        reading.files[name.lower()],
        name=name,
        required=required,
        known=known,
        keep_extra=False,
        problems=reading.problems,
        said=reading.said,
    )
    reading.notes += [one for one in table.notes if "not understood and not read" not in one]  # all optional
    return table


def _schools(reading: Reading) -> list[tuple[Table, Row]]:
    """Read School.csv; its rows that name a principal."""
    table = _open(reading, _SCHOOL, (_ID, "Name"), (_LEADER, _LEADERS_NAME, _LEADERS_MAIL))
    lines: dict[str, int] = {}
    leaders = []
    for row in table.rows:
        reading.rows += 1
        source_id = check_text(reading, table, row, _ID, ID_LIMIT)
        if source_id in lines:
            place = table.place(row, _ID, source_id)
            reading.problems.add(f"the same {_ID} as line {lines[source_id]}", place)
            continue
        lines[source_id] = row.line
        name = check_text(reading, table, row, "Name", ORG_NAME_LIMIT)
        reading.orgs[source_id] = RosterOrg(source_id=source_id, name=name, is_division=False, line=row.line)
        if row[_LEADER] or row[_LEADERS_NAME]:
            leaders.append((table, row))
    return leaders


class _People:
    """The people of Teacher.csv and Student.csv, each once; `line` is of their first row."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.taken: list[RosterPerson] = []
        self.by_id: dict[str, RosterPerson] = {}
        self.by_email: dict[str, int] = {}

    def read(self, name: str, kind: PersonKind, position: str) -> None:
        """Read one file of people."""
        table = _open(self.reading, name, (_ID, _AT, _GIVEN, _FAMILY, _USER), ("Status", "Title"))
        for row in table.rows:
            self.reading.rows += 1
            source_id = check_text(self.reading, table, row, _ID, ID_LIMIT)
            self.reading.rows_of[(name, row.line)] = source_id
            if row["Status"].lower() not in {"", "active"}:
                if source_id not in self.by_id:
                    self.reading.left.add(source_id)
                    self.reading.count("people whose status is not 'Active': they count as gone")
                continue
            one = self._person(table, row, source_id, kind, position)
            if one is not None:
                self.add(table, row, one)

    def add(self, table: Table, row: Row, one: RosterPerson, column: str = _USER) -> None:
        """Take somebody in, unless they were already: at another school, or in another row."""
        before = self.by_id.get(one.source_id)
        if before is not None:
            if (before.email, before.given_name, before.family_name) != (
                one.email,
                one.given_name,
                one.family_name,
            ):
                place = table.place(row, _ID, one.source_id)
                self.reading.problems.add(
                    f"the same {_ID} as line {before.line}, with another name or address", place
                )
            return
        self.by_id[one.source_id] = one
        self.reading.left.discard(one.source_id)
        position = self.by_email.setdefault(one.email, len(self.taken))
        if position == len(self.taken):
            self.taken.append(one)
        elif not joined(self.reading, self.taken, position, one):
            line = self.taken[position].line
            place = table.place(row, column, one.email)
            self.reading.problems.add(f"the same address as line {line}, under another name", place)

    def _person(
        self, table: Table, row: Row, source_id: str, kind: PersonKind, position: str
    ) -> RosterPerson | None:
        reading = self.reading
        email = read_address(reading, table, row, _USER, of_username(reading, row[_USER]))
        if not email:
            reading.count("people without a user's name, left as they are")
            reading.passed_over.add(source_id)
            return None
        names = [check_text(reading, table, row, one, NAME_LIMIT) for one in (_GIVEN, _FAMILY)]
        if row[_AT] not in reading.orgs:
            place = table.place(row, _AT, row[_AT])
            reading.problems.add(f"{_SCHOOL} has no such school", place)
        title = one_line(row["Title"])[:120].lower() if kind is PersonKind.STAFF else ""
        return RosterPerson(
            source_id=source_id,
            given_name=names[0],
            family_name=names[1],
            email=email,
            kind=kind,
            position=title or position,
            org=row[_AT],
            line=row.line,
        )


def _principals(people: _People, leaders: list[tuple[Table, Row]]) -> list[RosterRole]:
    """The offices of the principals; whoever stands in School.csv alone is taken in from there.

    Without their SIS ID they are found by their name among the school's teachers; else they are told.
    """
    reading, offices = people.reading, []
    for table, row in leaders:
        source_id = row[_LEADER] or _by_name(people, row)
        if row[_LEADER]:
            check_text(reading, table, row, _LEADER, ID_LIMIT)
        if source_id in reading.left:
            reading.notes.append(
                f"{_SCHOOL}, line {row.line}: the leader's status in {_TEACHER} is not 'Active': they "
                "count as gone, and hold no office by this file."
            )
            continue
        if source_id and source_id not in people.by_id and source_id not in reading.passed_over:
            _from_school(people, table, row, source_id)
        if source_id not in people.by_id:
            reading.notes.append(
                f"{_SCHOOL}, line {row.line}: who leads the school is not in {_TEACHER}, and no address of "
                "theirs is here: they stay as they are; `steward role grant` gives the office."
            )
            continue
        stands = reading.one.get(source_id, source_id)
        held = Held(_PRINCIPAL, row[_ID], at_school=True)
        offices += offices_given(reading, stands, held)
        for number, one in enumerate(people.taken):
            if one.source_id == stands and one.position == _TEACHES:
                people.taken[number] = one.model_copy(update={"position": _PRINCIPAL})
    return list(dict.fromkeys(offices))


def _by_name(people: _People, row: Row) -> str:
    """Who of the school is called as School.csv says; "" where nobody or more than one is."""
    name = one_line(row[_LEADERS_NAME]).casefold()
    found = [
        one.source_id
        for one in people.taken
        if one.org == row[_ID] and f"{one.given_name} {one.family_name}".casefold() == name
    ]
    return found[0] if len(found) == 1 else ""


def _from_school(people: _People, table: Table, row: Row, source_id: str) -> None:
    """A principal who teaches nobody: by name and address of School.csv, if it has both."""
    name, value = _names_of(row[_LEADERS_NAME]), row[_LEADERS_MAIL]
    if not name or not value:
        people.reading.passed_over.add(source_id)  # whoever they are here, they did not leave
        return
    email = read_address(people.reading, table, row, _LEADERS_MAIL, value)
    people.reading.count(
        "people who lead a school taken in by School.csv alone: the last word counts as the family name"
    )
    one = RosterPerson(
        source_id=source_id,
        given_name=name[0],
        family_name=name[1],
        email=email,
        kind=PersonKind.STAFF,
        position=_PRINCIPAL,
        org=row[_ID],
        line=row.line,
    )
    people.add(table, row, one, _LEADERS_MAIL)


def _names_of(value: str) -> tuple[str, str] | None:
    """Given and family name of one cell, the last word as the family name; None for a single word."""
    given, _, family = one_line(value).rpartition(" ")
    return (given[:NAME_LIMIT], family[:NAME_LIMIT]) if given and "=?" not in value else None
