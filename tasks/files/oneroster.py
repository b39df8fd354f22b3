"""OneRoster 1.1 and 1.2 bundles, and what is of their shape: who works where, as the student system says it.

Students, guardians, parents and relatives are passed over: Steward keeps no data of people who hold
no access, and those who do are few. `students=True` takes the students in.
Which of its roles gives which office of a school, the policy says. The offices of the division are not in
OneRoster: they are granted by a command.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from policy.model import Policy
from schemas.errors import BadFile, Place
from schemas.roster import RosterBundle, RosterPerson, RosterRole
from schemas.words import PersonKind
from tasks.files.bundle import digest
from tasks.files.columns import Columns
from tasks.files.dates import Order, Unreadable, order_of
from tasks.files.roster_parts import (
    ID_LIMIT,
    NAME_LIMIT,
    OTHER_ORGS,
    Dialect,
    Held,
    Reading,
    as_position,
    at_school,
    check_text,
    counted_notes,
    joined,
    leave_out,
    of_username,
    offices_given,
    offices_of,
    read_address,
    read_day,
    read_orgs,
    words,
)
from tasks.files.tabular import Problems, Row, Table, read_table

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
_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
FILES = ("manifest.csv", "orgs.csv", "users.csv", "roles.csv")

ONEROSTER = Dialect(
    name="OneRoster",
    staff=words(
        "administrator aide counselor districtAdministrator siteAdministrator systemAdministrator teacher"
    )
    | {"principal"},
    passed=words("guardian parent relative student proctor"),
    schools=words("school"),
    divisions=words("district"),
    types=words("district school department local state national"),
)


def read_oneroster(
    files: Mapping[str, bytes],
    name: str,
    policy: Policy,
    *,
    today: date,
    students: bool = False,
    problems: Problems | None = None,
    said: Columns | None = None,
    dialect: Dialect = ONEROSTER,
    version: str = "",
) -> RosterBundle:
    """Read a bundle's files. `today` is the day in the division: roles that ended before it give nothing.

    A caller that gives `problems` gets the good rows: people of bad ones are left as they are, and where a
    row could not even be read, nobody counts as gone. `name` is what the bundle is called, `version` what it
    is, where its files do not say it. Raises BadFile, and without `problems` BadRows with every bad row of
    every file at once.
    """
    modes, its_own = _read_manifest(files, name)
    for needed in ("orgs.csv", "users.csv"):
        if needed not in files and modes.get(needed) != "absent":
            raise BadFile(f"there is no {needed} in it", Place(name))
    if "users.csv" not in files:
        raise BadFile("the manifest says that users.csv is absent: there is nobody to read", Place(name))
    domain = policy.organization.domain
    reading = Reading(files, dialect, domain, modes, students, offices_of(policy), today, said)
    if problems is not None:
        reading.problems = problems
    if "orgs.csv" in files:
        read_orgs(reading)
    address = ("username",) if dialect.by_username else ("email",)
    users = reading.table("users.csv", ("sourcedId", "givenName", "familyName", *address), _USERS)
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
    unread = leave_out(reading, people, ("users.csv", "roles.csv"))
    known = {person.source_id for person in people}
    offices += [
        office
        for source_id, held in roles.items()
        if reading.one.get(source_id, source_id) in known or reading.is_delta("roles.csv")
        for one in held
        for office in offices_given(reading, reading.one.get(source_id, source_id), one)
    ]
    if has_role:
        offices = [one for one in offices if one.person not in reading.passed_over]
    return RosterBundle(
        version=version or its_own or ("1.1" if has_role else "1.2"),
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


def _roles(reading: Reading) -> dict[str, list[Held]]:
    """The rows of roles.csv by user (1.2)."""
    its = reading.dialect
    table = reading.table(
        "roles.csv",
        ("userSourcedId", "role", "orgSourcedId"),
        ("sourcedId", "status", "roleType", "isPrimary", its.begins, its.ends),
    )
    rows = list(table.rows)
    order = _order(table, rows, its)
    found: dict[str, list[Held]] = {}
    for row in rows:
        reading.rows += 1
        reading.rows_of[("roles.csv", row.line)] = row["userSourcedId"]
        role = _known_role(reading, table, row)
        begins, ends = (read_day(reading, table, row, column, order) for column in (its.begins, its.ends))
        if begins and ends and ends < begins:
            reading.problems.add("it ends before it begins", table.place(row, its.ends, row[its.ends]))
        found.setdefault(row["userSourcedId"], []).append(
            Held(
                role=role,
                org=row["orgSourcedId"],
                primary=row["roleType"].lower() == "primary" or row["isPrimary"].lower() in _YES,
                begins=begins,
                ends=ends,
                gone=row["status"].lower() == "tobedeleted",
                at_school=at_school(reading, row["orgSourcedId"]),
            )
        )
    return found


def _order(table: Table, rows: Sequence[Row], its: Dialect) -> Order | None:
    """Which comes first in the dates of a format that lets them be of digits; OneRoster's are ISO's."""
    if its.begins == ONEROSTER.begins:
        return None
    try:
        return order_of(row[column] for row in rows for column in (its.begins, its.ends))
    except Unreadable as error:
        raise BadFile(str(error), Place(table.file)) from None


def _is_known(reading: Reading, role: str) -> bool:
    return role.startswith("ext:") or role in reading.dialect.staff | reading.dialect.passed


def _known_role(reading: Reading, table: Table, row: Row) -> str:
    role = row["role"].lower()
    if role.startswith("ext:"):
        reading.count("roles of the vendor's own (ext:), not understood")
        return "ext:" + as_position(row["role"][len("ext:") :])
    if not _is_known(reading, role):
        reading.problems.add(
            f"{reading.dialect.name} has no such role", table.place(row, "role", row["role"])
        )
    return role


def _people(
    reading: Reading, table: Table, roles: Mapping[str, list[Held]], *, has_role: bool
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
            _name_the_rest(reading, table, row, has_role=has_role)
            continue
        ids[source_id] = row.line
        held = _roles_of_row(reading, table, row) if has_role else roles.get(source_id, [])
        if has_role and not held:
            continue
        standing = [one for one in held if not one.gone and not one.has_ended(reading.today)]
        if held and not standing and not reading.is_delta("roles.csv") and _all_ended(reading, held):
            reading.left.add(source_id)
            reading.count("people all of whose roles have ended: they hold nothing, and are not taken in")
            continue
        person = _person(reading, table, row, source_id, standing)
        if person is None:
            continue
        if (position := emails.get(person.email)) is None:
            emails[person.email] = len(people)
            people.append(person)
        elif not joined(reading, people, position, person):
            reading.problems.add(
                f"the same e-mail address as line {people[position].line}, under another name",
                table.place(row, "email", person.email),
            )
            continue
        if has_role:
            offices += [office for one in held for office in offices_given(reading, source_id, one)]
    return people, [
        one.model_copy(update={"person": reading.one.get(one.person, one.person)}) for one in offices
    ]


def _name_the_rest(reading: Reading, table: Table, row: Row, *, has_role: bool) -> None:
    """What else is wrong with a row that is not read on, so that a person mends all of it at once."""
    if has_role and _known_role(reading, table, row) in reading.dialect.passed:
        return  # nobody whom we keep
    _enabled(reading, table, row)
    read_address(reading, table, row, "email", row["email"])
    _names(reading, table, row)


def _enabled(reading: Reading, table: Table, row: Row) -> bool:
    """Whether a row is of somebody who is there; noted as a problem where it does not say so."""
    value = row["enabledUser"].lower()
    if value and value not in _YES | _NO:
        reading.problems.add("write true or false", table.place(row, "enabledUser", row["enabledUser"]))
    return value not in _NO


def _names(reading: Reading, table: Table, row: Row) -> list[str]:
    """Given name and family name, preferred ones first; what is wrong with them is noted."""
    return [
        check_text(reading, table, row, preferred if row[preferred] else legal, NAME_LIMIT)
        for preferred, legal in (("preferredGivenName", "givenName"), ("preferredFamilyName", "familyName"))
    ]


def _all_ended(reading: Reading, held: list[Held]) -> bool:
    """Whether these are roles of staff that ended, and not a row that was taken back."""
    return any(not one.gone and one.role in reading.dialect.staff for one in held)


def _roles_of_row(reading: Reading, table: Table, row: Row) -> list[Held]:
    role = _known_role(reading, table, row)
    orgs = [one.strip() for one in row["orgSourcedIds"].split(",") if one.strip()]
    return [Held(role, org, at_school=at_school(reading, org)) for org in orgs] or [Held(role, "")]


def _kind(reading: Reading, held: list[Held]) -> PersonKind | None:
    """What these roles make of a person; None for those who are not taken in."""
    roles = {one.role for one in held}
    if roles & reading.dialect.staff:
        return PersonKind.STAFF
    if "proctor" in roles:  # watches exams; not counted among the staff
        return PersonKind.CONTRACTOR
    if "student" in roles and reading.students:
        return PersonKind.STUDENT
    return None


def _person(
    reading: Reading, table: Table, row: Row, source_id: str, held: list[Held]
) -> RosterPerson | None:
    """The person of a row; None for one who left, is not taken in, or can't be written to."""
    there = _enabled(reading, table, row)
    if row["status"].lower() == "tobedeleted" or not there:
        reading.left.add(source_id)
        return None
    kind = _kind(reading, held)
    unknown_yet = not held and reading.is_delta("users.csv")
    if kind is None and not unknown_yet:
        reading.count("students, parents and others who are not staff, not taken in")
        if any(not _is_known(reading, one.role) for one in held):  # a slip, in a row that may have more
            read_address(reading, table, row, "email", row["email"])
            _names(reading, table, row)
        return None
    column = "email" if row["email"] or not reading.dialect.by_username else "username"
    value = row["email"] or (of_username(reading, row["username"]) if column == "username" else "")
    email = read_address(reading, table, row, column, value)
    if not email:
        reading.count("members of staff without an e-mail address, left as they are")
        reading.passed_over.add(source_id)
        return None
    names = _names(reading, table, row)
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


def _org(reading: Reading, table: Table, row: Row, held: list[Held], first: Held | None) -> str | None:
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
    if reading.counted.get(OTHER_ORGS):
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


def _read_manifest(files: Mapping[str, bytes], bundle: str) -> tuple[dict[str, str], str | None]:
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
