"""Each standing rule against its oracle, on both databases, over divisions full of edge cases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployments.sample.words import Level
from policy.controls import COLUMNS
from policy.controls.training_before_access import Required
from policy.gates import course_meant
from policy.model import Policy
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.words import PersonKind
from tasks.findings.evaluation import look
from tasks.store import Store
from tasks.store.session import Session
from tests.factories.division import (
    Division,
    a_completion,
    a_division,
    a_person,
    a_role,
    an_access,
    an_account,
    put,
)
from tests.rules.one_account import TODAY, a_school_account, fresh
from tests.rules.oracle import ORACLES, in_scope
from tests.support.rules import RULES

DAYS = st.sampled_from(
    [
        date(2026, 10, 20),
        date(2026, 11, 1),  # where clocks used to change
        date(2027, 3, 1),
        date(2028, 2, 29),
        date(2029, 2, 28),  # a year after the leap day, less one
        date(2029, 3, 1),
        date(2027, 1, 1),
    ]
)
GENERATED = settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Undo(Exception):
    """Ends a transaction without keeping it."""


@asynccontextmanager
async def undone(store: Store) -> AsyncIterator[Session]:
    """A writer's session of which nothing is kept."""
    with suppress(Undo):
        async with store.write() as session:
            yield session
            raise Undo


async def violators(
    session: Session, control: str, policy: Policy, today: date, only: list[int] | None = None
) -> list[tuple[int, int, date]]:
    rows = await session.rows(policy.rule(control).violators(policy, today, only))
    assert all(row.detail for row in rows)
    return [(row.account_id, row.person_id, row.due_on) for row in rows]


def test_every_rule_has_an_oracle_and_every_oracle_a_rule() -> None:
    assert set(RULES) == set(ORACLES)


@pytest.mark.parametrize("control", RULES)
def test_every_rule_gives_the_columns_of_a_finding_over_the_accounts_themselves(
    control: str, policy: Policy, now: datetime
) -> None:
    select = RULES[control].violators(policy, now.date())
    assert tuple(column.name for column in select.selected_columns) == COLUMNS
    assert table_of(Account) in select.columns_clause_froms


@given(seed=st.integers(0, 1_000_000), today=DAYS, required=st.booleans())
@GENERATED
async def test_each_rule_finds_what_its_oracle_finds(
    store: Store, policy: Policy, seed: int, today: date, required: bool
) -> None:
    policy = policy.changed(
        "classroom-privacy-course", required=Required.UNLESS_WAIVED if required else Required.WHEN_ASKED
    )
    random = Random(seed)  # noqa: S311 - the same division each time
    division = a_division(random, today, valid_days=course_meant(policy).valid_days or 0)
    accounts = [account.id or 0 for account in division.accounts]
    async with undone(store) as session:
        await put(session, *division.rows())
        for rule in policy.rules():
            control = rule.name
            expected = ORACLES[control](division, policy, today)
            found = await violators(session, control, policy, today)
            assert len(found) == len(set(found)), control
            assert (control, set(found)) == (control, expected)

            some = accounts[::2]
            narrowed = await violators(session, control, policy, today, some)
            assert (control, sorted(narrowed)) == (control, sorted(row for row in found if row[0] in some))

            standing = await look(session, rule, policy, today)
            assert standing.violated == len({account for account, *_ in expected}), control
            assert standing.held + standing.violated == len(in_scope(control, division, policy)), control


async def found_in(store: Store, division: Division, control: str, policy: Policy, today: date) -> list[str]:
    """What is said of the violations, in order of the people."""
    async with store.write() as session:
        await put(session, *division.rows())
        rows = await session.rows(policy.rule(control).violators(policy, today))
    return [row.detail for row in sorted(rows, key=lambda row: row.person_id)]


async def test_an_account_with_all_it_needs_is_found_by_no_rule(store: Store, policy: Policy) -> None:
    division = a_school_account(TODAY)
    async with store.write() as session:
        await put(session, *division.rows())
        for control in RULES:
            assert await violators(session, control, policy, TODAY) == []


async def test_the_course_counts_the_last_day_and_not_the_day_after(store: Store, policy: Policy) -> None:
    division = a_school_account(TODAY)
    division.completions = [a_completion(1, date(2025, 10, 20)), a_completion(2, date(2025, 10, 19))]
    async with store.write() as session:
        await put(session, *division.rows())
        assert await violators(session, "privacy-course", policy, TODAY) == [(1, 2, date(2026, 10, 19))]


