"""What is shared while a OneRoster bundle is read: its manifest, its organizations, its plain cells."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from policy.identity import one_line
from schemas.errors import BadFile, Place
from schemas.roster import RosterOrg
from tasks.files.columns import Columns
from tasks.files.dates import Unreadable, day_of
from tasks.files.tabular import Problems, Row, Table, read_table

FILES = ("manifest.csv", "orgs.csv", "users.csv", "roles.csv")

#: Standard columns that are not wanted: nobody needs to read that they were not understood.
_STANDARD = frozenset(
    "dateLastModified username userIds middleName identifier sms phone agentSourcedIds grades password "
    "userMasterIdentifier resourceSourcedIds preferredMiddleName pronouns userProfileSourcedId "
    "parentSourcedId".lower().split()
)
_ORG_TYPES = frozenset({"district", "school", "department", "local", "state", "national"})
NAME_LIMIT, _ORG_NAME_LIMIT, ID_LIMIT, EMAIL_LIMIT = 100, 200, 255, 254


@dataclass
class Reading:
    """What is known while a bundle is being read. `offices`: what each role gives at a school."""

    files: Mapping[str, bytes]
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
            unmentioned=_STANDARD,
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


def read_manifest(files: Mapping[str, bytes], bundle: str) -> tuple[dict[str, str], str | None]:
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
        if kind not in _ORG_TYPES:
            known = ", ".join(sorted(_ORG_TYPES))
            reading.problems.add(f"a type is one of {known}", table.place(row, "type", row["type"]))
        if kind not in {"school", "district"}:
            reading.count("organizations other than schools and the district, passed over")
            continue
        org = RosterOrg(
            source_id=source_id,
            name=check_text(reading, table, row, "name", _ORG_NAME_LIMIT),
            is_division=kind == "district",
            line=row.line,
            gone=row["status"].lower() == "tobedeleted",
        )
        if org.is_division and not org.gone:
            if division is not None:
                reading.problems.add(
                    f"a second district beside line {division.line}: there can be one",
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


def read_day(reading: Reading, table: Table, row: Row, column: str) -> date | None:
    """A cell as a day; None when it is empty or, noted as a problem, no date."""
    value = row[column]
    try:
        return day_of(value, None) if value else None
    except Unreadable:
        reading.problems.add("a date is written 2026-09-01", table.place(row, column, value))
        return None
