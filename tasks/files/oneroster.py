"""OneRoster 1.1 and 1.2 bundles: who works where, as the student information system says it.

Students, guardians, parents and relatives are passed over: Steward keeps no data of people who hold
no access, and those who do are few. `students=True` takes the students in.
The offices of the division (Communications Officer, Superintendent) are not in OneRoster: they are
granted by a command.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from schemas.errors import BadFile, Place
from schemas.roster import RosterBundle, RosterPerson, RosterRole
from schemas.words import PersonKind, RoleKind
from tasks.files.bundle import digest, read_bundle_files
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
from tasks.files.tabular import Row, Table

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
_SCHOOL_ROLES = frozenset({"principal", "siteadministrator"})
_STAFF = frozenset(
    {"administrator", "aide", "teacher", "counselor", "districtadministrator", "systemadministrator"}
)
_FAMILY = frozenset({"guardian", "parent", "relative"})
_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")


def read_oneroster(path: Path, *, students: bool = False) -> RosterBundle:
    """Read a bundle. Raises BadFile, and BadRows with every bad row of every file at once."""
    files = read_bundle_files(path, FILES)
    modes, version = read_manifest(files, path.name)
    for needed in ("orgs.csv", "users.csv"):
        if needed not in files and modes.get(needed) != "absent":
            raise BadFile(f"there is no {needed} in it", Place(path.name))
    if "users.csv" not in files:
        raise BadFile("the manifest says that users.csv is absent: there is nobody to read", Place(path.name))
    reading = Reading(files, modes, students)
    if "orgs.csv" in files:
        read_orgs(reading)
    users = reading.table("users.csv", ("sourcedId", "givenName", "familyName"), _USERS)
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
    reading.problems.raise_if_any()
    known = {person.source_id for person in people}
    offices += [
        _office(source_id, one)
        for source_id, held in roles.items()
        for one in held
        if one.is_office and (source_id in known or reading.is_delta("roles.csv"))
    ]
    return RosterBundle(
        version=version or ("1.1" if has_role else "1.2"),
        users_file="users.csv",
        orgs=tuple(reading.orgs.values()),
        people=tuple(people),
        roles=tuple(dict.fromkeys(offices)),
        gone=frozenset(reading.left),
        passed_over=frozenset(reading.passed_over),
        orgs_delta=reading.is_delta("orgs.csv") or "orgs.csv" not in files,
        users_delta=reading.is_delta("users.csv"),
        roles_delta=reading.is_delta("users.csv" if has_role else "roles.csv"),
        notes=(*reading.notes, *counted_notes(reading.counted)),
        sha256=digest(files),
        rows=reading.rows,
    )


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

    @property
    def is_office(self) -> bool:
        """Whether it makes somebody an administrator of a school."""
        return self.at_school and self.role in _SCHOOL_ROLES | {"administrator"}


def _office(source_id: str, held: _Held) -> RosterRole:
    return RosterRole(
        person=source_id,
        kind=RoleKind.SCHOOL_ADMINISTRATOR,
        org=held.org,
        begins=held.begins,
        ends=held.ends,
        gone=held.gone,
    )


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
        reading.counted["roles of the vendor's own (ext:), not understood"] = (
            reading.counted.get("roles of the vendor's own (ext:), not understood", 0) + 1
        )
    elif role not in _STAFF | _SCHOOL_ROLES | _FAMILY | {"student", "proctor"}:
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
        if source_id in ids:
            reading.problems.add(
                f"the same sourcedId as line {ids[source_id]}", table.place(row, "sourcedId", source_id)
            )
            continue
        ids[source_id] = row.line
        held = _roles_of_row(reading, table, row) if has_role else roles.get(source_id, [])
        if has_role and not held:
            continue
        person = _person(reading, table, row, source_id, [one for one in held if not one.gone])
        if person is None:
            continue
        if person.email in emails:
            reading.problems.add(
                f"the same e-mail address as line {emails[person.email]}",
                table.place(row, "email", person.email),
            )
            continue
        emails[person.email] = row.line
        people.append(person)
        if has_role:
            offices += [_office(source_id, one) for one in held if one.is_office]
    return people, offices


def _roles_of_row(reading: Reading, table: Table, row: Row) -> list[_Held]:
    role = _known_role(reading, table, row)
    orgs = [one.strip() for one in row["orgSourcedIds"].split(",") if one.strip()]
    return [_Held(role, org, at_school=_at_school(reading, org)) for org in orgs] or [_Held(role, "")]


def _kind(reading: Reading, held: list[_Held]) -> PersonKind | None:
    """What these roles make of a person; None for those who are not taken in."""
    roles = {one.role for one in held}
    if roles & (_STAFF | _SCHOOL_ROLES):
        return PersonKind.STAFF
    if "proctor" in roles:  # watches exams; not counted among the staff that 5.4 asks for
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
        what = "students, parents and others who are not staff, not taken in"
        reading.counted[what] = reading.counted.get(what, 0) + 1
        return None
    email = row["email"].lower()
    if not email:
        what = "members of staff without an e-mail address, left as they are"
        reading.counted[what] = reading.counted.get(what, 0) + 1
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
    if reading.counted.get("organizations other than schools and the division, passed over"):
        return None
    column = "primaryOrgSourcedId" if row["primaryOrgSourcedId"] else "orgSourcedIds"
    reading.problems.add("orgs.csv has no such organization", table.place(row, column, given[0]))
    return None


def _position(role: str) -> str:
    words = {
        "siteadministrator": "assistant principal",
        "districtadministrator": "division administrator",
        "systemadministrator": "system administrator",
    }
    return words.get(role, role.removeprefix("ext:"))
