"""Credential rotation as a table: facts on the left, who is asked on the right (11). No database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from deployments.sample.words import Level, RoleKind
from policy.calendar import Calendar
from policy.credential_rotation import decide_rotation, learns
from policy.model import Policy
from schemas.facts import AccessFacts, RotationFacts
from schemas.outcome import Ask, RoleAt, Settle, Tell
from schemas.states import AccessState, AccountState
from schemas.words import ChannelKind, CustodyMode, ItemKind

CHANGED = datetime(2026, 9, 30, 18, tzinfo=UTC)
DUE = date(2027, 9, 30)
SHARED = CustodyMode.SHARED_PASSWORD
FACTS = RotationFacts(
    account_id=1, account_state=AccountState.LIVE, custody=SHARED, changed_at=CHANGED, lost_at=None,
    administrators=(2, 3),
)  # fmt: skip
COURSE = "focus-on-privacy"
ACCESS = AccessFacts(
    id=1, state=AccessState.WAITING, version=1, suspended_for=None, person_id=2, person_active=True,
    account_id=1, account_state=AccountState.APPROVED, level=Level.SCHOOL,
    channel=ChannelKind.SOCIAL_MEDIA, training_required=None, completions={COURSE: DUE},
    acknowledged=frozenset(), accepted=frozenset(), custody=SHARED,
)  # fmt: skip


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def keys(due: date, *people: int) -> frozenset[str]:
    return frozenset(f"account:1/rotate/{due}/person:{one}" for one in people)


@pytest.mark.parametrize("custody", list(CustodyMode))
@pytest.mark.parametrize("knows", [False, True])
def test_who_is_granted_access_knows_a_shared_password(
    policy: Policy, custody: CustodyMode, knows: bool
) -> None:
    new = learns(replace(ACCESS, custody=custody, knows_secret=knows), policy, DUE)
    told = {"knows_secret_since": DUE, "knows_secret_until": None}
    assert new == (told if custody is SHARED and not knows else {})


@pytest.mark.parametrize(
    ("changes", "days_before", "asked"),
    [
        ({}, 31, False),
        ({}, 30, True),
        ({}, 0, True),
        ({}, -34, True),
        ({"custody": CustodyMode.PERSONAL_ADMINISTRATORS}, 0, False),
        ({"custody": CustodyMode.SINGLE_SIGN_ON}, 0, False),
        *(({"account_state": one}, 0, one is AccountState.LIVE) for one in AccountState),
        ({"asked": keys(DUE, 2, 3)}, 30, False),
    ],
)
def test_when_administrators_are_asked(
    policy: Policy, changes: dict[str, object], days_before: int, asked: bool
) -> None:
    outcome = decide_rotation(
        replace(FACTS, **changes),  # type: ignore[arg-type]
        policy,
        noon(DUE - timedelta(days=days_before)),
    )
    asks = [step for step in outcome.steps if isinstance(step, Ask)]
    assert [ask.of for ask in asks] == ([2, 3] if asked else [])
    today = DUE - timedelta(days=days_before)
    by = DUE if today < DUE else Calendar(policy).add_school_days(today, 20)
    assert all((ask.kind, ask.due_on) == (ItemKind.ROTATE_CREDENTIALS, by) for ask in asks)
    told = [step for step in outcome.steps if isinstance(step, Tell)]
    assert [tell.to for tell in told] == [ask.of for ask in asks]
    for tell in told:
        assert tell.subject.kind in tell.notice.about


@pytest.mark.parametrize(
    ("lost_days_after", "due"),
    [(-1, None), (0, None), (1, 8), (70, 77), (357, 364), (358, 365)],
)
def test_a_loss_makes_it_due_earlier_and_never_later(
    policy: Policy, lost_days_after: int, due: int | None
) -> None:
    lost = replace(FACTS, lost_at=CHANGED + timedelta(days=lost_days_after))
    moment = CHANGED + timedelta(days=max(lost_days_after, 0))
    outcome = decide_rotation(lost, policy, moment)
    days = {step.due_on for step in outcome.steps if isinstance(step, Ask)}
    assert days == (set() if due is None else {CHANGED.date() + timedelta(days=due)})


@pytest.mark.parametrize("lost", [date(2026, 12, 18), date(2027, 7, 8), date(2027, 3, 24)])
@pytest.mark.parametrize("changed", [date(2022, 12, 3), date(2026, 7, 20), date(2026, 9, 30)])
def test_the_day_that_is_named_has_school_and_is_to_come(policy: Policy, changed: date, lost: date) -> None:
    calendar = Calendar(policy)
    facts = replace(FACTS, changed_at=noon(changed))
    for moment, known in ((noon(lost), noon(lost)), (noon(calendar.school_day_by(lost)), None)):
        outcome = decide_rotation(replace(facts, lost_at=known), policy, moment)
        told = [step.notice for step in outcome.steps if isinstance(step, Tell)]
        days = {step.due_on for step in outcome.steps if isinstance(step, Ask)}
        assert {getattr(notice, "due_on", None) for notice in told} == days
        for day in days:
            assert calendar.is_school_day(day)
            assert day > calendar.today(moment)


def test_an_earlier_day_takes_the_place_of_the_later_and_goes_with_its_reason(policy: Policy) -> None:
    now = noon(DUE - timedelta(days=20))
    asked = replace(FACTS, asked=keys(DUE, 2, 3))
    earlier = decide_rotation(replace(asked, lost_at=now), policy, now)
    assert earlier.steps[0] == Settle(tuple(sorted(asked.asked)), done=False)
    assert sum(isinstance(step, Ask) for step in earlier.steps) == 2
    closed = replace(asked, account_state=AccountState.CLOSED)
    assert decide_rotation(closed, policy, now).steps == (earlier.steps[0],)


def test_where_nobody_has_access_communications_is_asked(policy: Policy) -> None:
    outcome = decide_rotation(replace(FACTS, administrators=()), policy, noon(DUE))
    assert [step.of for step in outcome.steps if isinstance(step, Ask)] == [
        RoleAt(RoleKind.COMMUNICATIONS_OFFICER)
    ]


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2028, 2, 28), date(2029, 2, 27)),
        (date(2028, 2, 29), date(2029, 2, 28)),
    ],
)
def test_a_year_is_365_days_in_leap_years_too(policy: Policy, changed: date, due: date) -> None:
    facts = replace(FACTS, changed_at=noon(changed))
    outcome = decide_rotation(facts, policy, noon(due - timedelta(days=20)))
    assert {step.due_on for step in outcome.steps if isinstance(step, Ask)} == {due}
    before = noon(due - timedelta(days=34))
    assert not decide_rotation(facts, policy, before)
