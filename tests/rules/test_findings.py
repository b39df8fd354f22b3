"""Findings open and resolve in the store as the rules say: once, again when it comes back, never twice."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlmodel import col

from policy.gates import course_meant
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.gates import Completion
from schemas.machinery import AuditEntry
from schemas.people import Role
from schemas.states import AccessState, AccountState
from schemas.words import SubjectKind
from tasks.findings.evaluation import AT_ONCE, RuleOutcome, evaluate, look
from tasks.store import Store, audit
from tests.factories.division import (
    Division,
    a_completion,
    a_division,
    a_person,
    a_role,
    a_school,
    an_access,
    an_account,
    put,
)
from tests.rules.oracle import ORACLES, in_scope
from tests.support.rules import RULES

TODAY = date(2026, 10, 20)
COURSE, TWO_PEOPLE = RULES["privacy-course"], RULES["school-administrators"]


def untrained(accounts: int = 1) -> Division:
    """Live school accounts of a principal and a teacher; the teacher never completed the course."""
    numbers = range(1, accounts + 1)
    return Division(
        schools=[a_school(1)],
        people=[a_person(1), a_person(2)],
        roles=[a_role(1)],
        accounts=[an_account(number) for number in numbers],
        accesses=[an_access(number, person) for number in numbers for person in (1, 2)],
        completions=[a_completion(1, TODAY)],
    )


async def store_all(store: Store, division: Division) -> None:
    async with store.write() as session:
        await put(session, *division.rows())


async def change(store: Store, statement: Any) -> None:
    async with store.write() as session:
        await session.run(statement)


async def held(
    store: Store,
    policy: Policy,
    now: datetime,
    rule: Any = COURSE,
    today: date = TODAY,
    only: list[int] | None = None,
) -> RuleOutcome:
    async with store.write() as session:
        return await evaluate(session, rule, policy, today, now, only)


async def findings(store: Store, *, is_open: bool) -> list[tuple[str, int, int, date]]:
    resolved = col(Finding.resolved_at)
    async with store.read() as session:
        rows = await session.run(
            select(Finding.control, Finding.account_id, Finding.person_id, Finding.due_on)  # type: ignore[call-overload]
            .where(resolved.is_(None) if is_open else resolved.is_not(None))
            .order_by(Finding.account_id, Finding.person_id)
        )
        return [tuple(row) for row in rows]


async def entries(store: Store) -> list[dict[str, Any]]:
    async with store.read() as session:
        rows = await session.run(
            select(table_of(AuditEntry))
            .where(col(AuditEntry.cause) != audit.UNNAMED)
            .order_by(col(AuditEntry.seq))
        )
        return [dict(row) for row in rows.mappings()]


async def test_a_violation_opens_one_finding_and_a_second_run_changes_nothing(
    store: Store, policy: Policy, now: datetime
) -> None:
    await store_all(store, untrained())
    assert await held(store, policy, now) == RuleOutcome(
        "privacy-course", held=0, violated=1, opened=1, resolved=0
    )
    assert await held(store, policy, now + timedelta(days=1)) == RuleOutcome("privacy-course", 0, 1, 0, 0)
    assert await findings(store, is_open=True) == [("privacy-course", 1, 2, TODAY)]
    audit = await entries(store)
    assert [(entry["subject_kind"], entry["control"], entry["body"]) for entry in audit] == [
        (SubjectKind.RULE, "privacy-course", {"opened": 1, "resolved": 0, "violated": 1, "held": 0})
    ]


async def test_mended_resolves_and_what_comes_back_is_a_new_finding(
    store: Store, policy: Policy, now: datetime
) -> None:
    await store_all(store, untrained())
    await held(store, policy, now)
    async with store.write() as session:
        await put(session, a_completion(2, TODAY))
    assert await held(store, policy, now + timedelta(hours=1)) == RuleOutcome("privacy-course", 1, 0, 0, 1)
    await change(store, update(Completion).where(col(Completion.person_id) == 2).values(voided_at=now))
    assert await held(store, policy, now + timedelta(hours=2)) == RuleOutcome("privacy-course", 0, 1, 1, 0)
    assert await findings(store, is_open=True) == [("privacy-course", 1, 2, TODAY)]
    assert await findings(store, is_open=False) == [("privacy-course", 1, 2, TODAY)]
    assert len(await entries(store)) == 3


async def test_it_opens_on_the_day_after_the_last_day_and_not_before(
    store: Store, policy: Policy, now: datetime
) -> None:
    division = untrained()
    division.completions += [a_completion(2, course_meant(policy).counts_from(TODAY))]
    await store_all(store, division)
    assert (await held(store, policy, now, today=TODAY)).opened == 0
    assert (await held(store, policy, now, today=TODAY + timedelta(days=1))).opened == 1
    assert await findings(store, is_open=True) == [("privacy-course", 1, 2, TODAY)]


@pytest.mark.parametrize(
    "end",
    [
        update(Account).values(state=AccountState.CLOSED),
        update(Access).where(col(Access.person_id) == 2).values(state=AccessState.SUSPENDED),
        update(Access).where(col(Access.person_id) == 2).values(state=AccessState.REVOKED),
    ],
)
async def test_a_finding_ends_when_the_rule_no_longer_speaks_of_it(
    store: Store, policy: Policy, now: datetime, end: Any
) -> None:
    await store_all(store, untrained())
    await held(store, policy, now)
    await change(store, end)
    assert (await held(store, policy, now)).resolved == 1
    assert await findings(store, is_open=True) == []


async def test_a_finding_of_a_suspended_account_waits_until_it_is_mended(
    store: Store, policy: Policy, now: datetime
) -> None:
    """Suspending an account mends nothing, and is not counted as if it had (10)."""
    await store_all(store, untrained())
    await held(store, policy, now)
    await change(store, update(Account).values(state=AccountState.SUSPENDED))
    assert await held(store, policy, now) == RuleOutcome("privacy-course", 0, 0, 0, 0)
    assert len(await findings(store, is_open=True)) == 1
    await change(store, update(Access).where(col(Access.person_id) == 2).values(state=AccessState.REVOKED))
    assert await held(store, policy, now) == RuleOutcome("privacy-course", 0, 0, 0, 1)


async def test_rules_do_not_touch_each_others_findings(store: Store, policy: Policy, now: datetime) -> None:
    await store_all(store, untrained())
    await change(store, delete(Role))
    assert (await held(store, policy, now, COURSE)).opened == 1
    assert (await held(store, policy, now, TWO_PEOPLE)).opened == 1
    assert await findings(store, is_open=True) == [
        ("school-administrators", 1, 0, TODAY),
        ("privacy-course", 1, 2, TODAY),
    ]
    async with store.write() as session:
        await put(session, a_role(1, starts_on=TODAY))
    assert await held(store, policy, now, TWO_PEOPLE) == RuleOutcome("school-administrators", 1, 0, 0, 1)
    assert await findings(store, is_open=True) == [("privacy-course", 1, 2, TODAY)]


async def test_four_runs_at_once_give_one_result(store: Store, policy: Policy, now: datetime) -> None:
    await store_all(store, untrained(accounts=5))
    outcomes = await asyncio.gather(*(held(store, policy, now) for _ in range(4)))
    assert sorted(outcome.opened for outcome in outcomes) == [0, 0, 0, 5]
    assert {(outcome.held, outcome.violated) for outcome in outcomes} == {(0, 5)}
    assert len(await findings(store, is_open=True)) == 5
    assert len(await entries(store)) == 1


async def test_narrowed_it_judges_those_accounts_alone(store: Store, policy: Policy, now: datetime) -> None:
    await store_all(store, untrained(accounts=3))
    assert await held(store, policy, now, only=[2, 2]) == RuleOutcome("privacy-course", 0, 1, 1, 0)
    assert await findings(store, is_open=True) == [("privacy-course", 2, 2, TODAY)]
    assert await held(store, policy, now) == RuleOutcome("privacy-course", 0, 3, 2, 0)
    async with store.write() as session:
        await put(session, a_completion(2, TODAY))
    assert await held(store, policy, now, only=[1, 3]) == RuleOutcome("privacy-course", 2, 0, 0, 2)
    assert await findings(store, is_open=True) == [("privacy-course", 2, 2, TODAY)]
    assert await held(store, policy, now, only=[]) == RuleOutcome("privacy-course", 0, 0, 0, 0)


async def test_more_accounts_than_one_statement_takes(store: Store, policy: Policy, now: datetime) -> None:
    await store_all(store, untrained())
    named = [number * 1000 for number in range(1, 2 * AT_ONCE)] + [1]
    assert await held(store, policy, now, only=named) == RuleOutcome("privacy-course", 0, 1, 1, 0)


async def test_an_audit_that_fails_takes_the_findings_with_it(
    store: Store, policy: Policy, now: datetime
) -> None:
    await store_all(store, untrained())
    with pytest.raises(RuntimeError, match="audited"):
        async with store.write(audited=False) as session:
            await evaluate(session, COURSE, policy, TODAY, now)
    assert await findings(store, is_open=True) == []


async def test_the_number_of_statements_does_not_grow_with_the_violators(
    store: Store, policy: Policy, now: datetime
) -> None:
    await store_all(store, untrained(accounts=40))
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(store._engine.sync_engine, "before_cursor_execute", note)
    assert (await held(store, policy, now)).opened == 40
    assert len([statement for statement in statements if "finding" in statement.lower()]) == 4, (
        "a look, a change, and what seals it"
    )
    assert len(statements) <= 16
    statements.clear()
    assert await held(store, policy, now) == RuleOutcome("privacy-course", 0, 40, 0, 0)
    assert len([statement for statement in statements if "finding" in statement.lower()]) == 1, "a look"


@pytest.mark.parametrize("seed", range(2))
async def test_through_weeks_of_changes_the_open_findings_are_what_the_oracle_says(
    store: Store, policy: Policy, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - the same division each time
    division = a_division(random, TODAY, valid_days=course_meant(policy).valid_days or 0)
    await store_all(store, division)
    before: dict[str, set[tuple[int, int]]] = {control: set() for control in RULES}
    for step in range(4):
        today = TODAY + timedelta(days=random.choice([0, 1, 2]) * step)
        now = datetime(2026, 10, 20, 9, tzinfo=UTC) + timedelta(days=step)
        for control, rule in RULES.items():
            outcome = await held(store, policy, now, rule, today)
            expected = {(one[0], one[1]) for one in ORACLES[control](division, policy, today)}
            there = {(row[1], row[2]) for row in await findings(store, is_open=True) if row[0] == control}
            # a suspended account's findings wait until they are mended, and no new ones open
            with suspended_as_live(division) as suspended:
                waiting = {(one[0], one[1]) for one in ORACLES[control](division, policy, today)}
            waiting = {one for one in waiting & before[control] if one[0] in suspended}
            assert there == expected | waiting
            before[control] = there
            assert outcome.violated == len({account for account, _ in expected})
            assert outcome.held + outcome.violated == len(in_scope(control, division, policy))
            async with store.read() as session:
                standing = await look(session, rule, policy, today)
            assert (standing.held, standing.violated) == (outcome.held, outcome.violated)
        await change_something(store, division, random, now)
    async with store.read() as session:
        doubled = await session.run(
            select(func.count())
            .select_from(Finding)
            .where(col(Finding.resolved_at).is_(None))
            .group_by(Finding.control, Finding.account_id, Finding.person_id)  # type: ignore[arg-type]
            .having(func.count() > 1)
        )
        assert doubled.all() == []


@contextmanager
def suspended_as_live(division: Division) -> Iterator[set[int]]:
    """The numbers of the suspended accounts; inside, the oracle takes them for live."""
    suspended = [one for one in division.accounts if one.state is AccountState.SUSPENDED]
    for one in suspended:
        one.state = AccountState.LIVE
    yield {one.id or 0 for one in suspended}
    for one in suspended:
        one.state = AccountState.SUSPENDED


async def change_something(store: Store, division: Division, random: Random, now: datetime) -> None:
    """One change to the store and to the rows that the oracle looks at."""
    for access in random.sample(division.accesses, min(2, len(division.accesses))):
        access.state = random.choice(list(AccessState))
        same = (col(Access.account_id) == access.account_id) & (col(Access.person_id) == access.person_id)
        await change(store, update(Access).where(same).values(state=access.state))
    for completion in random.sample(division.completions, min(1, len(division.completions))):
        completion.voided_at = None if completion.voided_at else now
        same = (col(Completion.person_id) == completion.person_id) & (
            col(Completion.completed_on) == completion.completed_on
        )
        same &= col(Completion.course) == completion.course
        await change(store, update(Completion).where(same).values(voided_at=completion.voided_at))
    for account in random.sample(division.accounts, 1):
        account.state = random.choice([AccountState.LIVE, AccountState.SUSPENDED])
        await change(store, update(Account).where(col(Account.id) == account.id).values(state=account.state))