async def test_the_course_after_a_leap_day_counts_365_days_and_not_a_year(
    store: Store, policy: Policy
) -> None:
    division = a_school_account(TODAY)
    division.completions = [a_completion(1, date(2028, 2, 28)), a_completion(2, date(2028, 2, 29))]
    async with store.write() as session:
        await put(session, *division.rows())
        assert await violators(session, "privacy-course", policy, date(2029, 2, 27)) == []
        assert await violators(session, "privacy-course", policy, date(2029, 2, 28)) == [
            (1, 1, date(2029, 2, 27))
        ]


async def test_the_course_says_whether_it_lapsed_or_was_never_there(store: Store, policy: Policy) -> None:
    division = a_school_account(TODAY)
    division.completions = [
        a_completion(1, date(2025, 1, 1)),
        a_completion(2, TODAY, voided_at=datetime.fromisoformat("2026-10-01T12:00:00+00:00")),
    ]
    assert await found_in(store, division, "privacy-course", policy, TODAY) == [
        "Has access and a completion of the course that has lapsed.",
        "Has access and no completion of the course.",
    ]


@pytest.mark.parametrize(
    ("word", "by_policy", "is_found"),
    [
        (None, False, False),
        (None, True, True),
        (True, False, True),
        (False, True, False),
    ],
)
async def test_the_course_asks_classroom_accounts_as_the_policy_or_the_approver_says(
    store: Store, policy: Policy, *, word: bool | None, by_policy: bool, is_found: bool
) -> None:
    policy = policy.changed(
        "classroom-privacy-course", required=Required.UNLESS_WAIVED if by_policy else Required.WHEN_ASKED
    )
    division = a_school_account(TODAY)
    division.accounts = [an_account(1, level=Level.CLASSROOM, training_required=word)]
    division.completions = []
    assert bool(await found_in(store, division, "classroom-privacy-course", policy, TODAY)) is is_found


async def test_the_course_lets_no_school_account_off(store: Store, policy: Policy) -> None:
    division = a_school_account(TODAY)
    division.accounts = [an_account(1, training_required=False)]
    division.completions = []
    assert len(await found_in(store, division, "privacy-course", policy, TODAY)) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"roles": [a_role(1, ends_on=date(2026, 10, 19))]},
            "No school administrator administers it.",
        ),
        ({"roles": [a_role(1, school=2)]}, "No school administrator administers it."),
        (
            {"roles": [a_role(1, starts_on=date(2026, 10, 21))]},
            "No school administrator administers it.",
        ),
        (
            {"people": [a_person(1), a_person(2, active=False)]},
            "Too few members of the staff administer it.",
        ),
        (
            {"people": [a_person(1), a_person(2, kind=PersonKind.STUDENT)]},
            "Too few members of the staff administer it.",
        ),
        ({"accesses": []}, "Nobody of the staff administers it."),
        (
            {"people": [a_person(1, active=False), a_person(2)]},
            "No school administrator administers it.",
        ),
    ],
)
async def test_two_people_says_who_is_missing(
    store: Store, policy: Policy, change: dict[str, list[object]], said: str
) -> None:
    division = Division(**{**vars(a_school_account(TODAY)), **fresh(change)})
    assert await found_in(store, division, "school-administrators", policy, TODAY) == [said]


@pytest.mark.parametrize(
    "roles",
    [
        [a_role(1, ends_on=date(2026, 10, 20))],  # the last day counts
        [a_role(1, starts_on=date(2026, 10, 20))],  # so does the first
        [a_role(1), a_role(1)],  # the same office twice is one person
        [a_role(1), a_role(2)],  # a second principal is somebody else
        [a_role(1, school=2), a_role(1)],  # principal of two schools
    ],
)
async def test_two_people_holds(store: Store, policy: Policy, roles: list[object]) -> None:
    division = Division(**{**vars(a_school_account(TODAY)), **fresh({"roles": roles})})
    assert await found_in(store, division, "school-administrators", policy, TODAY) == []


async def test_two_people_counts_who_holds_the_office_even_when_not_listed_as_staff(
    store: Store, policy: Policy
) -> None:
    division = a_school_account(TODAY)
    division.people = [a_person(1, kind=PersonKind.CONTRACTOR), a_person(2)]
    assert await found_in(store, division, "school-administrators", policy, TODAY) == []


async def test_two_people_does_not_count_one_person_with_the_office_twice_as_two(
    store: Store, policy: Policy
) -> None:
    division = a_school_account(TODAY)
    division.roles = [a_role(1), a_role(1, starts_on=date(2024, 1, 1))]
    division.accesses = [an_access(1, 1)]
    assert len(await found_in(store, division, "school-administrators", policy, TODAY)) == 1
