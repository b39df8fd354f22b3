"""Rosters as they really are: two rows of one person, two years of one office, new ids, bad rows."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from policy.model import Policy
from policy.roster import TooManyGone
from schemas.errors import AlreadyDone, BadFile, BadRows
from schemas.machinery import ActionItem
from schemas.people import Person, Role, School
from schemas.receipt import Receipt
from schemas.words import ItemKind, Via
from tasks.people.same import SameForm, open_questions, say_who_is_the_same
from tasks.store import Store, verifying
from tasks.store.lookup import school
from tests.roster.roster_bundles import ORGS, bundle11, bundle12, role12, user11, user12
from tests.roster.taking_in import rows, take_in

Taken = Callable[..., Any]
THIS_YEAR = role12(1, "principal", "s1", beginDate="2025-09-01", endDate="2026-12-31")
NEXT_YEAR = role12(1, "principal", "s1", beginDate="2027-01-01", endDate="2027-06-30")


@pytest.mark.parametrize("order", [(THIS_YEAR, NEXT_YEAR), (NEXT_YEAR, THIS_YEAR)])
async def test_two_periods_of_one_office_are_both_kept_whatever_their_order(
    store: Store, take: Taken, order: tuple[list[str], list[str]]
) -> None:
    await take(bundle12([user12(1), user12(2)], [*order, role12(2)]))
    both = [
        (date(2025, 9, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 6, 30)),
    ]
    assert [(one["starts_on"], one["ends_on"]) for one in await rows(store, Role)] == both
    again = await take(bundle12([user12(1), user12(2)], [*reversed(order), role12(2)]))
    assert again.difference.count == 0
    longer = role12(1, "principal", "s1", beginDate="2025-09-01", endDate="2027-01-31")
    await take(bundle12([user12(1), user12(2)], [longer, role12(2)]))
    ends = [(one["starts_on"], one["ends_on"]) for one in await rows(store, Role)]
    assert ends == [(date(2025, 9, 1), date(2027, 1, 31)), (date(2027, 1, 1), date(2026, 10, 19))]


async def test_periods_that_overlap_are_one(store: Store, take: Taken) -> None:
    overlapping = role12(1, "principal", "s1", beginDate="2026-06-01", endDate="2027-06-30")
    await take(bundle12([user12(1)], [overlapping, THIS_YEAR]))
    assert [(one["starts_on"], one["ends_on"]) for one in await rows(store, Role)] == [
        (date(2025, 9, 1), date(2027, 6, 30))
    ]


@pytest.mark.parametrize("first", [0, 1])
async def test_one_person_in_two_rows_is_one_person_at_two_schools(
    store: Store, take: Taken, first: int
) -> None:
    its = {"sourcedId": "u2-s2", "email": "PERSON2@example.org"}
    two = [user11(2, "administrator"), user11(2, "administrator", "s2", **its)]
    files = bundle11(user11(1), two[first], two[1 - first])
    report = await take(files)
    assert [(one["source_id"], one["email"]) for one in await rows(store, Person)] == [
        ("u1", "person1@example.org"),
        ("u2", "person2@example.org"),
    ]
    assert sorted((one["person_id"], one["school_id"]) for one in await rows(store, Role)) == [(2, 2), (2, 3)]
    assert "1 rows of a person who has another row: taken as one person." in report.bundle.notes
    again = await take(bundle11(user11(1), two[1 - first], two[first]))
    assert again.difference.count == 0


async def test_ended_roles_hold_nothing_and_the_preview_says_so(store: Store, take: Taken) -> None:
    users = [user12(1), user12(2), user12(3)]
    ended = [
        role12(1, "principal", beginDate="2024-08-01"),
        role12(2, "teacher", beginDate="2023-08-01", endDate="2025-06-30"),
        role12(3, "principal", beginDate="2022-08-01", endDate="2024-07-31"),
    ]
    report = await take(bundle12(users, ended), dry_run=True)
    assert (
        "2 people all of whose roles have ended: they hold nothing, and are not taken in."
        in report.bundle.notes
    )
    await take(bundle12(users, [role12(number) for number in (1, 2, 3)]))
    await take(bundle12(users, ended), allow_mass_deactivation=True)
    people = await rows(store, Person)
    assert [one["active"] for one in people] == [True, False, False]
    assert [one["person_id"] for one in await rows(store, Role)] == [people[0]["id"]]


NINE = "person9@example.org"
RENAMED = user11(1, sourcedId="new-1", givenName="Other", familyName="Name")


async def say(store: Store, policy: Policy, now: datetime, *, same: bool) -> Receipt:
    form = SameForm(actor=NINE, question=1, same=same)
    return await say_who_is_the_same(store, policy, form, via=Via.COMMAND, now=now)


@pytest.fixture
async def asked(store: Store, take: Taken) -> Store:
    """A new id with new names at an address that we know; person 9 may answer."""
    await take(bundle11(user11(1, "administrator"), user11(2), user11(9)))
    async with store.write() as session:
        session.add(Role(person_id=3, kind="communications officer", starts_on=date(2020, 1, 1)))
    report = await take(bundle11(RENAMED, user11(2, familyName="Newname"), user11(9)), actor=NINE)
    assert len(report.difference.questions) == 1
    return store


async def test_a_new_id_with_new_names_is_a_question_and_all_else_is_taken(asked: Store) -> None:
    people = await rows(asked, Person)
    assert [(one["source_id"], one["family_name"], one["active"]) for one in people] == [
        ("u1", "Sample1", True),
        ("u2", "Newname", True),
        ("u9", "Sample9", True),
    ]
    assert [one["ends_on"] for one in await rows(asked, Role) if one["source"] == "roster"] == [None]
    (question,) = await open_questions(asked)
    assert (question.here, question.in_the_roster) == ("Given1 Sample1", "Other Name")
    items = [one for one in await rows(asked, ActionItem) if one["kind"] is ItemKind.SETTLE_ROW]
    assert [(one["role"], one["state"]) for one in items] == [("communications officer", "open")]


async def test_the_same_person_keeps_everything_under_the_new_id(
    asked: Store, take: Taken, policy: Policy, now: datetime
) -> None:
    receipt = await say(asked, policy, now, same=True)
    assert "the next import of the roster goes by it" in receipt.says
    assert await open_questions(asked) == ()
    await take(bundle11(RENAMED, user11(2), user11(9)), actor=NINE)
    person = (await rows(asked, Person))[0]
    assert (person["id"], person["source_id"], person["family_name"]) == (1, "new-1", "Name")
    with pytest.raises(AlreadyDone, match="is answered: the same person"):
        await say(asked, policy, now, same=False)
    items = [one for one in await rows(asked, ActionItem) if one["kind"] is ItemKind.SETTLE_ROW]
    assert [one["state"] for one in items] == ["done"]
    await verifying.verify(asked)


async def test_somebody_else_comes_in_as_new_and_inherits_nothing(
    asked: Store, take: Taken, policy: Policy, now: datetime
) -> None:
    await say(asked, policy, now, same=False)
    await take(bundle11(RENAMED, user11(2), user11(9)), actor=NINE, allow_mass_deactivation=True)
    people = {one["source_id"]: one for one in await rows(asked, Person)}
    assert (people["u1"]["active"], people["u1"]["email"]) == (False, "former-1@steward.invalid")
    assert (people["new-1"]["active"], people["new-1"]["email"]) == (True, "person1@example.org")
    assert people["new-1"]["id"] != people["u1"]["id"]
    ends = [one["ends_on"] for one in await rows(asked, Role) if one["person_id"] == people["u1"]["id"]]
    assert ends == [date(2026, 10, 19)]
    await verifying.verify(asked)


async def test_bad_rows_are_left_out_and_their_people_stay_as_they_are(
    store: Store, take: Taken, tmp_path: Path
) -> None:
    await take(bundle11(user11(1), user11(2), user11(3)))
    bad = tmp_path / "bad.csv"
    files = bundle11(user11(1, familyName="Newname"), user11(2, email="nope"), user11(3), user11(4, "wizard"))
    with pytest.raises(BadRows):
        await take(files)
    report = await take(files, skip_bad=bad)
    assert report.left_out == 2
    people = await rows(store, Person)
    assert [(one["family_name"], one["active"]) for one in people] == [
        ("Newname", True),
        ("Sample2", True),
        ("Sample3", True),
    ]
    said = bad.read_text("utf-8-sig").splitlines()
    assert said[0] == "File,Line,Column,Value,What to mend"
    assert said[1].startswith("users.csv,3,email,nope,")


async def test_where_a_row_can_not_be_read_nobody_counts_as_gone(
    store: Store, take: Taken, tmp_path: Path
) -> None:
    await take(bundle11(*(user11(number, "administrator") for number in (1, 2, 3, 4, 5))))
    files = bundle11(*(user11(number) for number in (1, 2, 3, 4)), ["ragged"])
    report = await take(files, skip_bad=tmp_path / "bad.csv")
    assert (report.left_out, len(report.difference.gone_people)) == (1, 0)
    assert all(one["active"] for one in await rows(store, Person))


async def test_over_the_brake_there_is_a_preview(take: Taken) -> None:
    await take(bundle11(*(user11(number) for number in range(1, 11))))
    report = await take(bundle11(*(user11(number) for number in range(1, 6))), dry_run=True)
    assert "5 of 10 active people inactive" in report.over_the_brake
    assert [one.family_name for one in report.difference.gone_people] == [f"Sample{n}" for n in range(6, 11)]
    with pytest.raises(TooManyGone, match="see all that it would change with --dry-run") as refused:
        await take(bundle11(*(user11(number) for number in range(1, 6))))
    assert "Given6 Sample6" in refused.value.shown
    assert "Given6" not in str(refused.value)


async def test_one_wrong_label_does_not_empty_every_office(store: Store, take: Taken) -> None:
    """Every principal is labelled teacher in one export: nothing is taken in, and the preview says why."""

    def export(*principals: int) -> dict[str, bytes]:
        return bundle11(
            *(
                user11(n, "administrator" if n in principals else "teacher", org=org)
                for n, org in ((1, "s1"), (2, "s2"))
            ),
            *(user11(n) for n in range(3, 13)),
        )

    await take(export(1, 2))
    report = await take(export(), dry_run=True)
    assert "leave 2 of 2 offices at schools with nobody" in report.over_the_brake
    with pytest.raises(TooManyGone, match="2 of 2 offices"):
        await take(export())
    assert [one["ends_on"] for one in await rows(store, Role)] == [None, None]
    await take(export(2))  # one alone is an ordinary vacancy
    await take(export(1))  # a successor elsewhere, and another vacancy
    assert len([one for one in await rows(store, Role) if one["ends_on"] is None]) == 1


async def test_twin_schools_are_named_and_found_by_their_exact_names(store: Store, take: Taken) -> None:
    twins = ("Twin School", "TWIN\u00a0SCHOOL")
    rows_of_twins = [[f"t{n}", "", "", name, "school", "", "d1"] for n, name in enumerate(twins)]
    report = await take(bundle11(user11(1, org="t1"), orgs=[*ORGS, *rows_of_twins]))
    said = "'Twin School' and 'TWIN SCHOOL' differ in their letters' case only"
    assert any(said in one for one in report.bundle.notes)
    names = {one["name"]: one["id"] for one in await rows(store, School)}
    async with store.read() as session:
        for name in ("Twin School", "TWIN SCHOOL", "TWIN\u00a0SCHOOL"):
            assert (await school(session, name)).id == names[name.replace("\u00a0", " ")]


async def test_a_missing_column_of_addresses_is_named(
    store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    files = bundle11(user11(1))
    (tmp_path / "orgs.csv").write_bytes(files["orgs.csv"])
    (tmp_path / "users.csv").write_bytes(files["users.csv"].replace(b",email,", b",mailbox,"))
    with pytest.raises(BadFile, match="the header lacks 'email'"):
        await take_in(store, policy, now, tmp_path)


@pytest.mark.parametrize("ends", ["2026-09-01 to 2027-06-30", "2026", "soon"])
async def test_a_range_is_no_day(take: Taken, ends: str) -> None:
    with pytest.raises(BadRows, match="a date is written 2026-09-01"):
        await take(bundle12([user12(1)], [role12(1, endDate=ends)]))
