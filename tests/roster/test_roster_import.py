"""A roster comes in: whole or not at all, on both databases."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from policy.model import Policy
from policy.roster import TooManyGone
from schemas.errors import BadFile, BadInput, BadRows
from schemas.machinery import AuditEntry, Event, Wake
from schemas.people import Person, Role, School
from schemas.tables import metadata
from tasks.acts import context
from tasks.files import bundle as bundles
from tasks.people.roster import counts
from tasks.store import Store, verifying
from tests.roster.roster_bundles import (
    CANARY,
    ORGS,
    bundle11,
    bundle12,
    folder,
    manifest,
    role12,
    text,
    user11,
    user12,
    zipped,
)
from tests.roster.taking_in import rows, take_in

TODAY = date(2026, 10, 20)  # of `now` in the division
Taken = Callable[..., Any]


async def everything(store: Store) -> str:
    async with store.read() as session:
        return "\n".join([repr(await session.rows(select(table))) for table in metadata.sorted_tables])


def staff(*numbers: int) -> dict[str, bytes]:
    return bundle11(*(user11(number) for number in numbers))


async def test_oneroster_1_1(store: Store, take: Taken) -> None:
    report = await take(
        bundle11(
            user11(1, "administrator", "s1"),
            user11(2, "administrator", "d1"),
            user11(3, "teacher", "s2,s1", givenName=" Ann\r\nMarie "),
            user11(4, "student"),
            user11(5, "parent"),
            user11(6, "aide", email=""),
            user11(7, enabledUser="false"),
        )
    )
    people = await rows(store, Person)
    assert [(one["source_id"], one["email"], one["position"], one["school_id"]) for one in people] == [
        ("u1", "person1@example.org", "administrator", 2),
        ("u2", "person2@example.org", "administrator", 1),
        ("u3", "person3@example.org", "teacher", 3),
    ]
    assert people[2]["given_name"] == "Ann Marie"
    assert [(one["name"], one["is_division"]) for one in await rows(store, School)] == [
        ("Sample Division", True),
        ("Lakeside Sample School", False),
        ("Hilltop Sample School", False),
    ]
    offices = await rows(store, Role)
    assert [(one["person_id"], one["school_id"], one["starts_on"]) for one in offices] == [(1, 2, TODAY)]
    assert sorted(report.bundle.notes) == [
        "1 members of staff without an e-mail address, left as they are.",
        "2 students, parents and others who are not staff, not taken in.",
    ]


@pytest.mark.parametrize("inside", ["", "export/"])
async def test_oneroster_1_2_zip(
    store: Store, policy: Policy, now: datetime, tmp_path: Path, inside: str
) -> None:
    files = bundle12(
        [user12(1), user12(2, preferredGivenName="Sam"), user12(3), user12(4, "d1")],
        [
            role12(1, "principal", "s1"),
            role12(2, "siteAdministrator", "s2", beginDate="2026-11-01", endDate="2027-06-30"),
            role12(3, "principal", "s1", endDate="2026-06-30"),
            role12(4, "districtAdministrator", "d1"),
        ],
    )
    await take_in(store, policy, now, zipped(tmp_path / "b.zip", files, inside))
    offices = await rows(store, Role)
    assert [(one["person_id"], one["school_id"], one["starts_on"], one["ends_on"]) for one in offices] == [
        (1, 2, TODAY, None),
        (2, 3, date(2026, 11, 1), date(2027, 6, 30)),
    ]
    assert (await rows(store, Person))[1]["given_name"] == "Sam"
    again = await take_in(store, policy, now, folder(tmp_path / "b", files))
    assert again.seen_before == now
    assert again.import_id is None


async def test_gone_people_become_inactive_and_come_back(store: Store, take: Taken) -> None:
    first = bundle11(user11(1, "administrator"), *(user11(n) for n in range(2, 8)))
    await take(first)
    await take(staff(*range(2, 8)))
    people, (office,) = await rows(store, Person), await rows(store, Role)
    assert [one["active"] for one in people] == [False] + [True] * 6
    assert office["ends_on"] == TODAY - timedelta(days=1)
    report = await take(first)
    assert report.seen_before is not None
    assert counts(report.difference)["people back"] == 1
    assert all(one["active"] for one in await rows(store, Person))
    assert [one["ends_on"] for one in await rows(store, Role)] == [TODAY - timedelta(days=1), None]
    causes = [one["cause"] for one in await rows(store, AuditEntry)]
    assert causes.count("gone from the roster") == causes.count("back in the roster") == 1
    assert (await verifying.verify(store)).seq == len(causes)


async def test_the_same_file_twice_changes_nothing(store: Store, take: Taken) -> None:
    await take(staff(1, 2))
    before = await everything(store)
    report = await take(staff(1, 2))
    assert (report.import_id, report.difference.count) == (None, 0)
    assert report.seen_before is not None
    assert await everything(store) == before


async def test_a_dry_run_changes_nothing(store: Store, take: Taken) -> None:
    before = await everything(store)
    report = await take(staff(1, 2), dry_run=True)
    assert counts(report.difference)["people new"] == 2
    assert await everything(store) == before


async def test_a_truncated_file_is_refused_unless_told_otherwise(store: Store, take: Taken) -> None:
    await take(staff(*range(1, 11)))
    before = await everything(store)
    with pytest.raises(TooManyGone, match="3 of 10 active people inactive, more than the 20%"):
        await take(staff(*range(1, 8)))
    assert await everything(store) == before
    await take(staff(*range(1, 9)))  # a fifth is allowed
    report = await take(staff(1), allow_mass_deactivation=True)
    assert counts(report.difference)["people gone"] == 7


async def test_two_people_exchange_their_addresses(store: Store, take: Taken) -> None:
    await take(staff(1, 2))
    await take(bundle11(user11(1, email="person2@example.org"), user11(2, email="person1@example.org")))
    people = await rows(store, Person)
    assert [one["email"] for one in people] == ["person2@example.org", "person1@example.org"]


async def test_a_new_sourced_id_is_matched_by_address(store: Store, take: Taken) -> None:
    await take(staff(1, 2))
    report = await take(bundle11(user11(1, sourcedId="new-1"), user11(2)))
    assert [one.new_id for one in report.difference.changed_people] == [True]
    assert [one["source_id"] for one in await rows(store, Person)] == ["new-1", "u2"]


async def test_an_address_of_somebody_else_is_refused(store: Store, take: Taken) -> None:
    await take(staff(1, 2))
    before = await everything(store)
    with pytest.raises(BadRows, match=r"line 2, column email.*somebody else here keeps this address"):
        await take(bundle11(user11(2, email="person1@example.org")), allow_mass_deactivation=True)
    assert await everything(store) == before


async def test_a_delta_leaves_the_others_alone(store: Store, take: Taken) -> None:
    await take(staff(1, 2, 3))
    delta = bundle11(user11(2, familyName="Newname", status="active"), user11(3, status="tobedeleted"))
    await take({**delta, "manifest.csv": manifest(orgs="bulk", users="delta")}, allow_mass_deactivation=True)
    people = await rows(store, Person)
    assert [(one["family_name"], one["active"]) for one in people] == [
        ("Sample1", True),
        ("Newname", True),
        ("Sample3", False),
    ]


async def test_an_import_wakes_what_may_move(store: Store, take: Taken) -> None:
    await take(staff(1))
    assert [one["kind"] for one in await rows(store, Event)] == ["steward.roster.imported"]
    assert sorted(one["lifecycle"] for one in await rows(store, Wake)) == [
        "account-creation",
        "leave",
        "looks",
        "training-gate",
    ]


async def test_an_import_that_dies_leaves_nothing(
    store: Store, take: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await everything(store)

    async def die(*_: object, **__: object) -> None:
        raise RuntimeError("killed here")

    monkeypatch.setattr(context, "apply", die)  # the very last thing of the transaction
    with pytest.raises(RuntimeError, match="killed here"):
        await take(staff(1, 2))
    assert await everything(store) == before


async def test_no_password_goes_anywhere(store: Store, take: Taken, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    report = await take(staff(1, 2))
    with pytest.raises(BadRows) as error:
        await take(bundle11(user11(1, email="nope"), [*user11(2), "ragged"], user11(3, "teacher", "s9")))
    for place in (await everything(store), str(error.value), repr(report), caplog.text):
        assert CANARY not in place


BAD = {
    "two with one address": (
        bundle11(user11(1), user11(2, email="PERSON1@example.org")),
        "column email, value 'person1@example.org': the same e-mail address as line 2, under another name",
    ),
    "two with one sourcedId": (
        bundle11(user11(1), user11(2, sourcedId="u1")),
        "users.csv, line 3, column sourcedId, value 'u1': the same sourcedId as line 2",
    ),
    "no address": (
        bundle11(user11(1, email="x@y")),
        "line 2, column email, value 'x@y': this is not an e-mail",
    ),
    "control": (
        bundle11(user11(1, givenName="A\x1bb")),
        r"line 2, column givenName, value 'A\x1bb': there is a control character",
    ),
    "encoded word": (bundle11(user11(1, givenName="=?utf-8?")), "line 2, column givenName"),
    "unknown role": (
        bundle11(user11(1, "wizard")),
        "column role, value 'wizard': OneRoster has no such role",
    ),
    "unknown org": (bundle11(user11(1, org="s9")), "value 's9': orgs.csv has no such organization"),
    "no staff": (bundle11(user11(1, "student")), "users.csv: there is no member of staff in it"),
    "header only": (bundle11(), "users.csv: there is no member of staff in it"),
    "no orgs": ({"users.csv": text([["sourcedId"]])}, "there is no orgs.csv in it"),
    "two divisions": (
        bundle11(user11(1), orgs=[*ORGS, ["d2", "", "", "Other", "district", "", ""]]),
        "orgs.csv, line 5, column type, value 'district': a second district beside line 2",
    ),
    "bad day": (
        bundle12([user12(1)], [role12(1, beginDate="1.9.2026")]),
        "roles.csv, line 2, column beginDate, value '1.9.2026': a date is written",
    ),
    "old version": (
        {**staff(1), "manifest.csv": text([["propertyName", "value"], ["oneroster.version", "1.0"]])},
        "manifest.csv, line 2, column value, value '1.0': OneRoster 1.1 and 1.2 are understood",
    ),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_input_is_told_with_its_place_and_changes_nothing(
    store: Store, take: Taken, case: str
) -> None:
    files, said = BAD[case]
    before = await everything(store)
    with pytest.raises(BadInput) as error:
        await take(files)
    assert said in str(error.value)
    assert await everything(store) == before


async def test_all_that_is_wrong_with_a_row_is_named_at_once(store: Store, take: Taken) -> None:
    """A row with a known sourcedId, or with no such role, had nothing else of it named."""
    files = bundle11(
        user11(1),
        user11(2, "wizard", sourcedId="u1", enabledUser="yes please", givenName="", email="x@y"),
        user11(3, "wizard", enabledUser="perhaps", familyName="", email="x@y"),
        user11(4, enabledUser="perhaps", givenName=""),
        user11(5, "student", sourcedId="u1", givenName=""),
    )
    before = await everything(store)
    with pytest.raises(BadInput) as error:
        await take(files)
    said = str(error.value)
    for part in (
        *(
            "line 3, column sourcedId",
            "line 3, column role",
            "line 3, column enabledUser, value 'yes please'",
        ),
        *("line 3, column email", "line 3, column givenName", "line 4, column role"),
        *("line 4, column enabledUser, value 'perhaps': write true or false", "line 4, column email"),
        *("line 4, column familyName", "line 5, column enabledUser", "line 5, column givenName"),
    ):
        assert part in said, part
    assert "line 6, column givenName" not in said, "nothing of students is looked at"
    assert await everything(store) == before


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a\\users.csv", "C:users.csv"])
def test_a_zip_whose_paths_lead_out_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "b.zip", {**staff(1), name: b"x"})
    with pytest.raises(BadFile, match="leads out of the zip"):
        bundles.read_bundle_files(path, ("users.csv",))


def test_a_zip_bomb_is_stopped_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "TOTAL_LIMIT", 10_000)
    path = zipped(tmp_path / "b.zip", {"users.csv": b"x" * 9_000, "orgs.csv": b"x" * 9_000})
    with pytest.raises(BadFile, match="far too large"):
        bundles.read_bundle_files(path, ("users.csv", "orgs.csv"))
