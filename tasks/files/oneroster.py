"""OneRoster 1.1 and 1.2 bundles: who works where, as the student information system says it.

Students, guardians, parents and relatives are passed over: Steward keeps no data of people who hold
no access, and those who do are few. `students=True` takes the students in.
Which of its roles gives which office of a school, the policy says. The offices of the division are not in
OneRoster: they are granted by a command.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy.model import Policy
from schemas.errors import BadFile, Place
from schemas.roster import RosterBundle, RosterPerson, RosterRole
from schemas.words import PersonKind
from tasks.files.bundle import digest, read_bundle_files
from tasks.files.columns import Columns
from tasks.files.oneroster_parts import (
    EMAIL_LIMIT,
    FILES,
    ID_LIMIT,
    NAME_LIMIT,
    Reading,
    check_text,
    counted_notes,
    read_day,
    read_manifest,
    read_orgs,
)
from tasks.files.tabular import Problems, Row, Table

_USERS = (
    "status",
    "enabledUser",
    "orgSourcedIds",
    "role",
    "email",
    "preferredGivenName",
    "preferredFamilyName",
    "primaryOrgSourcedId",
)
_STAFF = frozenset(
    {
        "administrator",
        "aide",
        "counselor",
        "districtadministrator",
        "principal",
        "siteadministrator",
        "systemadministrator",
        "teacher",
    }
)
_FAMILY = frozenset({"guardian", "parent", "relative"})
_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")


def read_oneroster(
    path: Path,
    policy: Policy,
    *,
    today: date,
    students: bool = False,
    problems: Problems | None = None,
    said: Columns | None = None,
) -> RosterBundle:
    """Read a bundle. `today` is the day in the division: roles that ended before it give nothing.

    A caller that gives `problems` gets the good rows: people of bad ones are left as they are, and where a
    row could not even be read, nobody counts as gone. Raises BadFile, and without `problems` BadRows with
    every bad row of every file at once.
    """
    files = read_bundle_files(path, FILES)
    modes, version = read_manifest(files, path.name)
    for needed in ("orgs.csv", "users.csv"):
        if needed not in files and modes.get(needed) != "absent":
            raise BadFile(f"there is no {needed} in it", Place(path.name))
    if "users.csv" not in files:
        raise BadFile("the manifest says that users.csv is absent: there is nobody to read", Place(path.name))
    reading = Reading(files, modes, students, _offices_of(policy), today, said)
    if problems is not None:
        reading.problems = problems
    if "orgs.csv" in files:
        read_orgs(reading)
    users = reading.table("users.csv", ("sourcedId", "givenName", "familyName", "email"), _USERS)
    has_role = "role" in users.columns
    if not has_role and "roles.csv" not in files and not reading.is_delta("users.csv"):
        raise BadFile(
            "neither a column 'role' (OneRoster 1.1) nor a file roles.csv (1.2) says who is who",
            Place("users.csv"),
        )
    roles = {} if has_role or "roles.csv" not in files else _roles(reading)
    people, offices = _people(reading, users, roles, has_role=has_role)
    if not people and not reading.left and not reading.problems.count and not reading.is_delta("users.csv"):
        raise BadFile("there is no member of staff in it", Place("users.csv"))
    if problems is None or reading.problems.lines("orgs.csv"):
        reading.problems.raise_if_any()
    unread = _leave_out(reading, people)
    known = {person.source_id for person in people}
    offices += [
        office
        for source_id, held in roles.items()
        if reading.one.get(source_id, source_id) in known or reading.is_delta("roles.csv")
        for one in held
        for office in _offices(reading, reading.one.get(source_id, source_id), one)
    ]
    if has_role:
        offices = [one for one in offices if one.person not in reading.passed_over]
    return RosterBundle(
        version=version or ("1.1" if has_role else "1.2"),
        users_file="users.csv",
        orgs=tuple(reading.orgs.values()),
        people=tuple(people),
        roles=tuple(dict.fromkeys(offices)),
        gone=frozenset(reading.left),
        passed_over=frozenset(reading.passed_over),
        orgs_delta=reading.is_delta("orgs.csv") or "orgs.csv" not in files,
        users_delta=unread or reading.is_delta("users.csv"),
        roles_delta=unread or reading.is_delta("users.csv" if has_role else "roles.csv"),
        notes=(*reading.notes, *counted_notes(reading.counted)),
        sha256=digest(files),
        rows=reading.rows,
    )


def _leave_out(reading: Reading, people: list[RosterPerson]) -> bool:
    """Take people with a bad row out: they stay as they are. Whether a row could not even be read."""
    unread = False
    for file in ("users.csv", "roles.csv"):
        for line in reading.problems.lines(file):
            source_id = reading.rows_of.get((file, line))
            if source_id is None:
                unread = True
            else:
                reading.passed_over.add(reading.one.get(source_id, source_id))
    people[:] = [one for one in people if one.source_id not in reading.passed_over]
    if unread:
        reading.notes.append("Rows could not be read, so nobody counts as gone by this file.")
    return unread


@dataclass(frozen=True)
class _Held:
    """One row of roles.csv, or what a 1.1 user row says."""

    role: str
    org: str
    primary: bool = False
    begins: date | None = None
    ends: date | None = None
    gone: bool = False
    at_school: bool = False

    def has_ended(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.ends is not None and self.ends < today


def _offices_of(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The offices of a school that each role of a roster gives, by the role in lower case."""
    found: dict[str, tuple[str, ...]] = {}
    for office in policy.offices:
        for role in office.roster if office.at == "school" else ():
            found[role.lower()] = (*found.get(role.lower(), ()), office.id)
    return found


