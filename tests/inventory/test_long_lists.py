"""A long list is tried beside everybody else's work, and taken in in a few statements."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from policy.model import Policy
from schemas.accounts import Account
from schemas.errors import BadFile
from tasks.files import inventory
from tasks.files.tabular import read_table
from tasks.store import Store, verifying
from tests.inventory.lists import listed, rows, some_people, take_in


async def test_a_try_waits_for_no_writer_and_says_what_comes(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1,))
    content = listed({}, {}, {"State": "closed", "Administrators": ""})
    async with store.write():  # somebody records something for as long as it takes
        tried = await take_in(store, policy, now, content, dry_run=True)
    assert not await rows(store, Account)
    done = await take_in(store, policy, now, content)
    said = [(one.new, one.states, one.accesses, one.asked, one.begun) for one in (tried, done)]
    assert said[0] == said[1]
    assert (done.new, done.accesses, done.asked) == (3, 4, 1)


async def test_twice_as_many_accounts_take_no_more_statements(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now, completed=(1, 2))
    count: list[int] = []

    def counted(*_: Any) -> None:
        count.append(1)

    event.listen(sqlite_store._engine.sync_engine, "before_cursor_execute", counted)
    attests = {
        "Responsibility accepted on": "2026-09-01",
        "Guidelines acknowledged on": "2026-09-01",
        "Privacy attested on": "2026-09-01",
        "Notice seen on": "2026-09-01",
        "Credentials changed on": "2026-09-01",
    }
    asked = []  # statements
    for many in ("a" * 20, "b" * 40):
        count.clear()
        every = [
            {**attests, "Handle": f"@{one}{number}", "Address": f"https://pages.example.org/{one}{number}"}
            for number, one in enumerate(many)
        ]
        done = await take_in(sqlite_store, policy, now, listed(*every))
        assert done.new == len(many)
        asked.append(len(count))
    assert asked[1] <= asked[0], "the first list also makes the receipts of its people"
    await verifying.verify(sqlite_store)


async def test_a_list_that_is_too_long_is_refused_in_one_sentence(
    sqlite_store: Store, policy: Policy, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_people(sqlite_store, now)
    monkeypatch.setattr(inventory, "ACCOUNTS_LIMIT", 2)
    with pytest.raises(BadFile, match="more than 2 rows: give the file in parts"):
        await take_in(sqlite_store, policy, now, listed({}, {}, {}))


async def test_what_may_be_a_password_is_not_handed_back(
    sqlite_store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(sqlite_store, now)
    bad = tmp_path / "bad.csv"
    content = listed({"Vault reference": "Winter2026!"}, {"Purpose": "login: a, password: Winter2026!"}, {})
    done = await take_in(sqlite_store, policy, now, content, skip_bad=bad)
    assert (done.new, done.left_out) == (1, 2)
    assert "@account0" in bad.read_text()
    assert "Winter2026" not in bad.read_text()


async def test_rows_to_mend_run_nothing_and_are_read_as_they_were(
    sqlite_store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(sqlite_store, now)
    bad = tmp_path / "bad.csv"
    formula = '=HYPERLINK("http://evil.example")'
    content = listed({"Vault reference": "Winter2026!", "Purpose": formula}, {})
    await take_in(sqlite_store, policy, now, content, skip_bad=bad)
    with bad.open(encoding="utf-8-sig", newline="") as file:
        handed = list(csv.reader(file))
    assert "'" + formula in handed[1]
    assert "'@account0" in handed[1]
    table = read_table(bad, name="bad.csv", required=["handle"], known=["purpose"])
    (row,) = table.rows
    assert (row["handle"], row["purpose"]) == ("@account0", formula)
