"""Who leaves or moves is named with the account that would lack somebody, before it happens (5.4)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from deployments.sample.words import RoleKind
from policy.calendar import Calendar
from policy.model import Policy
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.people import Role, School
from schemas.settings import Settings
from schemas.states import AccessState
from schemas.tables import metadata
from schemas.words import ItemState, Via
from tasks.access import lifecycle as gate
from tasks.findings.evaluation import evaluate
from tasks.people.returning import ReturnOfPersonForm, person_returns
from tasks.people.roster import RosterForm, RosterReport, import_roster
from tasks.runtime import Runtime
from tasks.store import Store
from tasks.suspension import lifecycle as suspension
from tests.factories.division import (
    a_completion,
    a_receipt,
    a_role,
    an_acceptance,
    an_access,
    an_account,
    put,
)
from tests.roster.roster_bundles import bundle11, folder, user11
from tests.support.rules import RULES

HEAD, TEACHER = user11(1, "administrator", "s1"), user11(2)
OTHERS = [user11(n) for n in range(3, 12)]
OTHER_HEAD = user11(12, "administrator", "s2")


class Lakeside:
    """A school account run by its head and a teacher."""

    def __init__(self, store: Store, policy: Policy, now: datetime, path: Path) -> None:
        self.store, self.policy, self.now, self.path = store, policy, now, path
        self.bundles = 0

    async def take(self, *users: list[str], dry_run: bool = False) -> RosterReport:
        self.bundles += 1
        path = folder(self.path / f"bundle{self.bundles}", bundle11(*users, *OTHERS, OTHER_HEAD))
        form = RosterForm(actor="person12@example.org", path=path, dry_run=dry_run)
        return await import_roster(self.store, self.policy, form, via=Via.COMMAND, now=self.now)

    async def rows(self, table: Any) -> list[Any]:
        async with self.store.read() as session:
            return list(await session.rows(select(table_of(table))))

    async def everything(self) -> dict[str, list[Any]]:
        async with self.store.read() as session:
            return {table.name: list(await session.rows(select(table))) for table in metadata.sorted_tables}

    async def gates(self) -> list[str]:
        """What the gates do about the teacher's access."""
        runtime, said = Runtime(Settings(), self.policy, self.store), list[str]()
        for case in await gate.due(runtime, self.now):
            said += await gate.move(runtime, case, self.now)
        return [one for one in said if one.startswith(("revoked", "waits again", "granted"))]

    async def sweep(self) -> list[str]:
        today = Calendar(self.policy).today(self.now)
        said: list[str] = []
        async with self.store.write() as session:
            await evaluate(session, RULES["school-administrators"], self.policy, today, self.now)
        runtime = Runtime(Settings(), self.policy, self.store)
        for case in await suspension.due(runtime, self.now):
            said += await suspension.move(runtime, case, self.now)
        return said


@pytest.fixture
async def lakeside(store: Store, policy: Policy, now: datetime, tmp_path: Path) -> Lakeside:
    made = Lakeside(store, policy, now, tmp_path)
    await made.take(HEAD, TEACHER)
    (school,) = [row.id for row in await made.rows(School) if row.source_id == "s1"]
    async with store.write() as session:
        await put(session, an_account(1, school_id=school), an_access(1, 1), an_access(1, 2))
    return made


async def test_the_preview_names_the_account_and_changes_nothing(lakeside: Lakeside) -> None:
    before = await lakeside.everything()
    report = await lakeside.take(HEAD, dry_run=True)
    assert [(one.account, one.control) for one in report.losses if one.control != "password-change"] == [
        (1, "school-administrators")
    ]
    assert await lakeside.everything() == before
    assert (await lakeside.take(HEAD, TEACHER, dry_run=True)).losses == ()


async def test_a_head_who_moves_to_another_school_is_named_too(lakeside: Lakeside) -> None:
    moved = user11(1, "administrator", "s2")
    report = await lakeside.take(moved, TEACHER, dry_run=True)
    assert [(one.account, one.control) for one in report.losses] == [(1, "school-administrators")]


async def test_when_nobody_would_be_left_it_is_said(lakeside: Lakeside) -> None:
    report = await lakeside.take(dry_run=True)
    assert {(one.account, one.control) for one in report.losses} >= {
        (1, "school-administrators"),
        (1, "nobody"),
    }
    assert "Nobody who is here has access to it." in {one.what for one in report.losses}


async def test_the_import_asks_the_school_and_the_item_ends_with_the_finding(lakeside: Lakeside) -> None:
    report = await lakeside.take(HEAD)
    assert {one.control for one in report.losses} >= {"school-administrators"}
    (finding,) = await lakeside.rows(Finding)
    assert (finding.control, finding.resolved_at) == ("school-administrators", None)
    (item,) = await lakeside.rows(ActionItem)
    assert (item.role, item.state) == ("school administrator", ItemState.OPEN)
    assert await lakeside.sweep() == [], "what is asked is asked once, and 5.4 suspends nothing"

    async with lakeside.store.write() as session:
        await put(session, an_access(1, 3))  # somebody else was found
    assert await lakeside.sweep() == ["mended in time"]
    (item,) = await lakeside.rows(ActionItem)
    assert item.state is ItemState.DONE


async def test_what_was_broken_before_is_no_news(lakeside: Lakeside) -> None:
    await lakeside.take(HEAD)
    assert (await lakeside.take(HEAD, dry_run=True)).losses == ()


async def test_a_roster_that_has_them_again_brings_back_what_the_leaving_took(lakeside: Lakeside) -> None:
    """Missing one night, back the next: the accesses pass their gates again; what was met is met."""
    async with lakeside.store.write(audited=False) as session:
        day = lakeside.now.date() - timedelta(days=3)
        await put(session, a_completion(2, day), a_receipt(2), an_acceptance(1, 2))
    await lakeside.take(HEAD, user11(2, enabledUser="false"))
    assert await lakeside.gates() == ["revoked: the person has left"]
    await lakeside.take(HEAD, TEACHER)
    assert await lakeside.gates() == ["waits again: the person is back", "granted"]
    states = {one.person_id: one.state for one in await lakeside.rows(Access)}
    assert states[2] is AccessState.GRANTED


async def test_a_return_that_somebody_notes_gives_the_office_back_too(lakeside: Lakeside) -> None:
    await lakeside.take(user11(1, "administrator", "s1", enabledUser="false"), TEACHER)
    (ended,) = [one for one in await lakeside.rows(Role) if one.person_id == 1]
    assert ended.ends_on is not None
    form = ReturnOfPersonForm(actor="person12@example.org", person="person1@example.org")
    async with lakeside.store.write(audited=False) as session:
        await put(session, a_role(12, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    await person_returns(lakeside.store, lakeside.policy, form, via=Via.COMMAND, now=lakeside.now)
    (given,) = [one for one in await lakeside.rows(Role) if one.person_id == 1]
    assert given.ends_on is None