def _offices(reading: Reading, source_id: str, held: _Held) -> list[RosterRole]:
    """The offices that one row gives at a school."""
    return [
        RosterRole(
            person=source_id, kind=office, org=held.org, begins=held.begins, ends=held.ends, gone=held.gone
        )
        for office in (reading.offices.get(held.role, ()) if held.at_school else ())
    ]


def _at_school(reading: Reading, org: str) -> bool:
    """Whether it is a school and not the division; one that only the store knows is judged there."""
    known = reading.orgs.get(org)
    if known is None:
        return reading.is_delta("orgs.csv") or "orgs.csv" not in reading.files
    return not known.is_division and not known.gone


def _roles(reading: Reading) -> dict[str, list[_Held]]:
    """The rows of roles.csv by user (1.2)."""
    table = reading.table(
        "roles.csv",
        ("userSourcedId", "role", "orgSourcedId"),
        ("sourcedId", "status", "roleType", "beginDate", "endDate"),
    )
    found: dict[str, list[_Held]] = {}
    for row in table.rows:
        reading.rows += 1
        reading.rows_of[("roles.csv", row.line)] = row["userSourcedId"]
        role = _known_role(reading, table, row)
        begins, ends = (read_day(reading, table, row, column) for column in ("beginDate", "endDate"))
        if begins and ends and ends < begins:
            reading.problems.add("it ends before it begins", table.place(row, "endDate", row["endDate"]))
        found.setdefault(row["userSourcedId"], []).append(
            _Held(
                role=role,
                org=row["orgSourcedId"],
                primary=row["roleType"].lower() == "primary",
                begins=begins,
                ends=ends,
                gone=row["status"].lower() == "tobedeleted",
                at_school=_at_school(reading, row["orgSourcedId"]),
            )
        )
    return found


def _known_role(reading: Reading, table: Table, row: Row) -> str:
    role = row["role"].lower()
    if role.startswith("ext:"):
        reading.count("roles of the vendor's own (ext:), not understood")
    elif role not in _STAFF | _FAMILY | {"student", "proctor"}:
        reading.problems.add("OneRoster has no such role", table.place(row, "role", row["role"]))
    return role


def _people(
    reading: Reading, table: Table, roles: Mapping[str, list[_Held]], *, has_role: bool
) -> tuple[list[RosterPerson], list[RosterRole]]:
    people: list[RosterPerson] = []
    offices: list[RosterRole] = []
    ids: dict[str, int] = {}
    emails: dict[str, int] = {}
    for row in table.rows:
        reading.rows += 1
        source_id = check_text(reading, table, row, "sourcedId", ID_LIMIT)
        if source_id:
            reading.rows_of[("users.csv", row.line)] = source_id
        if source_id in ids:
            reading.problems.add(
                f"the same sourcedId as line {ids[source_id]}", table.place(row, "sourcedId", source_id)
            )
            continue
        ids[source_id] = row.line
        held = _roles_of_row(reading, table, row) if has_role else roles.get(source_id, [])
        if has_role and not held:
            continue
        standing = [one for one in held if not one.gone and not one.has_ended(reading.today)]
        if held and not standing and not reading.is_delta("roles.csv") and _all_ended(held):
            reading.left.add(source_id)
            reading.count("people all of whose roles have ended: they hold nothing, and are not taken in")
            continue
        person = _person(reading, table, row, source_id, standing)
        if person is None:
            continue
        if (position := emails.get(person.email)) is None:
            emails[person.email] = len(people)
            people.append(person)
        elif not _joined(reading, people, position, person):
            reading.problems.add(
                f"the same e-mail address as line {people[position].line}, under another name",
                table.place(row, "email", person.email),
            )
            continue
        if has_role:
            offices += [office for one in held for office in _offices(reading, source_id, one)]
    return people, [
        one.model_copy(update={"person": reading.one.get(one.person, one.person)}) for one in offices
    ]


