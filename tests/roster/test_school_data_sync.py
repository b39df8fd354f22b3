"""Microsoft's School Data Sync: v1 with its principals in School.csv, v2 and v2.1 of OneRoster's shape."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policy.model import Policy
from schemas.errors import BadInput
from schemas.people import Person, Role, School
from schemas.roster import RosterBundle
from tasks.files.rosters import read_roster
from tasks.files.tabular import Problems
from tasks.store import Store
from tests.roster.roster_bundles import CANARY, bundle11, folder, text, user11
from tests.roster.taking_in import rows

Taken = Callable[..., Any]

SCHOOL = "SIS ID,Name,School Number,Principal SIS ID,Principal Name,Principal Secondary Email,Zip"
TEACHER = "SIS ID,School SIS ID,First Name,Last Name,Username,Password,Status,Title"
ORGS = "sourcedId,name,type,parentSourcedId"
USERS_2 = "sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade"
USERS_21 = "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms"
ROLES_21 = "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate"


def table(header: str, *lines: str) -> bytes:
    """A file of these lines."""
    return text([line.split(",") for line in (header, *lines)])


def v1(schools: list[str], teachers: list[str], students: list[str] | None = None) -> dict[str, bytes]:
    """The files of a v1 roster."""
    files = {"School.csv": table(SCHOOL, *schools), "Teacher.csv": table(TEACHER, *teachers)}
    if students is not None:
        files["Student.csv"] = table(TEACHER, *students)
    return files


def v21(users: list[str], roles: list[str]) -> dict[str, bytes]:
    """The files of a v2.1 roster."""
    orgs = table(ORGS, "d1,Sample Division,district,", "s1,Lakeside,school,d1", "s2,Hilltop,campus,d1")
    return {"orgs.csv": orgs, "users.csv": table(USERS_21, *users), "roles.csv": table(ROLES_21, *roles)}


def teacher(number: int, school: str = "s1", status: str = "Active", title: str = "") -> str:
    return f"t{number},{school},Given{number},Sample{number},Person{number},{CANARY},{status},{title}"


@pytest.fixture
def read(policy: Policy, tmp_path: Path) -> Callable[..., RosterBundle]:
    """Read the files of a roster."""

    def bundle(files: dict[str, bytes], **options: Any) -> RosterBundle:
        return read_roster(folder(tmp_path / "bundle", files), policy, today=date(2026, 10, 20), **options)

    return bundle


def people(found: RosterBundle) -> list[tuple[str, str, str | None]]:
    return [(one.source_id, one.email, one.position) for one in found.people]


def offices(found: RosterBundle) -> list[tuple[str, str]]:
    return [(one.person, one.org) for one in found.roles]


def test_v1_gives_nobody_an_office_who_is_gone(read: Callable[..., RosterBundle]) -> None:
    found = read(
        v1(
            ["s1,Lakeside Sample School,1,t1,Given1 Sample1,given1@example.org,"],
            [teacher(1, status="Deleted"), teacher(2)],
        )
    )
    assert [one.source_id for one in found.people] == ["t2"]
    assert (offices(found), set(found.gone)) == ([], {"t1"})
    assert "School.csv, line 2: the leader's status in Teacher.csv is not 'Active'" in str(found.notes)


def test_v1_refuses_an_id_that_is_too_long_for_a_principal(read: Callable[..., RosterBundle]) -> None:
    school = f"s1,Lakeside Sample School,1,{'9' * 256},Pat Leads,pat.leads@example.org,"
    with pytest.raises(BadInput, match="longer than 255 characters"):
        read(v1([school], [teacher(1)]))


def test_v1_finds_its_principals_in_school_csv(read: Callable[..., RosterBundle], policy: Policy) -> None:
    found = read(
        v1(
            [
                "s1,Lakeside Sample School,1,t1,Given1 Sample1,,T0A 0A0",
                "s2,Hilltop Sample School,2,p9,Pat Anne Leads,pat.leads@example.org,",
                "s3,Riverside Sample School,3,,Given3 Sample3,,",
                "s4,Bayside Sample School,4,p8,Sam Unknown,,",
            ],
            [
                teacher(1),
                teacher(2, title="Learning Coach"),
                teacher(2, "s2", title="Learning Coach"),  # at two schools
                teacher(3, "s3"),
                teacher(4, status="Inactive"),
            ],
            students=[teacher(7)],
        )
    )
    domain = policy.organization.domain
    assert people(found) == [
        ("t1", f"person1@{domain}", "principal"),
        ("t2", f"person2@{domain}", "learning coach"),
        ("t3", f"person3@{domain}", "principal"),
        ("p9", "pat.leads@example.org", "principal"),
    ]
    assert (found.people[3].given_name, found.people[3].family_name) == ("Pat Anne", "Leads")
    assert offices(found) == [("t1", "s1"), ("p9", "s2"), ("t3", "s3")]
    assert (set(found.gone), set(found.passed_over)) == ({"t4"}, {"p8"})
    notes = "\n".join(found.notes)
    for said in (
        "School.csv, line 5: who leads the school is not in Teacher.csv",
        f"4 names of users without a domain, read as addresses at {domain}.",
        "1 people whose status is not 'Active'",
        "the last word counts as the family name",
    ):
        assert said in notes
    assert found.version == "School Data Sync v1"
    assert CANARY not in repr(found)


def test_v1_takes_students_where_they_are_wanted(read: Callable[..., RosterBundle]) -> None:
    files = v1(["s1,Lakeside,1,t1,,,"], [teacher(1)], students=[teacher(7)])
    found, more = read(files), read(files, students=True)
    assert [one.source_id for one in found.people] == ["t1"]
    assert [(one.source_id, one.kind) for one in more.people][1:] == [("t7", "student")]
    assert found.sha256 != more.sha256


async def test_v1_leaves_the_division_that_it_does_not_know(store: Store, take: Taken) -> None:
    await take(bundle11(*(user11(n) for n in range(1, 6))))
    teachers = [f"u{n},s1,Given{n},Sample{n},person{n}@example.org,,," for n in range(1, 6)]
    await take(v1(["s1,Lakeside Sample School,1,u1,,,"], teachers))
    assert [(one["name"], one["active"]) for one in await rows(store, School)] == [
        ("Sample Division", True),
        ("Lakeside Sample School", True),
        ("Hilltop Sample School", False),
    ]
    assert [(one["person_id"], one["school_id"], one["ends_on"]) for one in await rows(store, Role)] == [
        (1, 2, None)
    ]


async def test_v1_whose_principal_has_no_address_leaves_them(store: Store, take: Taken) -> None:
    """Somebody who leads and does not teach is no leaver because the file has no address of theirs."""
    first = ["s1,Lakeside,1,p9,Pat Leads,pat.leads@example.org,"]
    await take(v1(first, [teacher(1)]))
    await take(v1(["s1,Lakeside,1,p9,Pat Leads,,"], [teacher(1)]))
    assert {one["source_id"]: one["active"] for one in await rows(store, Person)} == {"t1": True, "p9": True}


def test_v2_reads_roles_in_any_case_and_usernames_as_addresses(read: Callable[..., RosterBundle]) -> None:
    orgs = table(ORGS, "10,Ministry,ministryofeducation,", "s1,Lakeside,school,10", "s2,Hilltop,school,10")
    users = table(
        USERS_2,
        f"1,s1,Ann,Sample,Ann@example.org,{CANARY},Principal,",
        f"2,s1,Bo,Sample,bo@example.org,{CANARY},Student,6",
        f"3,s2,Cy,Sample,cy@example.org,{CANARY},faculty,",
    )
    found = read({"orgs.csv": orgs, "users.csv": users})
    assert found.version == "School Data Sync v2"
    assert people(found) == [("1", "ann@example.org", "principal"), ("3", "cy@example.org", "faculty")]
    assert offices(found) == [("1", "s1")]
    assert [one.name for one in found.orgs] == ["Lakeside", "Hilltop"]


def test_v21_roles_begin_and_end(read: Callable[..., RosterBundle]) -> None:
    """The dates of digits say by each other which comes first; a role that ended gives nothing."""
    found = read(
        v21(
            [
                f"1,ann@example.org,Ann,Sample,{CANARY},,,,",
                f"2,bo,Bo,Sample,{CANARY},,bo.sample@example.org,,",
                f"3,cy@example.org,Cy,Sample,{CANARY},,,,",
                f"4,dee@example.org,Dee,Sample,{CANARY},,,,",
            ],
            [
                "1,s2,teacher,,,FALSE,8/24/2026,6/11/2027",
                "1,s1,principal,,,TRUE,8/24/2026,6/11/2027",
                "2,s2,principal,,,TRUE,1/9/2027,",
                "3,s1,principal,,,TRUE,8/24/2025,6/11/2026",
                "4,d1,itAdmin,,,TRUE,,",
            ],
        )
    )
    assert found.version == "School Data Sync v2.1"
    assert people(found) == [
        ("1", "ann@example.org", "principal"),
        ("2", "bo.sample@example.org", "principal"),
        ("4", "dee@example.org", "itadmin"),
    ]
    assert found.gone == {"3"}
    assert [(one.person, one.org, one.begins, one.ends) for one in found.roles] == [
        ("1", "s1", date(2026, 8, 24), date(2027, 6, 11)),
        ("2", "s2", date(2027, 1, 9), None),
    ]


ONE = "1,ann@example.org,Ann,Sample,,,,,"
BAD = {
    "a role of nobody": (
        v21([ONE], ["1,s1,wizard,,,TRUE,,"]),
        "roles.csv, line 2, column role, value 'wizard': School Data Sync has no such role",
    ),
    "days that can be read in two ways": (
        v21([ONE], ["1,s1,principal,,,TRUE,9/1/2026,"]),
        "roles.csv, line 2, column roleStartDate, value '9/1/2026': a date is written 2026-09-01",
    ),
    "days of both orders": (
        v21([ONE], ["1,s1,principal,,,TRUE,24/8/2026,6/30/2027"]),
        "roles.csv: some dates of this file have the day first and some the month",
    ),
    "a school of nobody": (
        v1(["s1,Lakeside,1,,,,"], [teacher(1, "s9")]),
        "Teacher.csv, line 2, column School SIS ID, value 's9': School.csv has no such school",
    ),
    "one id, two people": (
        v1(["s1,Lakeside,1,,,,"], [teacher(1), teacher(1).replace("Given1", "Other")]),
        "Teacher.csv, line 3, column SIS ID, value 't1': the same SIS ID as line 2, with another name",
    ),
    "one address, two people": (
        v1(["s1,Lakeside,1,,,,"], [teacher(1), teacher(2).replace("Person2", "person1")]),
        "Teacher.csv, line 3, column Username, value 'person1@",
    ),
    "no names": (
        {"School.csv": table(SCHOOL, "s1,L,1,,,,"), "Teacher.csv": table("SIS ID,School SIS ID,Username")},
        "Teacher.csv, line 1: the header lacks 'First Name'",
    ),
    "two rosters": (
        {**v1(["s1,L,1,,,,"], [teacher(1)]), **v21([ONE], [])},
        "two rosters lie in it, Teacher.csv and users.csv: give one",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_with_its_place(read: Callable[..., RosterBundle], case: str) -> None:
    files, said = BAD[case]
    with pytest.raises(BadInput) as error:
        read(files)
    assert said in str(error.value)


def test_bad_rows_are_left_out_and_their_people_stay(read: Callable[..., RosterBundle]) -> None:
    problems = Problems()
    teachers = [teacher(1), teacher(2).replace("Person2", "no address"), teacher(3)]
    found = read(v1(["s1,Lakeside,1,t2,,,"], teachers), problems=problems)
    assert [one.source_id for one in found.people] == ["t1", "t3"]
    assert (set(found.passed_over), set(problems.lines("Teacher.csv"))) == ({"t2"}, {3})
    assert found.roles == ()  # t2's office stays too
