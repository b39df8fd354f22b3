"""Accesses that are alike in what a decision looks at are decided once: as each would be by itself."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.sample.words import Level
from policy.model import Policy
from schemas.facts import AccessFacts
from schemas.states import AccessState, AccountState
from schemas.words import AccessEnd, ChannelKind
from tasks.access.tonight import LOOKED_AT, ONLY_NAMES, Happens, decided, happens

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
    known: dict[object, Happens] = {}
    found = [happens(each, known, policy, policy.calendar, NOW) for each in (one, other)]
    assert found == [decided(each, policy, policy.calendar, NOW) for each in (one, other)]
    assert len(known) == 1


def test_each_fact_of_an_access_is_looked_at_or_only_names_something() -> None:
    by_themselves = {"asked", "account_asked", "completions"}
    assert {one.name for one in fields(AccessFacts)} == {*LOOKED_AT, *ONLY_NAMES, *by_themselves}