def _all_ended(held: list[_Held]) -> bool:
    """Whether these are roles of staff that ended, and not a row that was taken back."""
    return any(not one.gone and one.role in _STAFF for one in held)


def _joined(reading: Reading, people: list[RosterPerson], position: int, person: RosterPerson) -> bool:
    """Make two rows of the same address and names one person, whatever their order; False for other names."""
    first = people[position]
    names = [(one.given_name.casefold(), one.family_name.casefold()) for one in (first, person)]
    if names[0] != names[1]:
        return False
    ids = sorted({first.source_id, *first.also, person.source_id})
    keeps = first if ids[0] in (first.source_id, *first.also) else person
    people[position] = keeps.model_copy(update={"source_id": ids[0], "also": tuple(ids[1:])})
    reading.one |= dict.fromkeys(ids, ids[0])
    reading.count("rows of a person who has another row: taken as one person")
    return True


def _roles_of_row(reading: Reading, table: Table, row: Row) -> list[_Held]:
    role = _known_role(reading, table, row)
    orgs = [one.strip() for one in row["orgSourcedIds"].split(",") if one.strip()]
    return [_Held(role, org, at_school=_at_school(reading, org)) for org in orgs] or [_Held(role, "")]


def _kind(reading: Reading, held: list[_Held]) -> PersonKind | None:
    """What these roles make of a person; None for those who are not taken in."""
    roles = {one.role for one in held}
    if roles & _STAFF:
        return PersonKind.STAFF
    if "proctor" in roles:  # watches exams; not counted among the staff
        return PersonKind.CONTRACTOR
    if "student" in roles and reading.students:
        return PersonKind.STUDENT
    return None


def _person(
    reading: Reading, table: Table, row: Row, source_id: str, held: list[_Held]
) -> RosterPerson | None:
    """The person of a row; None for one who left, is not taken in, or can't be written to."""
    if row["status"].lower() == "tobedeleted" or row["enabledUser"].lower() in {"false", "0", "no"}:
        reading.left.add(source_id)
        return None
    kind = _kind(reading, held)
    unknown_yet = not held and reading.is_delta("users.csv")
    if kind is None and not unknown_yet:
        reading.count("students, parents and others who are not staff, not taken in")
        return None
    email = row["email"].lower()
    if not email:
        reading.count("members of staff without an e-mail address, left as they are")
        reading.passed_over.add(source_id)
        return None
    if len(email) > EMAIL_LIMIT or not _EMAIL.fullmatch(email):
        reading.problems.add("this is not an e-mail address", table.place(row, "email", row["email"]))
    names = [
        check_text(reading, table, row, preferred if row[preferred] else legal, NAME_LIMIT)
        for preferred, legal in (("preferredGivenName", "givenName"), ("preferredFamilyName", "familyName"))
    ]
    first = next((one for one in held if one.primary), held[0] if held else None)
    return RosterPerson(
        source_id=source_id,
        given_name=names[0],
        family_name=names[1],
        email=email,
        kind=kind,
        position=_position(first.role) if first else None,
        org=_org(reading, table, row, held, first),
        line=row.line,
    )


def _org(reading: Reading, table: Table, row: Row, held: list[_Held], first: _Held | None) -> str | None:
    """A person's organization: the primary one, else that of the primary role, else one of their schools."""
    named = [row["primaryOrgSourcedId"], first.org if first else "", *(one.org for one in held)]
    given = [one for one in named if one]
    for one in given:
        if one in reading.orgs and not reading.orgs[one].gone:
            return one
    if not given:
        return None
    if reading.is_delta("orgs.csv") or "orgs.csv" not in reading.files:
        return given[0]
    if reading.counted.get("organizations other than schools and the district, passed over"):
        return None
    column = "primaryOrgSourcedId" if row["primaryOrgSourcedId"] else "orgSourcedIds"
    reading.problems.add("orgs.csv has no such organization", table.place(row, column, given[0]))
    return None


def _position(role: str) -> str:
    words = {
        "siteadministrator": "assistant principal",
        "districtadministrator": "district administrator",
        "systemadministrator": "system administrator",
    }
    return words.get(role, role.removeprefix("ext:"))
