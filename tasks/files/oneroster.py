"""OneRoster 1.1 and 1.2 bundles: who works where, as the student information system says it.

Students, guardians, parents and relatives are passed over: Steward keeps no data of people who hold
no access, and those who do (5.6) are few. `students=True` takes the students in.
The offices of the division (Communications Officer, Superintendent) are not in OneRoster: they are
granted by a command.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from schemas.errors import BadFile, Place
from schemas.roster import RosterBundle, RosterOrg, RosterPerson, RosterRole
from schemas.words import PersonKind, RoleKind
from tasks.files.bundle import digest, read_bundle_files
from tasks.files.tabular import Problems, Row, Table, read_table

FILES = ("manifest.csv", "orgs.csv", "users.csv", "roles.csv")

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
#: Standard columns that are not wanted: nobody needs to read that they were not understood.
_STANDARD = frozenset(
    "dateLastModified username userIds middleName identifier sms phone agentSourcedIds grades password "
    "userMasterIdentifier resourceSourcedIds preferredMiddleName pronouns userProfileSourcedId "
    "parentSourcedId".lower().split()
)
_SCHOOL_ROLES = frozenset({"principal", "siteadministrator"})
_STAFF = frozenset(
    {"administrator", "aide", "teacher", "counselor", "districtadministrator", "systemadministrator"}
)
_FAMILY = frozenset({"guardian", "parent", "relative"})
_ORG_TYPES = frozenset({"district", "school", "department", "local", "state", "national"})
_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")
_NAME_LIMIT, _ORG_NAME_LIMIT, _ID_LIMIT, _EMAIL_LIMIT = 100, 200, 255, 254


@dataclass
class _Reading:
    """What is known while a bundle is being read."""

    files: Mapping[str, bytes]
    modes: Mapping[str, str]
    students: bool
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    orgs: dict[str, RosterOrg] = field(default_factory=dict)
    passed_over: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)
    rows: int = 0

    def table(self, file: str, required: Iterable[str], known: Iterable[str]) -> Table:
        """Open one file of the bundle; extra columns are dropped, unheard-of ones named."""
        table = read_table(
            self.files[file],
            name=file,
            required=tuple(required),
            known=tuple(known),
            keep_extra=False,
            problems=self.problems,
            unmentioned=_STANDARD,
        )
        self.notes += table.notes
        return table

    def is_delta(self, file: str) -> bool:
        """Whether what is not in the file stays as it is."""
        return self.modes.get(file, "bulk") == "delta"


def read_oneroster(path: Path, *, students: bool = False) -> RosterBundle:
    """Read a bundle. Raises BadFile, and BadRows with every bad row of every file at once."""
    files = read_bundle_files(path, FILES)
    modes, version = _manifest(files, path.name)
    for needed in ("orgs.csv", "users.csv"):
        if needed not in files and modes.get(needed) != "absent":
            raise BadFile(f"there is no {needed} in it", Place(path.name))
    if "users.csv" not in files:
        raise BadFile("the manifest says that users.csv is absent: there is nobody to read", Place(path.name))
    reading = _Reading(files, modes, students)
    if "orgs.csv" in files:
        _orgs(reading)
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
        notes=(*reading.notes, *_counts(reading.counted)),
        sha256=digest(files),
        rows=reading.rows,
    )


def _counts(counted: Mapping[str, int]) -> list[str]:
    return [f"{count} {what}." for what, count in sorted(counted.items())]


def _manifest(files: Mapping[str, bytes], bundle: str) -> tuple[dict[str, str], str | None]:
    """Which files are bulk, delta or absent, and the version; nothing without a manifest."""
    if "manifest.csv" not in files:
        return {}, None
    table = read_table(
        files["manifest.csv"], name="manifest.csv", required=("propertyName", "value"), keep_extra=False
    )
    said = {row["propertyName"].strip().lower(): (row["value"].lower(), row.line) for row in table.rows}
    modes: dict[str, str] = {}
    for name in FILES[1:]:
        value, line = said.get("file." + name.removesuffix(".csv"), ("", 0))
        if value and value not in {"bulk", "delta", "absent"}:
            raise BadFile(
                "a file is 'bulk', 'delta' or 'absent'", Place("manifest.csv", line, "value", value)
            )
        if value in {"bulk", "delta"} and name not in files:
            raise BadFile(f"the manifest promises {name}, and it is not there", Place(bundle))
        if value:
            modes[name] = value
    version = said.get("oneroster.version", ("", 0))[0]
    if version and not re.fullmatch(r"v?1\.[12](\.\d+)?", version):
        line = said["oneroster.version"][1]
        raise BadFile("OneRoster 1.1 and 1.2 are understood", Place("manifest.csv", line, "value", version))
    return modes, version.removeprefix("v") or None


def _line(value: str) -> str:
    """One line: what stands on several in a cell is one name all the same."""
    return " ".join(value.split())


def _check_text(reading: _Reading, table: Table, row: Row, column: str, limit: int) -> str:
    value = _line(row[column])
    if not value:
        reading.problems.add("this must not be empty", table.place(row, column))
    elif len(value) > limit:
        reading.problems.add(f"longer than {limit} characters", table.place(row, column, value))
    elif "=?" in value:
        reading.problems.add(
            "'=?' can't stand in a name: mail would read it as code", table.place(row, column, value)
        )
    return value


def _orgs(reading: _Reading) -> None:
    table = reading.table("orgs.csv", ("sourcedId", "name", "type"), ("status",))
    lines: dict[str, int] = {}
    division: RosterOrg | None = None
    for row in table.rows:
        reading.rows += 1
        source_id = _check_text(reading, table, row, "sourcedId", _ID_LIMIT)
        kind = row["type"].lower()
        if source_id in lines:
            reading.problems.add(
                f"the same sourcedId as line {lines[source_id]}", table.place(row, "sourcedId", source_id)
            )
            continue
        lines[source_id] = row.line
        if kind not in _ORG_TYPES:
            known = ", ".join(sorted(_ORG_TYPES))
            reading.problems.add(f"a type is one of {known}", table.place(row, "type", row["type"]))
        if kind not in {"school", "district"}:
            reading.counted["organizations other than schools and the division, passed over"] = (
                reading.counted.get("organizations other than schools and the division, passed over", 0) + 1
            )
            continue
        org = RosterOrg(
            source_id=source_id,
            name=_check_text(reading, table, row, "name", _ORG_NAME_LIMIT),
            is_division=kind == "district",
            line=row.line,
            gone=row["status"].lower() == "tobedeleted",
        )
        if org.is_division and not org.gone:
            if division is not None:
                reading.problems.add(
                    f"a second district beside line {division.line}: a division is one",
                    table.place(row, "type", row["type"]),
                )
            division = org
        reading.orgs[source_id] = org


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
        """Whether it makes somebody an administrator of a school (5.4, 6, 6.2)."""
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


def _at_school(reading: _Reading, org: str) -> bool:
    """Whether it is a school and not the division; one that only the store knows is judged there."""
    known = reading.orgs.get(org)
    if known is None:
        return reading.is_delta("orgs.csv") or "orgs.csv" not in reading.files
    return not known.is_division and not known.gone


def _roles(reading: _Reading) -> dict[str, list[_Held]]:
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
        begins, ends = (_day(reading, table, row, column) for column in ("beginDate", "endDate"))
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


def _known_role(reading: _Reading, table: Table, row: Row) -> str:
    role = row["role"].lower()
    if role.startswith("ext:"):
        reading.counted["roles of the vendor's own (ext:), not understood"] = (
            reading.counted.get("roles of the vendor's own (ext:), not understood", 0) + 1
        )
    elif role not in _STAFF | _SCHOOL_ROLES | _FAMILY | {"student", "proctor"}:
        reading.problems.add("OneRoster has no such role", table.place(row, "role", row["role"]))
    return role


def _day(reading: _Reading, table: Table, row: Row, column: str) -> date | None:
    value = row[column]
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        reading.problems.add("a date is written 2026-09-01", table.place(row, column, value))
        return None


def _people(
    reading: _Reading, table: Table, roles: Mapping[str, list[_Held]], *, has_role: bool
) -> tuple[list[RosterPerson], list[RosterRole]]:
    people: list[RosterPerson] = []
    offices: list[RosterRole] = []
    ids: dict[str, int] = {}
    emails: dict[str, int] = {}
    for row in table.rows:
        reading.rows += 1
        source_id = _check_text(reading, table, row, "sourcedId", _ID_LIMIT)
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


def _roles_of_row(reading: _Reading, table: Table, row: Row) -> list[_Held]:
    role = _known_role(reading, table, row)
    orgs = [one.strip() for one in row["orgSourcedIds"].split(",") if one.strip()]
    return [_Held(role, org, at_school=_at_school(reading, org)) for org in orgs] or [_Held(role, "")]


def _kind(reading: _Reading, held: list[_Held]) -> PersonKind | None:
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
    reading: _Reading, table: Table, row: Row, source_id: str, held: list[_Held]
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
    if len(email) > _EMAIL_LIMIT or not _EMAIL.fullmatch(email):
        reading.problems.add("this is no e-mail address", table.place(row, "email", row["email"]))
    names = [
        _check_text(reading, table, row, preferred if row[preferred] else legal, _NAME_LIMIT)
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


def _org(reading: _Reading, table: Table, row: Row, held: list[_Held], first: _Held | None) -> str | None:
    """Where the person belongs: the primary org, else that of the primary role, else a school of theirs."""
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
