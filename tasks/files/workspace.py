"""Google Workspace's export of its users, read as people: who is where by the org unit, who is suspended.

It says nothing of offices, and whoever is not in it may be in another export: both are left as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from policy.identity import one_line
from tasks.files.columns import Columns
from tasks.files.decoding import decode
from tasks.files.headers import is_workspace_list
from tasks.files.parsing import Records
from tasks.files.tabular import Problems, Row, Table, read_bytes, read_table

_GIVEN, _FAMILY = "First Name [Required]", "Last Name [Required]"
_EMAIL, _UNIT = "Email Address [Required]", "Org Unit Path [Required]"
_STATUS, _ID, _TYPE, _TITLE = "Status [READ ONLY]", "Employee ID", "Employee Type", "Employee Title"
#: Org units of students are called so, wherever they stand in the path.
_STUDENTS = frozenset({"student", "students", "élève", "élèves"})
#: What is said of an org unit whose people are none of ours.
NOBODY = "-"


@dataclass(frozen=True)
class WorkspaceUser:
    """One user. `school` is what somebody said that the org unit is; empty where nobody did."""

    line: int
    email: str
    given_name: str
    family_name: str
    unit: str
    school: str
    title: str
    employee_id: str
    suspended: bool
    student: bool


@dataclass(frozen=True)
class Workspace:
    """The users of a file; `counted` are those that were passed over, by what they are."""

    file: str
    users: tuple[WorkspaceUser, ...]
    counted: Mapping[str, int]
    notes: tuple[str, ...]
    sha256: str
    rows: int


def is_workspace(path: Path) -> bool:
    """Whether a file is such an export. Raises BadFile for one that can't be read."""
    if not path.is_file():
        return False
    content = read_bytes(path, path.name)
    if content.startswith(b"PK"):
        return False
    text = Records(decode(content, path.name), path.name)
    return is_workspace_list(next(text.records(",")).cells)


def read_workspace(path: Path, *, said: Columns, problems: Problems) -> Workspace:
    """Read the users; what is wrong with rows goes to the problems. Raises BadFile."""
    table = read_table(
        path,
        name=path.name,
        required=(_GIVEN, _FAMILY, _EMAIL, _UNIT),
        known=(_STATUS, _ID, _TYPE, _TITLE),
        keep_extra=False,
        problems=problems,
        said=said,
        workspace=True,
    )
    users: list[WorkspaceUser] = []
    seen: dict[str, int] = {}
    left_out = 0
    for row in table.rows:
        one = _user(table, row, said)
        if one is None:
            continue
        if one.school == NOBODY:
            left_out += 1
        elif one.email in seen:
            place = table.place(row, _EMAIL, one.email)
            problems.add(f"the same address as line {seen[one.email]}", place)
        else:
            users.append(one)
        seen.setdefault(one.email, row.line)
    counted = {"users of org units that are none of ours": left_out} if left_out else {}
    notes = tuple(one for one in table.notes if "not understood" not in one)  # dozens, of no use here
    return Workspace(path.name, tuple(users), counted, notes, table.sha256, table.count)


def _user(table: Table, row: Row, said: Columns) -> WorkspaceUser | None:
    """One row; None, noted, where it has no address or no name."""
    email = row[_EMAIL].lower()
    names = [one_line(row[one])[:100] for one in (_GIVEN, _FAMILY)]
    local, at, host = email.rpartition("@")
    if not (local and at and "." in host) or any(one.isspace() for one in email):
        table.problems.add("this is not an e-mail address", table.place(row, _EMAIL, row[_EMAIL]))
        return None
    if not all(names):
        table.problems.add("this must not be empty", table.place(row, _FAMILY if names[0] else _GIVEN))
        return None
    unit = row[_UNIT] or "/"
    segments = {one.strip().casefold() for one in unit.split("/")}
    return WorkspaceUser(
        line=row.line,
        email=email,
        given_name=names[0],
        family_name=names[1],
        unit=unit,
        school=said.unit(unit) or "",
        title=one_line(row[_TITLE])[:120],
        employee_id=row[_ID],
        suspended=row[_STATUS].casefold() in {"suspended", "archived"},
        student=bool(segments & _STUDENTS) or row[_TYPE].casefold() in _STUDENTS,
    )
