"""Writing the sample division as the files that a real one would hand over."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from deployments.sample.division import SampleDivision

_MANIFEST = {
    "manifest.version": "1.0",
    "oneroster.version": "1.2",
    "file.orgs": "bulk",
    "file.users": "bulk",
    "file.roles": "bulk",
    "source.systemName": "Sample",
    "source.systemCode": "sample",
}
_USERS = (
    "sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName",
    "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades",
    "password", "userMasterIdentifier", "preferredGivenName", "preferredMiddleName", "preferredFamilyName",
    "primaryOrgSourcedId", "pronouns",
)  # fmt: skip
_ROLES = (
    "sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate", "endDate",
    "orgSourcedId", "userProfileSourcedId",
)  # fmt: skip
_ORGS = ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId")
_ACCOUNTS = (
    "level", "channel", "platform", "handle", "address", "platform id", "school", "purpose", "custody",
    "vault reference", "custodian is administrator", "administrators", "state", "live since",
    "privacy attested on", "privacy checklist", "responsibility accepted on", "guidelines acknowledged on",
    "notice seen on", "profile seen on", "credentials changed on",
    "administrators reviewed on",
)  # fmt: skip

#: Two of the staff signed in to the course with addresses of their own, and one visitor took it too.
_STRANGERS = (("example.com", 30), ("example.net", 31))


@dataclass(frozen=True)
class SampleFiles:
    """Where the files are."""

    roster: Path
    training: Path
    accounts: Path


def write(division: SampleDivision, folder: Path) -> SampleFiles:
    """Write the files into a folder, which is made if it is not there."""
    roster = folder / "oneroster"
    roster.mkdir(parents=True, exist_ok=True)
    _csv(roster / "manifest.csv", ("propertyName", "value"), _MANIFEST.items())
    orgs = [("org-division", "", "", f"{division.name} (sample)", "district", "", "")]
    orgs += [(one.source_id, "", "", one.name, "school", "", "org-division") for one in division.schools]
    _csv(roster / "orgs.csv", _ORGS, orgs)
    _csv(roster / "users.csv", _USERS, _users(division))
    _csv(roster / "roles.csv", _ROLES, _roles(division))
    files = SampleFiles(roster, folder / "focus-on-privacy.csv", folder / "accounts.csv")
    _training(division, files.training)
    _accounts(division, files.accounts)
    return files


def _csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows(rows)


def _users(division: SampleDivision) -> Iterable[Sequence[str]]:
    for one in division.people:
        row = dict.fromkeys(_USERS, "")
        row |= {
            "sourcedId": one.source_id,
            "enabledUser": "true",
            "username": one.email.partition("@")[0],
            "givenName": one.given,
            "familyName": one.family,
            "email": one.email,
            "primaryOrgSourcedId": one.org,
        }
        yield tuple(row.values())


def _roles(division: SampleDivision) -> Iterable[Sequence[str]]:
    begins = _school_year(division.today).isoformat()
    for one in division.people:
        held = [f"ext:{one.title}", one.role] if one.title else [one.role]
        for number, role in enumerate(held):
            primary = "primary" if number == 0 else "secondary"
            source_id = f"role-{one.source_id}-{number}"
            yield (source_id, "", "", one.source_id, primary, role, begins, "", one.org, "")


def _school_year(today: date) -> date:
    """The first of September on or before this day."""
    first = date(today.year, 9, 1)
    return first if first <= today else date(today.year - 1, 9, 1)


def _training(division: SampleDivision, path: Path) -> None:
    """A course completion report: every member of staff is enrolled, some rows fit nobody."""
    headers = (
        "ID",
        "Name",
        "Email address",
        "Lesson: What is personal information?",
        "Lesson: What is personal information? - Completion date",
        "Quiz: Focus on Privacy",
        "Quiz: Focus on Privacy - Completion date",
        "Course complete",
    )
    rows = []
    for number, one in enumerate(division.people, start=2201):
        day = division.completed.get(one.email)
        rows.append((number, f"{one.given} {one.family}", one.email, *_cells(day, number)))
    never = [one for one in division.people if one.email not in division.completed]
    for number, one in enumerate(never[-len(_STRANGERS) :]):
        domain, ago = _STRANGERS[number]
        stranger = one.email.replace("example.org", domain)
        cells = _cells(division.today - timedelta(days=ago), number)
        rows.append((2801 + number, f"{one.given} {one.family}", stranger, *cells))
    visitor = _cells(division.today - timedelta(days=12), 2900)
    rows.append((2900, "Guest Visitor", "guest@example.net", *visitor))
    _csv(path, headers, rows)


def _cells(day: date | None, number: int) -> tuple[str, ...]:
    if day is None:
        return ("Not completed", "", "Not completed", "", "")
    lesson = f"{day} {9 + number % 3:02}:{number % 60:02}:07"
    quiz = f"{day} {13 + number % 3:02}:{number % 60:02}:41"
    return ("Completed", lesson, "Completed (achieved pass grade)", quiz, quiz)


def _accounts(division: SampleDivision, path: Path) -> None:
    _csv(
        path,
        _ACCOUNTS,
        (
            (
                one.level,
                one.channel,
                one.platform,
                one.handle,
                one.address,
                one.platform_id,
                one.school,
                one.purpose,
                one.custody,
                one.vault_reference,
                "yes" if one.custodian else "no",
                "; ".join(one.administrators),
                one.state,
                one.live_since or "",
                one.privacy_attested_on or "",
                one.privacy_checklist,
                one.accepted_on or "",
                one.acknowledged_on or "",
                one.notice_seen_on or "",
                one.profile_seen_on or "",
                one.password_changed_on or "",
                one.administrators_reviewed_on or "",
            )
            for one in division.accounts
        ),
    )
