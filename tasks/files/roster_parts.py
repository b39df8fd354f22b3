"""What readers of rosters share: how one format differs from another, organizations, roles, plain cells."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from policy.identity import one_line
from policy.model import Policy
from schemas.roster import RosterOrg, RosterPerson, RosterRole
from tasks.files.columns import Columns
from tasks.files.dates import Order, Unreadable, day_of
from tasks.files.tabular import Problems, Row, Table, read_table

#: Standard columns that are not wanted: nobody needs to read that they were not understood.
_STANDARD = frozenset(
    "dateLastModified username userIds middleName identifier sms phone agentSourcedIds grades password "
    "userMasterIdentifier resourceSourcedIds preferredMiddleName pronouns userProfileSourcedId "
    "parentSourcedId".lower().split()
)
NAME_LIMIT, ORG_NAME_LIMIT, ID_LIMIT, EMAIL_LIMIT = 100, 200, 255, 254
OTHER_ORGS = "organizations other than schools and the district, passed over"
_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")


@dataclass(frozen=True)
class Dialect:
    """How one format of orgs.csv, users.csv and roles.csv differs from another; words in lower case.

    `passed`: roles of people who are none of the staff. `schools` and `divisions` are types of organizations,
    `types` all that there are. `begins` and `ends` are columns of roles.csv. `by_username`: an address may
    stand as the user's name. `unmentioned`: columns that need no word.
    """

    name: str
    staff: frozenset[str]
    passed: frozenset[str]
    schools: frozenset[str]
    divisions: frozenset[str]
    types: frozenset[str]
    begins: str = "beginDate"
    ends: str = "endDate"
    by_username: bool = False
    unmentioned: frozenset[str] = frozenset()


def as_position(title: str) -> str:
    """A title as it stands within a sentence: assistant principal, IT operator. Capitals alone stay."""
    return " ".join(one if sum(map(str.isupper, one)) > 1 else one.lower() for one in title.split())


def words(text: str) -> frozenset[str]:
    """Words of a format, in lower case."""
    return frozenset(text.lower().split())


@dataclass
class Reading:
    """What is known while a roster is being read. `offices`: what each role gives at a school.

    `domain`: that of the organization, for names of users without one.
    """

    files: Mapping[str, bytes]
    dialect: Dialect
    domain: str
    modes: Mapping[str, str]
    students: bool
    offices: Mapping[str, tuple[str, ...]]
    today: date
    said: Columns | None = None
    problems: Problems = field(default_factory=Problems)
    notes: list[str] = field(default_factory=list)
    orgs: dict[str, RosterOrg] = field(default_factory=dict)
    passed_over: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    rows_of: dict[tuple[str, int], str] = field(default_factory=dict)  # whose row a line of a file is
    one: dict[str, str] = field(default_factory=dict)  # sourcedIds of one person, to the one that stands

    def count(self, what: str) -> None:
        """Count one more of what is told as a number."""
        self.counted[what] = self.counted.get(what, 0) + 1

    def table(self, file: str, required: Iterable[str], known: Iterable[str]) -> Table:
        """Open one file of the bundle; extra columns are dropped, unheard-of ones named."""
        table = read_table(
            self.files[file],
            name=file,
            required=tuple(required),
            known=tuple(known),
            keep_extra=False,
            problems=self.problems,
            unmentioned=_STANDARD | self.dialect.unmentioned,
            said=self.said,
        )
        self.notes += table.notes
        return table

    def is_delta(self, file: str) -> bool:
        """Whether what is not in the file stays as it is."""
        return self.modes.get(file, "bulk") == "delta"


def counted_notes(counted: Mapping[str, int]) -> list[str]:
    """What was passed over, a sentence for each kind."""
    return [f"{count} {what}." for what, count in sorted(counted.items())]


def check_text(reading: Reading, table: Table, row: Row, column: str, limit: int) -> str:
    """A cell as one line of text; noted as a problem when it is empty, too long or reads as mail code."""
    value = one_line(row[column])
    if not value:
        reading.problems.add("this must not be empty", table.place(row, column))
    elif len(value) > limit:
        reading.problems.add(f"longer than {limit} characters", table.place(row, column, value))
    elif "=?" in value:
        reading.problems.add(
            "'=?' can't stand in a name: mail would read it as code", table.place(row, column, value)
        )
    return value


def read_orgs(reading: Reading) -> None:
    """Read orgs.csv: schools and the one division; other organizations are counted and passed over."""
    its = reading.dialect
    table = reading.table("orgs.csv", ("sourcedId", "name", "type"), ("status",))
    lines: dict[str, int] = {}
    division: RosterOrg | None = None
    for row in table.rows:
        reading.rows += 1
        source_id = check_text(reading, table, row, "sourcedId", ID_LIMIT)
        kind = row["type"].lower()
        if source_id in lines:
            reading.problems.add(
                f"the same sourcedId as line {lines[source_id]}", table.place(row, "sourcedId", source_id)
            )
            continue
        lines[source_id] = row.line
        if kind not in its.types:
            known = ", ".join(sorted(its.types))
            reading.problems.add(f"a type is one of {known}", table.place(row, "type", row["type"]))
        if kind not in its.schools | its.divisions:
            reading.count(OTHER_ORGS)
            continue
        org = RosterOrg(
            source_id=source_id,
            name=check_text(reading, table, row, "name", ORG_NAME_LIMIT),
            is_division=kind in its.divisions,
            line=row.line,
            gone=row["status"].lower() == "tobedeleted",
        )
        if org.is_division and not org.gone:
            if division is not None:
                reading.problems.add(
                    f"a second {kind} beside line {division.line}: there can be one",
                    table.place(row, "type", row["type"]),
                )
            division = org
        if (twin := _twin(reading, org)) is not None:
            reading.notes.append(
                f"orgs.csv: {twin.name!r} and {org.name!r} differ in their letters' case only: write each "
                "name in full wherever a school is named."
            )
        reading.orgs[source_id] = org


def _twin(reading: Reading, org: RosterOrg) -> RosterOrg | None:
    """A school of the file whose name is this one's in another case."""
    its = one_line(org.name).casefold()
    return next((one for one in reading.orgs.values() if one_line(one.name).casefold() == its), None)


