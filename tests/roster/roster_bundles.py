"""OneRoster bundles as schools' systems write them, with people who are plainly made up."""

import csv
import io
import zipfile
from pathlib import Path

CANARY = "Sup3r-S3cret-Canary!"

ORGS = [
    ["sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"],
    ["d1", "", "", "Sample Division", "district", "", ""],
    ["s1", "", "", "Lakeside Sample School", "school", "", "d1"],
    ["s2", "", "", "Hilltop Sample School", "school", "", "d1"],
]
USER_NAMES = "username userIds givenName familyName middleName identifier email sms phone agentSourcedIds"
STANDING = "sourcedId status dateLastModified"
USERS_11 = f"{STANDING} enabledUser orgSourcedIds role {USER_NAMES} grades password".split()
USERS_12 = (
    f"{STANDING} enabledUser {USER_NAMES} grades password userMasterIdentifier preferredGivenName "
    "preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns"
).split()
ROLES = f"{STANDING} userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId".split()


def line(columns: list[str], **values: str) -> list[str]:
    """One row with these values by column."""
    assert set(values) <= set(columns)
    return [values.get(column, "") for column in columns]


def user11(number: int, role: str = "teacher", org: str = "s1", **values: str) -> list[str]:
    """A row of users.csv as of OneRoster 1.1."""
    given = {
        "sourcedId": f"u{number}",
        "enabledUser": "true",
        "orgSourcedIds": org,
        "role": role,
        "givenName": f"Given{number}",
        "familyName": f"Sample{number}",
        "email": f"Person{number}@example.org",
        "password": CANARY,
    }
    return line(USERS_11, **{**given, **values})


def user12(number: int, org: str = "s1", **values: str) -> list[str]:
    """A row of users.csv as of OneRoster 1.2."""
    given = {
        "sourcedId": f"u{number}",
        "enabledUser": "true",
        "primaryOrgSourcedId": org,
        "givenName": f"Given{number}",
        "familyName": f"Sample{number}",
        "email": f"person{number}@example.org",
        "password": CANARY,
    }
    return line(USERS_12, **{**given, **values})


def role12(number: int, role: str = "teacher", org: str = "s1", **values: str) -> list[str]:
    """A row of roles.csv."""
    given = {
        "sourcedId": f"r{number}-{role}-{org}",
        "userSourcedId": f"u{number}",
        "roleType": "primary",
        "role": role,
        "orgSourcedId": org,
    }
    return line(ROLES, **{**given, **values})


def text(rows: list[list[str]]) -> bytes:
    """The rows as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def bundle11(*users: list[str], orgs: list[list[str]] | None = None) -> dict[str, bytes]:
    """The files of a 1.1 bundle."""
    return {"orgs.csv": text(orgs or ORGS), "users.csv": text([USERS_11, *users])}


def bundle12(users: list[list[str]], roles: list[list[str]]) -> dict[str, bytes]:
    """The files of a 1.2 bundle."""
    return {
        "orgs.csv": text(ORGS),
        "users.csv": text([USERS_12, *users]),
        "roles.csv": text([ROLES, *roles]),
    }


def manifest(**files: str) -> bytes:
    """A manifest that says which files are bulk, delta or absent."""
    rows = [["propertyName", "value"], ["oneroster.version", "1.1"]]
    return text([*rows, *([f"file.{name}", mode] for name, mode in files.items())])


def folder(path: Path, files: dict[str, bytes]) -> Path:
    """Write the files into a folder of their own."""
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def zipped(path: Path, files: dict[str, bytes], inside: str = "") -> Path:
    """Write the files into a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(inside + name, content)
    return path
