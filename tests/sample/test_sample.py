"""The sample division: the same for the same day, something of everything, and quiet in the logs."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from deployments import sample
from deployments.sample.division import SampleDivision
from deployments.sample.words import Level, Platform, RoleKind
from policy.calendar import Calendar
from policy.controls.look import Look
from policy.model import Policy
from schemas.accounts import Access, Account, AccountRequest
from schemas.columns import table_of
from schemas.errors import NotAllowed
from schemas.gates import Completion, UnmatchedRow
from schemas.machinery import ActionItem, Notice
from schemas.people import Absence, Person, Role, School
from schemas.settings import Settings
from schemas.states import AccountState, RequestState
from schemas.words import ItemKind
from tasks.access import lifecycle as training_gate
from tasks.findings.evaluation import look
from tasks.runtime import Runtime
from tasks.store import Store, verifying

TODAY = date(2026, 10, 20)


@pytest.fixture(scope="module")
def made(policy: Policy) -> SampleDivision:
    return sample.make(sample.SEED, TODAY, policy)


async def count(store: Store, model: type[SQLModel], *conditions: object) -> int:
    async with store.read() as session:
        found = select(func.count()).select_from(table_of(model)).where(*conditions)  # type: ignore[arg-type]
        return int((await session.run(found)).scalar_one())


async def values(store: Store, column: Any) -> Counter[str]:
    async with store.read() as session:
        return Counter((await session.run(select(col(column)))).scalars().all())


def test_the_same_seed_and_day_give_the_same_files(
    policy: Policy, made: SampleDivision, tmp_path: Path
) -> None:
    sample.write(made, tmp_path / "one")
    sample.write(sample.make(sample.SEED, TODAY, policy), tmp_path / "two")
    files = [one.relative_to(tmp_path / "one") for one in (tmp_path / "one").rglob("*.csv")]
    assert len(files) == 6
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    other = sample.make(sample.SEED + 1, TODAY, policy)
    assert other.people != made.people


def test_everybody_is_made_up_and_some_names_are_awkward(made: SampleDivision) -> None:
    assert all(one.email.endswith("@example.org") for one in made.people)
    names = Counter((one.given, one.family) for one in made.people)
    assert names.most_common(1)[0][1] > 1
    everybody = "".join(one.given + one.family for one in made.people)
    assert "'" in everybody
    assert not everybody.isascii()
    assert len({one.email for one in made.people}) == len(made.people)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_work_as_well(policy: Policy, seed: int) -> None:
    made = sample.make(seed, TODAY + timedelta(days=100 * seed), policy)
    assert len(made.accounts) >= 150


async def test_it_loads_with_something_of_everything(store: Store, policy: Policy, now: datetime) -> None:
    await sample.load(store, policy, now)
    assert await count(store, School, ~col(School.is_division)) == 24
    assert await count(store, Person) == 424
    assert await count(store, Account) >= 150
    assert 320 <= await count(store, Completion) <= 340
    assert await count(store, Absence) == 1
    assert await count(store, UnmatchedRow) == 3
    assert await count(store, Role, col(Role.kind) == RoleKind.COMMUNICATIONS_OFFICER) == 2
    states = await values(store, Account.state)
    assert set(states) == {one for one in AccountState if one is not AccountState.WITHDRAWN}
    assert set(await values(store, Account.platform)) == set(Platform)
    assert set(await values(store, Account.level)) == {one for one in Level if one != Level.PERSONAL}
    requests = set(await values(store, AccountRequest.state))
    assert requests == {one for one in RequestState if one is not RequestState.ABANDONED}
    await verifying.verify(store)


@pytest.mark.parametrize("monitored", [False, True])
async def test_a_few_violate_each_rule_and_nobody_is_cut_off_on_the_first_day(
    sqlite_store: Store, policy: Policy, now: datetime, monitored: bool
) -> None:
    if monitored:  # some weeks after daily monitoring has begun (9)
        now += policy.the(Look).begins_on + timedelta(days=30) - now.date()
    await sample.load(sqlite_store, policy, now)
    today = Calendar(policy).today(now)
    async with sqlite_store.read() as session:
        for rule in policy.rules():
            standing = await look(session, rule, policy, today)
            share = standing.violated / max(standing.violated + standing.held, 1)
            few = {"division-administrators", "classroom-privacy-course", "corrections"}
            if rule.name in few or (
                rule.name == "daily-look" and not monitored
            ):  # one of nine division-wide accounts would be more than a few
                assert standing.violated == 0
            else:
                assert 0.01 <= share <= 0.05, rule.name
    assert await count(sqlite_store, ActionItem, col(ActionItem.kind) == ItemKind.COMPLETE_COURSE) == 4
    before = await values(sqlite_store, Access.state)
    runtime = Runtime(Settings(), policy, sqlite_store)
    for case in await training_gate.due(runtime, now):
        said = await training_gate.move(runtime, case, now)
        assert not [one for one in said if one.startswith(("suspended", "revoked"))]
    after = await values(sqlite_store, Access.state)
    assert after["suspended"] == before["suspended"] == 0
    assert after["granted"] >= before["granted"]
    assert await count(sqlite_store, Notice, col(Notice.kind) == "access_suspended") == 0


async def test_no_name_and_no_address_reaches_the_log(
    sqlite_url: str, policy: Policy, now: datetime, capfd: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(sqlite_url, echo=True)  # the engine's own log too
    with structlog.testing.capture_logs() as logged:
        made = await sample.load(store, policy, now)
        with pytest.raises(NotAllowed) as refused:  # only an empty store takes it
            await sample.load(store, policy, now)
    await store.close()
    out, err = capfd.readouterr()
    everything = out + err + repr(logged) + str(refused.value)
    assert "INSERT INTO person" in everything  # the engine did log
    for one in made.people:
        assert one.email not in everything
        assert f"{one.given} {one.family}" not in everything
    assert "guest@example.net" not in everything
