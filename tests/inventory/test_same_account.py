"""Which account a row is: one account however it is written, renamed by its id, changed on confirmation."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import col

from policy.model import Policy
from schemas.accounts import Access, Account, AccountChange
from schemas.columns import table_of
from schemas.errors import BadInput, BadRows
from schemas.machinery import Notice
from schemas.people import School
from schemas.states import AccessState, AccountState
from schemas.words import Changed, CustodyMode
from tasks.files.dates import Order
from tasks.store import Store, verifying
from tests.inventory.lists import listed, rows, some_people, take_in

OURS = {"Platform": "X", "Handle": "@LakesideSchool", "Address": "https://x.com/LakesideSchool"}
SPELLINGS = (
    {"Handle": "lakesideschool"},
    {"Handle": "https://twitter.com/LakesideSchool"},
    {"Handle": "x.com/lakesideschool"},
    {"Handle": "@LakesideSchool\u200b"},
    {"Handle": "＠LakesideSchool"},  # noqa: RUF001 - full-width
    {"Handle": "@LakesideSchool."},
    {"Handle": "@LakesideSchool", "Address": "https://mobile.twitter.com/LakesideSchool?s=21"},
    {"Handle": "@LAKESIDESCHOOL", "Address": "https://fr.x.com/lakesideschool?lang=fr"},
    {"Platform": "Twitter"},
)


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_however_it_is_written_it_is_the_account_that_we_have(
    sqlite_store: Store, policy: Policy, now: datetime, spelling: dict[str, str]
) -> None:
    await some_people(sqlite_store, now, completed=(1, 2))
    await take_in(sqlite_store, policy, now, listed(OURS))
    again = await take_in(sqlite_store, policy, now, listed({**OURS, **spelling}))
    assert (again.new, again.known, again.differences) == (0, 1, ())


async def test_ten_spellings_in_one_list_are_one_account_and_are_named(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1, 2))
    done = await take_in(store, policy, now, listed(OURS, *({**OURS, **one} for one in SPELLINGS)))
    assert (done.rows, done.new) == (10, 1)
    assert len(await rows(store, Account)) == 1
    said = [note for note in done.notes if "are one account" in note]
    assert len(said) == 9
    assert "lines 2 and 4 are one account, '@LakesideSchool' and 'https://twitter.com/Lake" in said[1]


RENAMED = (
    ({"Platform id": "17841400000000001"}, "the platform's own id"),
    ({"Platform id": "", "Address": "https://www.instagram.com/lakeside.old?igsh=x"}, "its page"),
)


def old(**changes: str) -> dict[str, str]:
    return {
        "Handle": "@lakeside.old",
        "Platform id": "17841400000000001",
        "Address": "https://www.instagram.com/lakeside.old",
        **changes,
    }


@pytest.mark.parametrize(("more", "_by"), RENAMED)
async def test_a_new_handle_is_the_same_account_renamed_on_confirmation(
    store: Store, policy: Policy, now: datetime, more: dict[str, str], _by: str
) -> None:
    await some_people(store, now, completed=(1, 2))
    await take_in(store, policy, now, listed(old()))
    renamed = listed(old(**{"Handle": "@lakeside.new", **more}))
    asked = await take_in(store, policy, now, renamed)
    assert (asked.new, len(asked.differences)) == (0, 1)
    assert "handle @lakeside.old → @lakeside.new" in asked.differences[0].changes
    assert [one.handle for one in await rows(store, Account)] == ["@lakeside.old"]
    taken = await take_in(store, policy, now, renamed, take_changes=True)
    assert (taken.new, taken.taken, taken.differences[0].left) == (0, True, ())
    account = (await rows(store, Account))[0]
    assert (account.handle, account.handle_key, account.state) == ("@lakeside.new", "lakeside.new", "live")
    again = await take_in(store, policy, now, renamed, take_changes=True)
    assert (again.imported_before, again.differences) == (now, ())
    kept = await rows(store, AccountChange, col(AccountChange.what) == Changed.HANDLE)
    assert [one.before for one in kept] == ["@lakeside.old"]
    await verifying.verify(store)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            {"Handle": "@lakeside.old", "Platform id": "99", "Address": ""},
            "account 1 has this handle or page under another id",
        ),
        (
            {"Handle": "@other", "Platform id": "17841400000000001", "Address": ""},
            "this row has the platform id of account 1 and the handle of account 2",
        ),
        (
            {"Handle": "@lаkeside.old", "Address": ""},  # noqa: RUF001 - a Cyrillic letter
            "it looks like the handle of account 1 (@lakeside.old on Instagram) and is written with",
        ),
    ],
)
async def test_what_contradicts_itself_or_only_looks_the_same_is_asked(
    sqlite_store: Store, policy: Policy, now: datetime, row: dict[str, str], said: str
) -> None:
    await some_people(sqlite_store, now)
    other = {"Handle": "@other", "Platform id": "2", "Address": "https://www.instagram.com/other"}
    await take_in(sqlite_store, policy, now, listed(old(), other))
    with pytest.raises(BadRows) as refused:
        await take_in(sqlite_store, policy, now, listed(row))
    assert said in str(refused.value)
    assert len(await rows(sqlite_store, Account)) == 2


async def test_a_look_alike_is_an_account_of_its_own_when_somebody_says_so(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now)
    twins = listed({"Handle": "@lakeside"}, {"Handle": "@lаkeside"})  # noqa: RUF001 - a Cyrillic letter
    with pytest.raises(BadRows, match=r"line 3.*it looks like the handle of line 2"):
        await take_in(sqlite_store, policy, now, twins)
    done = await take_in(sqlite_store, policy, now, twins, distinct=("@lаkeside",))  # noqa: RUF001
    assert done.new == 2


DRIFT = (
    (
        {"Address": "https://www.instagram.com/moved"},
        "address",
        {"address": "https://www.instagram.com/moved"},
    ),
    ({"Custody": "personal administrators"}, "custody", {"custody": CustodyMode.PERSONAL_ADMINISTRATORS}),
    ({"Vault reference": "vault/new"}, "vault reference", {"vault_reference": "vault/new"}),
    ({"Platform id": "77"}, "platform id", {"platform_id": "77"}),
    ({"School": "Hilltop School"}, "school", {"school_id": 2}),
    ({"Custodian is administrator": "yes"}, "custodian is", {"custodian_is_administrator": True}),
)


@pytest.mark.parametrize(("row", "said", "after"), DRIFT)
async def test_what_a_later_list_says_otherwise_is_named_and_taken_on_confirmation(
    sqlite_store: Store, policy: Policy, now: datetime, row: dict[str, str], said: str, after: dict[str, Any]
) -> None:
    await some_people(sqlite_store, now, completed=(1, 2))
    async with sqlite_store.write() as session:
        hilltop = insert(table_of(School)).values(source_id="s2", name="Hilltop School")
        await session.run(hilltop)
    await take_in(sqlite_store, policy, now, listed({}))
    before = (await rows(sqlite_store, Account))[0]
    asked = await take_in(sqlite_store, policy, now, listed(row))
    assert asked.differences[0].changes[0].startswith(said)
    assert (await rows(sqlite_store, Account))[0] == before
    await take_in(sqlite_store, policy, now, listed(row), take_changes=True)
    account = (await rows(sqlite_store, Account))[0]
    assert {name: getattr(account, name) for name in after} == after


async def test_a_row_that_says_closed_closes_its_account_with_notice_and_makes_no_second(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1,))
    await take_in(store, policy, now, listed({}))
    closed = listed({"State": "closed"})
    asked = await take_in(store, policy, now, closed)
    assert (asked.new, asked.differences[0].changes) == (0, ("state live → closed",))
    done = await take_in(store, policy, now, closed, take_changes=True)
    assert done.differences[0].left[0].startswith("closed after 2026-10-27, and its people are told")
    account = (await rows(store, Account))[0]
    assert (account.state, account.closes_on) == (AccountState.LIVE, date(2026, 10, 27))
    told = await rows(store, Notice, col(Notice.kind) == "account_closes")
    assert {1, 2} <= {one.person_id for one in told}
    again = await take_in(store, policy, now, closed, take_changes=True)
    assert (again.new, again.differences) == (0, ())
    await verifying.verify(store)


async def test_a_new_administrator_waits_for_the_gates_and_a_missing_one_is_named(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1, 2))
    await take_in(store, policy, now, listed({}))
    changed = listed({"Administrators": "person1@example.org person3@example.org"})
    done = await take_in(store, policy, now, changed, take_changes=True)
    states = {one.person_id: one.state for one in await rows(store, Access)}
    assert states == {1: AccessState.GRANTED, 2: AccessState.GRANTED, 3: AccessState.WAITING}
    assert done.differences[0].left[0].startswith("person2@example.org is not in the list: `steward")


async def test_a_school_is_found_by_its_exact_name_first(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now, completed=(1, 2))
    async with store.write() as session:
        schools = [
            {"source_id": "s2", "name": "Twin School"},
            {"source_id": "s3", "name": "TWIN SCHOOL"},
            {"source_id": "s4", "name": "Made-up\u00a0Nuclear School"},
        ]
        await session.run(insert(table_of(School)), schools)
    names = ("Twin School", "TWIN SCHOOL", "made-up nuclear\u00a0school", "Made-up Nuclear School")
    await take_in(store, policy, now, listed(*({"School": one} for one in names)))
    assert [one.school_id for one in await rows(store, Account)] == [2, 3, 4, 4]
    with pytest.raises(BadRows, match="several schools are called so, 'Twin School', 'TWIN SCHOOL'"):
        await take_in(store, policy, now, listed({"School": "twin school", "Handle": "@new"}))


async def test_days_of_a_spreadsheet_are_read_or_their_order_is_asked(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now, completed=(1, 2))
    with pytest.raises(BadRows, match="day and month can't be told apart: say which comes first, --dates"):
        await take_in(sqlite_store, policy, now, listed({"Live since": "5/1/2022"}))
    await take_in(sqlite_store, policy, now, listed({"Live since": "5/1/2022"}), dates=Order.MONTH_FIRST)
    days = {"Live since": "5/1/2022", "Handle": "@b"}, {"Live since": "5/31/2022", "Handle": "@c"}
    await take_in(sqlite_store, policy, now, listed(*({**one, "Address": ""} for one in days)))
    since = [f"{one.live_since:%Y-%m-%d}" for one in await rows(sqlite_store, Account)]
    assert since == ["2022-05-01", "2022-05-01", "2022-05-31"]


@pytest.mark.parametrize("day", ["2022-05-01 to 2023-04-30", "2022-05-01/2023", "2022-05", "May 2022"])
async def test_a_range_of_days_is_not_cut_silently(
    sqlite_store: Store, policy: Policy, now: datetime, day: str
) -> None:
    await some_people(sqlite_store, now)
    with pytest.raises(BadRows, match="this is not a day in a form that Steward knows"):
        await take_in(sqlite_store, policy, now, listed({"Live since": day}))


async def test_the_good_rows_are_taken_and_the_bad_one_is_handed_back_to_be_mended(
    store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(store, now, completed=(1, 2))
    bad = tmp_path / "bad.csv"
    done = await take_in(store, policy, now, listed({}, {"Platform": "Flickr"}), skip_bad=bad)
    assert (done.rows, done.new, done.left_out) == (2, 1, 1)
    head, row = bad.read_text("utf-8-sig").splitlines()
    assert head.endswith(",What to mend")
    assert "Flickr" in row
    assert "platform: choose one of Facebook" in row
    assert oct(bad.stat().st_mode)[-3:] == "600"
    mended = bad.read_bytes().replace(b"Flickr", b"instagram")
    assert (await take_in(store, policy, now, mended, skip_bad=bad)).new == 1
    assert [one.handle for one in await rows(store, Account)] == ["@account0", "@account1"]


async def test_no_file_of_somebody_is_overwritten(
    sqlite_store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(sqlite_store, now)
    mine = tmp_path / "mine.csv"
    mine.write_text("something else\n")
    with pytest.raises(BadInput, match=r"There is a file mine\.csv already"):
        await take_in(sqlite_store, policy, now, listed({"Platform": "Flickr"}), skip_bad=mine)
    assert mine.read_text() == "something else\n"
    assert not await rows(sqlite_store, Account)
