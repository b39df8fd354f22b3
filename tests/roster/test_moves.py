"""A school that is gone, and an administrator who moved: somebody is asked, nothing is taken."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotNow
from schemas.machinery import ActionItem, Notice
from schemas.people import Absence, School
from schemas.receipt import Receipt
from schemas.settings import Settings
from schemas.states import AccessState
from schemas.words import CustodyMode, ItemKind, ItemState, Via
from tasks.acts.table import ACTS
from tasks.credentials.lifecycle import LIFECYCLE as CREDENTIALS
from tasks.people.roster import RosterForm, import_roster
from tasks.runtime import Runtime
from tasks.store import Store
from tests.factories.division import a_role, an_access, an_account, put
from tests.roster.roster_bundles import ORGS, bundle11, folder, user11

HEAD, TEACHER = user11(1, "administrator", "s1"), user11(2)
MERGED = [user11(1, "administrator", "s2"), user11(2, org="s2")]
OTHER_HEAD = user11(12, "administrator", "s2")
OTHERS = [user11(number, org="s2") for number in range(3, 12)]
CO = "person3@example.org"
WHY = "The schools are one now."


class Lakeside:
    """Two schools; an account of the first, run by its head and a teacher. Person 3 is Communications."""

    def __init__(self, store: Store, policy: Policy, now: datetime, path: Path) -> None:
        self.store, self.policy, self.now, self.path = store, policy, now, path
        self.bundles = 0

    async def take(self, *users: list[str], schools: tuple[str, ...] = ("s1", "s2")) -> None:
        self.bundles += 1
        orgs = [row for row in ORGS if row[0] not in {"s1", "s2"} - set(schools)]
        bundle = bundle11(*users, *OTHERS, OTHER_HEAD, orgs=orgs)
        path = folder(self.path / f"bundle{self.bundles}", bundle)
        form = RosterForm(actor=CO, path=path, allow_mass_deactivation=True)
        await import_roster(self.store, self.policy, form, via=Via.COMMAND, now=self.now)

    async def acts(self, name: str, actor: str = CO, **values: Any) -> Receipt:
        act = ACTS[name].load()
        form = act.form.model_validate({"actor": actor, **values})
        done: Receipt = await act(self.store, self.policy, form, via=Via.COMMAND, now=self.now)
        return done

    async def rows(self, table: Any) -> list[Any]:
        async with self.store.read() as session:
            return list(await session.rows(select(table_of(table))))

    async def asked(self) -> list[tuple[str | None, ItemState]]:
        return [
            (one.role, one.state) for one in await self.rows(ActionItem) if one.kind is ItemKind.SETTLE_MOVE
        ]

    async def told(self, kind: str) -> list[int]:
        return sorted(one.person_id for one in await self.rows(Notice) if one.kind == kind)

    async def school_of_account(self) -> int:
        (account,) = await self.rows(Account)
        return int(account.school_id)

    async def night(self) -> list[str]:
        """What is asked about passwords."""
        runtime, said = Runtime(Settings(), self.policy, self.store), list[str]()
        for stage in CREDENTIALS.stages:
            for case in await stage.due(runtime, self.now):
                said += await stage.move(runtime, case, self.now)
        return said

    async def number(self, source_id: str) -> int:
        return next(int(one.id) for one in await self.rows(School) if one.source_id == source_id)


@pytest.fixture
async def lakeside(store: Store, policy: Policy, now: datetime, tmp_path: Path) -> Lakeside:
    made = Lakeside(store, policy, now, tmp_path)
    await made.take(HEAD, TEACHER)
    async with store.write() as session:
        account = an_account(1, school_id=await made.number("s1"))
        officer = a_role(3, "communications officer", school=None)  # type: ignore[arg-type]
        await put(session, account, an_access(1, 1), an_access(1, 2), officer)
    return made


OPEN, DONE, DROPPED = ItemState.OPEN, ItemState.DONE, ItemState.DROPPED
OFFICER, PRINCIPAL = "communications officer", "school administrator"


async def test_communications_is_asked_for_each_account_of_a_school_that_is_gone(lakeside: Lakeside) -> None:
    await lakeside.take(*MERGED, schools=("s2",))
    assert await lakeside.asked() == [(OFFICER, OPEN)], "one thing is asked, of one office"
    assert await lakeside.told("school_gone") == [3]
    assert {one.state for one in await lakeside.rows(Access)} == {AccessState.GRANTED}
    await lakeside.take(*MERGED, schools=("s2",))
    assert await lakeside.asked() == [(OFFICER, OPEN)], "and asked once"
    await lakeside.acts("move-an-account", account=1, school=str(await lakeside.number("s2")), reason=WHY)
    assert await lakeside.asked() == [(OFFICER, DONE)]


@pytest.mark.parametrize("how", ["close-an-account", "hand-an-account-over"])
async def test_it_is_closed_or_handed_over_instead(lakeside: Lakeside, how: str) -> None:
    await lakeside.take(*MERGED, schools=("s2",))
    new: dict[str, Any] = {
        "administrators": ["person4@example.org"],
        "school": str(await lakeside.number("s2")),
    }
    await lakeside.acts(how, account=1, reason=WHY, **(new if how == "hand-an-account-over" else {}))
    assert await lakeside.asked() == [(OFFICER, DONE)]


async def test_a_school_that_is_back_drops_what_was_asked(lakeside: Lakeside) -> None:
    await lakeside.take(*MERGED, schools=("s2",))
    await lakeside.take(HEAD, TEACHER)
    assert await lakeside.asked() == [(OFFICER, DROPPED)]


async def test_schools_are_merged_in_one_act(lakeside: Lakeside) -> None:
    one, two = await lakeside.number("s1"), await lakeside.number("s2")
    with pytest.raises(BadInput, match="--into"):
        await lakeside.acts("merge-schools", school=str(one), into=str(one), reason=WHY)
    await lakeside.acts("merge-schools", school=str(one), into=str(two), reason=WHY)
    assert await lakeside.school_of_account() == two
    assert set(await lakeside.told("account_changed")) == {1, 2, 12}
    assert {row.source_id: row.active for row in await lakeside.rows(School)}["s1"] is False


async def test_a_school_is_closed_and_opened_again(lakeside: Lakeside) -> None:
    one = str(await lakeside.number("s1"))
    await lakeside.acts("close-a-school", school=one)
    assert await lakeside.asked() == [(OFFICER, OPEN)]
    await lakeside.acts("open-a-school-again", school=one)
    assert await lakeside.asked() == [(OFFICER, DROPPED)]
    with pytest.raises(NotNow):
        await lakeside.acts("open-a-school-again", school=one)


@pytest.mark.parametrize("answer", ["keep-an-administrator", "remove-an-administrator"])
async def test_both_schools_hear_of_a_mover_and_the_former_one_decides(
    lakeside: Lakeside, answer: str
) -> None:
    await lakeside.take(HEAD, user11(2, org="s2"))
    assert await lakeside.asked() == [(PRINCIPAL, OPEN)]
    assert await lakeside.told("administrator_moved") == [1, 2, 3, 12]
    assert {one.state for one in await lakeside.rows(Access)} == {AccessState.GRANTED}
    await lakeside.acts(
        answer, "person1@example.org", account=1, person="person2@example.org", reason="We agreed so."
    )
    assert await lakeside.asked() == [(PRINCIPAL, DONE)]
    ends = [one.ends_on for one in await lakeside.rows(Access) if one.person_id == 2]
    assert (ends == [None]) is (answer == "keep-an-administrator")


async def test_what_a_mover_knows_is_changed_once_the_former_school_takes_them_off(
    lakeside: Lakeside,
) -> None:
    """While they move they keep it all; then the access ends, and whoever stays changes the password (11)."""
    knows = {"knows_secret_since": lakeside.now.date()}
    async with lakeside.store.write() as session:
        await session.run(update(table_of(Access)).values(**knows))
        shared = {"custody": CustodyMode.SHARED_PASSWORD, "live_since": lakeside.now}
        await session.run(update(table_of(Account)).values(**shared))
    lakeside.now += timedelta(days=10)
    await lakeside.take(HEAD, user11(2, org="s2"))
    assert await lakeside.night() == []
    away = {
        "account": 1,
        "person": "person2@example.org",
        "reason": "They are at the other school.",
        "at_once": True,
    }
    await lakeside.acts("remove-an-administrator", "person1@example.org", **away)
    assert await lakeside.told("access_revoked") == [2, 3]
    assert await lakeside.night() == ["asked to change the password"]
    assert await lakeside.told("rotation_due") == [1]
    await lakeside.acts("record-a-new-password", "person1@example.org", account=1, evidence="vault/sample")
    assert await lakeside.told("rotated") == [3]
    until = {one.person_id: one.knows_secret_until is not None for one in await lakeside.rows(Access)}
    assert until == {1: False, 2: True}
    assert await lakeside.night() == []


async def test_who_moves_without_an_account_is_no_news(lakeside: Lakeside) -> None:
    await lakeside.take(HEAD, TEACHER, user11(13))
    await lakeside.take(HEAD, TEACHER, user11(13, org="s2"))
    assert await lakeside.asked() == []


async def test_those_who_can_name_another_hear_that_a_deputy_left(lakeside: Lakeside) -> None:
    today = lakeside.now.date()
    async with lakeside.store.write(audited=False) as session:
        await put(session, Absence(person_id=1, deputy_id=2, starts_on=today, ends_on=today + timedelta(9)))
    await lakeside.take(HEAD, user11(2, enabledUser="false"))
    assert set(await lakeside.told("deputy_left")) == {1, 3}
    told = len(await lakeside.told("deputy_left"))
    await lakeside.take(HEAD, user11(2, enabledUser="false"))
    assert len(await lakeside.told("deputy_left")) == told, "once"
