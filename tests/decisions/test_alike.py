"""Accesses that are alike in what a decision looks at are decided once: as each would be by itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.sample.words import Level
from policy import credential_rotation, list_review
from policy.credential_rotation import decide_rotation
from policy.list_review import decide_review
from policy.model import Policy
from schemas.facts import AccessFacts, Asked, ListReviewFacts, RotationFacts
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, ChannelKind, CustodyMode, SubjectKind
from tasks.access.facts import NAMES, Read, _accesses
from tasks.access.tonight import decided

NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
TODAY = date(2026, 10, 20)
COURSE = "focus-on-privacy"
TEXTS = frozenset({("Social Media Guidelines", "2026-1"), ("Website Guidelines", "2026-1")})
ACCEPTED = frozenset({("personal responsibility", "2026-1")})

FACTS = st.builds(
    AccessFacts,
    id=st.just(1),
    state=st.sampled_from(AccessState),
    version=st.just(1),
    suspended_for=st.sampled_from([None, "privacy-course", "guidelines"]),
    person_id=st.just(2),
    person_active=st.sampled_from([True, True, True, False]),
    account_id=st.just(3),
    account_state=st.sampled_from([AccountState.LIVE, AccountState.PREPARING, AccountState.SUSPENDED]),
    level=st.sampled_from([Level.SCHOOL, Level.CLASSROOM]),
    channel=st.sampled_from(ChannelKind),
    training_required=st.sampled_from([None, True, False]),
    completions=st.sampled_from([{}, *({COURSE: TODAY - timedelta(days=days)} for days in (1, 350, 500))]),
    acknowledged=st.sampled_from([frozenset(), TEXTS]),
    accepted=st.sampled_from([frozenset(), ACCEPTED]),
    voided=st.sampled_from([frozenset(), frozenset({COURSE})]),
    sent=st.sampled_from([frozenset(), TEXTS | ACCEPTED]),
    nobody_else=st.booleans(),
    beside=st.just((4,)),
    ends_on=st.sampled_from([None, TODAY - timedelta(days=1), TODAY + timedelta(days=9)]),
    ends_for=st.sampled_from([None, AccessEnd.LEFT]),
    proposed_by_id=st.sampled_from([None, 5]),
)


@settings(max_examples=400)
@given(one=FACTS, proposed_by=st.integers(6, 9), beside=st.sampled_from([(), (8,), (8, 9)]))
def test_whoever_it_is_about_what_happens_is_the_same(
    policy: Policy, one: AccessFacts, proposed_by: int, beside: tuple[int, ...]
) -> None:
    other = replace(
        one,
        id=11,
        version=4,
        person_id=12,
        account_id=13,
        school_id=14,
        beside=beside,
        proposed_by_id=one.proposed_by_id and proposed_by,
    )
    found = [decided(each, policy, NOW) for each in (one, other)]
    assert found[0] == found[1]


def a_row(policy: Policy, **different: Any) -> tuple[Any, ...]:
    """A row of an access as it is read, with made-up values; those of `different` are others."""
    return tuple(different.get(one.name, f"some {one.name}") for one in _accesses(policy).selected_columns)


def what_was_read(**different: Any) -> Read:
    """What was read of access 1, of person 2 to account 3, and of 11, of 12 to 13. They are alike."""
    sent = [("Website Guidelines", "2026-1", True)]
    parts: dict[str, Any] = {
        "receipts": {2: sent, 12: sent},
        "accepted": {(2, 3): sent, (12, 13): sent},
        "completed": {2: [(COURSE, False, TODAY)], 12: [(COURSE, False, TODAY)]},
        "asked": {},
        "granted": {3: [2], 13: [12, 14]},
    }
    return Read(rows=(), **parts | different)


ONE = {"id": 1, "person_id": 2, "account_id": 3}
OTHER = {"id": 11, "person_id": 12, "account_id": 13}


def test_accesses_that_differ_in_names_alone_are_alike(policy: Policy) -> None:
    read = what_was_read()
    names = {"version": 8, "school_id": 9, "proposed_by_id": 10}
    assert read.alike(a_row(policy, **ONE)) == read.alike(a_row(policy, **OTHER, **names))


def test_whatever_else_is_read_of_an_access_keeps_two_apart(policy: Policy) -> None:
    read, one = what_was_read(), a_row(policy, **ONE)
    columns = [column.name for column in _accesses(policy).selected_columns]
    assert tuple(columns[: len(NAMES)]) == NAMES
    for column in columns[len(NAMES) :]:
        assert read.alike(one) != read.alike(a_row(policy, **OTHER, **{column: "another"})), column
    parts: dict[str, dict[Any, Any]] = {
        "receipts": {12: [("Website Guidelines", "2026-1", False)]},
        "accepted": {(12, 13): []},
        "completed": {12: [(COURSE, True, TODAY)]},
    }
    for name, different in parts.items():
        read = what_was_read(**{name: getattr(what_was_read(), name) | different})
        assert read.alike(one) != read.alike(a_row(policy, **OTHER)), name


@pytest.mark.parametrize(("kind", "number"), [("PERSON", 12), ("ACCOUNT", 13), ("ACCESS", 11)])
def test_whoever_is_asked_for_something_is_decided_by_themselves(
    policy: Policy, kind: str, number: int
) -> None:
    read = what_was_read(asked={(SubjectKind[kind], number): {"a key": Asked(TODAY, None)}})
    assert read.alike(a_row(policy, **OTHER)) is None
    assert read.alike(a_row(policy, **ONE)) is not None


MOMENTS = st.sampled_from(
    [NOW - timedelta(days=days, hours=hours) for days in (1, 9, 340, 400) for hours in (0, 7)]
)
PEOPLE = st.sampled_from([(), (2,), (2, 3)])


@settings(max_examples=300)
@given(data=st.data(), now=st.sampled_from([NOW, NOW + timedelta(days=4)]))
def test_accounts_that_are_alike_are_all_asked_to_change_the_password_or_none(
    policy: Policy, data: st.DataObject, now: datetime
) -> None:
    facts = st.builds(
        RotationFacts,
        account_id=st.integers(1, 9),
        account_state=st.sampled_from([AccountState.LIVE, AccountState.SUSPENDED]),
        custody=st.sampled_from(CustodyMode),
        changed_at=MOMENTS,
        lost_at=st.none() | MOMENTS,
        administrators=PEOPLE,
        asked=st.sampled_from([frozenset[str](), frozenset({"account:1/rotate/2026-10-20/office"})]),
    )
    one, other = data.draw(facts), data.draw(facts)
    calendar = policy.calendar
    keys = [credential_rotation.alike(each, calendar) for each in (one, other)]
    assert [key is None for key in keys] == [bool(each.asked) for each in (one, other)]
    if keys[0] is not None and keys[0] == keys[1]:
        found = [bool(decide_rotation(each, policy, now)) for each in (one, other)]
        assert found[0] == found[1]


@settings(max_examples=300)
@given(data=st.data(), now=st.sampled_from([NOW, NOW + timedelta(days=4)]))
def test_accounts_that_are_alike_are_all_asked_to_review_their_lists_or_none(
    policy: Policy, data: st.DataObject, now: datetime
) -> None:
    facts = st.builds(
        ListReviewFacts,
        account_id=st.integers(1, 9),
        account_state=st.sampled_from([AccountState.LIVE, AccountState.SUSPENDED]),
        custody=st.sampled_from(CustodyMode),
        reviewed_at=MOMENTS,
        administrators=PEOPLE,
        asked=st.sampled_from([frozenset[str](), frozenset({"account:1/review/2026-10-20/office"})]),
    )
    one, other = data.draw(facts), data.draw(facts)
    calendar = policy.calendar
    keys = [list_review.alike(each, calendar) for each in (one, other)]
    assert [key is None for key in keys] == [bool(each.asked) for each in (one, other)]
    if keys[0] is not None and keys[0] == keys[1]:
        found = [bool(decide_review(each, policy, now)) for each in (one, other)]
        assert found[0] == found[1]