def read_day(
    reading: Reading, table: Table, row: Row, column: str, order: Order | None = None
) -> date | None:
    """A cell as a day; None when it is empty or, noted as a problem, no date."""
    value = row[column]
    try:
        return day_of(value, order) if value else None
    except Unreadable:
        reading.problems.add("a date is written 2026-09-01", table.place(row, column, value))
        return None


def read_address(reading: Reading, table: Table, row: Row, column: str, value: str) -> str:
    """An address in lower case, noted as a problem where it is none. "" where the cell is empty."""
    address = value.lower()
    if address and (len(address) > EMAIL_LIMIT or not _EMAIL.fullmatch(address)):
        reading.problems.add("this is not an e-mail address", table.place(row, column, value))
    return address


def of_username(reading: Reading, username: str) -> str:
    """A user's name as an address: one without a domain is of the organization's own, and counted."""
    if not username or "@" in username:
        return username
    reading.count(f"names of users without a domain, read as addresses at {reading.domain}")
    return f"{username}@{reading.domain}"


def leave_out(reading: Reading, people: list[RosterPerson], files: Iterable[str]) -> bool:
    """Take people with a bad row out: they stay as they are. Whether a row could not even be read."""
    unread = False
    for file in files:
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
class Held:
    """A role at an organization: a row of roles.csv, or what the row of a user says."""

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


def offices_of(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The offices of a school that each role of a roster gives, by the role in lower case."""
    found: dict[str, tuple[str, ...]] = {}
    for office in policy.offices:
        for role in office.roster if office.at == "school" else ():
            found[role.lower()] = (*found.get(role.lower(), ()), office.id)
    return found


def offices_given(reading: Reading, source_id: str, held: Held) -> list[RosterRole]:
    """The offices that one row gives at a school."""
    return [
        RosterRole(
            person=source_id, kind=office, org=held.org, begins=held.begins, ends=held.ends, gone=held.gone
        )
        for office in (reading.offices.get(held.role.lower(), ()) if held.at_school else ())
    ]


def at_school(reading: Reading, org: str) -> bool:
    """Whether it is a school and not the division; one that only the store knows is judged there."""
    known = reading.orgs.get(org)
    if known is None:
        return reading.is_delta("orgs.csv") or "orgs.csv" not in reading.files
    return not known.is_division and not known.gone


def joined(reading: Reading, people: list[RosterPerson], position: int, person: RosterPerson) -> bool:
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
