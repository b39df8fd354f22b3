"""The decisions as tables: facts on the left, what follows on the right. No database."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.sample.words import Guideline, Level, Platform, ProvidedTool
from policy.account_creation import decide_account, withdraw_account
from policy.account_request import decide_request, enough_administrators, lacks, on_decision
from policy.authority import barred, may_decide
from policy.controls.administrators import Administrators
from policy.custody import custody_lacks
from policy.model import Policy
from policy.training_gate import decide_access
from schemas.errors import NotAllowed
from schemas.facts import AccessFacts, AccountFacts, Administrator, Asked, Authority, Candidate, RequestFacts
from schemas.outcome import Ask, Emit, Move, Outcome, Tell
from schemas.states import TRANSITIONS, AccessState, AccountState, RequestState
from schemas.words import ChannelKind, CustodyMode, ItemKind, PageVerdict, PersonKind, Verdict
from tests.support.changed_policies import known_for_long

NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
TODAY = date(2026, 10, 20)
OFFICIAL = [Level.DIVISION, Level.SCHOOL, Level.CLASSROOM]


def who(
    number: int, *, office: bool = False, kind: PersonKind = PersonKind.STAFF, active: bool = True
) -> Candidate:
    return Candidate(number, active, kind, office)


HEAD, TEACHER, LEFT = who(1, office=True), who(2), who(3, active=False)
VOLUNTEER = who(4, kind=PersonKind.VOLUNTEER)

REQUEST = RequestFacts(
    id=1, state=RequestState.SUBMITTED, version=1, revision=1, state_since=NOW, requester_id=2,
    level=Level.SCHOOL, channel=ChannelKind.SOCIAL_MEDIA, platform=Platform.INSTAGRAM, handle="@lakeside",
    handle_taken=False, school_id=1, purpose="News of the school for families.", audience="Families.",
    tools_considered=(ProvidedTool.WEBSITE,), why_not="Families rarely look at the website.",
    administrators=(HEAD, TEACHER), custody=CustodyMode.SHARED_PASSWORD,
)  # fmt: skip
COURSE = "focus-on-privacy"
ACCESS = AccessFacts(
    id=1, state=AccessState.WAITING, version=1, suspended_for=None, person_id=2, person_active=True,
    account_id=1, account_state=AccountState.APPROVED, level=Level.SCHOOL,
    channel=ChannelKind.SOCIAL_MEDIA, training_required=None, completions={COURSE: TODAY},
    acknowledged=frozenset({(Guideline.SOCIAL_MEDIA, "2026-1")}),
    accepted=frozenset({("personal responsibility", "2026-1")}),
)  # fmt: skip
ACCOUNT = AccountFacts(
    id=1, state=AccountState.PREPARING, version=2, state_since=NOW, level=Level.SCHOOL, school_id=1,
    platform=Platform.INSTAGRAM, custody=CustodyMode.SHARED_PASSWORD, requester_id=2, request_id=1,
    administrators=(
        Administrator(1, 2, AccessState.GRANTED, HEAD),
        Administrator(2, 2, AccessState.GRANTED, TEACHER),
    ),
    reported_at=NOW, vault_reference="vault/Lakeside", custodian_is_administrator=False,
    privacy_version="2026-1", privacy_unmet=(), page_check_id=1, page_verdict=PageVerdict.EXACT,
)  # fmt: skip

LACKING: list[tuple[dict[str, Any], str]] = [
    ({"tools_considered": ()}, "tools"),
    ({"why_not": "x" * 19}, "do not serve is said too shortly"),
    ({"why_not": ""}, "Say why the tools that are provided do not serve"),
    ({"purpose": "x" * 19}, "What the account is for is said too shortly"),
    ({"purpose": ""}, "Say what the account is for"),
    ({"audience": ""}, "who is to read it"),
    ({"handle": "lakeside school"}, "without spaces"),
    ({"handle_taken": True}, "another handle"),
    ({"administrators": (HEAD, TEACHER, LEFT)}, "has left"),
]


def at(level: Level) -> RequestFacts:
    return replace(REQUEST, level=level, school_id=None if level == Level.DIVISION else 1)


@pytest.mark.parametrize("level", OFFICIAL)
def test_every_reason_is_said_alone_and_all_at_once(policy: Policy, level: Level) -> None:
    assert lacks(at(level), policy) == ()
    together = at(level)
    for changes, words in LACKING:
        (said,) = lacks(replace(at(level), **changes), policy)
        assert words in said
        together = replace(together, **changes)
    wrong_school = 1 if level == Level.DIVISION else None
    together = replace(together, school_id=wrong_school, administrators=(LEFT,))
    assert len(lacks(together, policy)) == len({next(iter(one)) for one, _ in LACKING}) + 2


@pytest.mark.parametrize(
    ("level", "people", "enough"),
    [
        (Level.DIVISION, (HEAD,), True),
        (Level.DIVISION, (TEACHER,), False),
        (Level.SCHOOL, (HEAD, TEACHER), True),
        (Level.SCHOOL, (HEAD, who(5, office=True)), True),
        (Level.SCHOOL, (HEAD,), False),
        (Level.SCHOOL, (TEACHER, who(5)), False),
        (Level.SCHOOL, (HEAD, VOLUNTEER), False),
        (Level.SCHOOL, (HEAD, LEFT), False),
        (Level.CLASSROOM, (TEACHER,), True),
        (Level.CLASSROOM, (VOLUNTEER,), False),
        (Level.CLASSROOM, (), False),
    ],
)
def test_enough_administrators(
    policy: Policy, level: Level, people: tuple[Candidate, ...], *, enough: bool
) -> None:
    (needed,) = policy.applying(Administrators, level=level)
    assert enough_administrators(needed, people) is enough


ASKS = 9
FIRST, SECOND = ((1, None), (5, 1)), ((7, None),)


@pytest.mark.parametrize("level", OFFICIAL)
@pytest.mark.parametrize(
    ("climbed", "person", "result"),
    [
        (((11, None),), 11, None),  # it climbed to them: who is asked may decide
        (((11, None),), 1, None),  # and the office that it was asked of first still may
        (((11, None),), 8, NotAllowed),
        (((ASKS, None),), ASKS, NotAllowed),  # never the requester, however high it climbed
        (((6, ASKS),), 6, NotAllowed),  # nor in the requester's stead
        (((6, 11),), 6, 11),  # an acting one
    ],
)
def test_whoever_it_climbed_to_may_decide(
    policy: Policy,
    level: Level,
    climbed: tuple[tuple[int, int | None], ...],
    person: int,
    result: int | type[NotAllowed] | None,
) -> None:
    authority = Authority(ASKS, FIRST, SECOND, climbed)
    if result is NotAllowed:
        with pytest.raises(NotAllowed, match=r"\([56]\)"):
            may_decide(authority, person, policy, level)
    else:
        assert may_decide(authority, person, policy, level) == result


@pytest.mark.parametrize("level", OFFICIAL)
@pytest.mark.parametrize(
    ("holders", "otherwise", "person", "result"),
    [
        (FIRST, SECOND, 1, None),  # the holder, absent or not
        (FIRST, SECOND, 5, 1),  # the deputy
        (FIRST, SECOND, 7, NotAllowed),  # the other office while the first has somebody
        (FIRST, SECOND, 8, NotAllowed),  # an outsider
        (FIRST, SECOND, ASKS, NotAllowed),  # the requester
        (((ASKS, None),), SECOND, 7, None),  # the first has nobody but the requester
        (((ASKS, None), (5, ASKS)), SECOND, 5, NotAllowed),  # in the requester's stead
        (((ASKS, None), (5, ASKS)), SECOND, 7, None),
        (((1, None), (ASKS, 1)), SECOND, ASKS, NotAllowed),  # the requester as a deputy
        (((1, None), (ASKS, None), (5, ASKS), (5, 1)), SECOND, 5, NotAllowed),  # by a second deputyship too
        (((1, None), (5, 1)), ((ASKS, None), (5, ASKS)), 5, NotAllowed),  # of the other office
        (((5, None), (5, ASKS)), SECOND, 5, None),  # it is their own office
        ((), SECOND, 7, None),
        ((), ((ASKS, None),), ASKS, NotAllowed),
    ],
)
def test_who_may_decide(
    policy: Policy,
    level: Level,
    holders: tuple[tuple[int, int | None], ...],
    otherwise: tuple[tuple[int, int | None], ...],
    person: int,
    result: int | type[NotAllowed] | None,
) -> None:
    authority = Authority(ASKS, holders, otherwise)
    if result is NotAllowed:
        with pytest.raises(NotAllowed, match=r"\([56]\)"):
            may_decide(authority, person, policy, level)
    else:
        assert may_decide(authority, person, policy, level) == result


UNDER = frozenset({5})


@pytest.mark.parametrize("level", OFFICIAL)
@pytest.mark.parametrize(
    ("holders", "otherwise", "at_school", "may"),
    [
        (((ASKS, None), (5, None)), SECOND, False, {7}),  # who works under the requester never decides
        (((1, None), (5, None)), SECOND, False, {1}),  # nor beside somebody who may
        (((1, None), (6, 5)), SECOND, False, {1}),  # nor anybody in their stead
        (((ASKS, None), (1, None)), SECOND, False, {1}),  # a colleague in an office of the division may
        (((ASKS, None), (1, None)), SECOND, True, {7}),  # at a school they may work under the requester
        (((ASKS, None), (1, None)), (), True, {1}),  # but where nobody else is there
        (((ASKS, None), (5, None)), (), True, set()),
        (((1, None), (6, None)), SECOND, True, {1, 6}),  # the requester holds no office there
    ],
)
def test_who_works_under_the_requester_does_not_decide(
    policy: Policy,
    level: Level,
    holders: tuple[tuple[int, int | None], ...],
    otherwise: tuple[tuple[int, int | None], ...],
    at_school: bool,
    may: set[int],
) -> None:
    authority = Authority(ASKS, holders, otherwise, under=UNDER, at_school=at_school)
    found = set()
    for person in {one for one, _ in (*holders, *otherwise)}:
        with suppress(NotAllowed):
            may_decide(authority, person, policy, level)
            found.add(person)
    assert found == may
    assert not found & set(barred(authority))


def kept(due_on: date, told_at: datetime | None, why: str = "keep") -> dict[str, Asked]:
    """The item that told until when access is kept without the course."""
    return {f"person:2/course/{COURSE}/{why}/{due_on}": Asked(due_on, told_at)}


def asked_first() -> dict[str, Asked]:
    """The item that asks for the course before access to another account."""
    return {f"person:2/course/{COURSE}/never": Asked(TODAY - timedelta(days=1), NOW - timedelta(days=40))}


def end(outcome: Outcome) -> str:
    """The state that the outcome leads to; "asks" where it only asks."""
    moves = [step.to for step in outcome.steps if isinstance(step, Move)]
    return str(moves[0]) if moves else "asks" if outcome else "nothing"


YEAR = timedelta(days=365)
YESTERDAY, LONG_AGO = TODAY - timedelta(days=1), NOW - timedelta(days=40)
RENEW = kept(YESTERDAY, LONG_AGO, "renew")
#: Granted, and something is missing: who was told, and until when, decides.
GRANTED_WITHOUT: list[tuple[dict[str, Any], str]] = [
    ({"state": AccessState.GRANTED, **changes}, result)
    for changes, result in (
        ({"completions": {}}, "asks"),
        ({"completions": {}, "asked": kept(TODAY, LONG_AGO)}, "nothing"),  # the last day counts
        ({"completions": {}, "asked": kept(YESTERDAY, LONG_AGO)}, "suspended"),
        ({"completions": {}, "asked": kept(YESTERDAY, None)}, "nothing"),  # no letter has left
        ({"completions": {}, "asked": kept(YESTERDAY, NOW - timedelta(days=2))}, "nothing"),  # too late
        (
            {"completions": {COURSE: TODAY - YEAR * 2}, "asked": kept(YESTERDAY, LONG_AGO, "renew")},
            "suspended",
        ),
        (
            {"completions": {}, "asked": asked_first()},
            "asks",
        ),  # for another account: it names no day for this
        ({"completions": {}, "voided": frozenset({COURSE})}, "suspended"),  # false: at once
        ({"accepted": frozenset()}, "asks"),  # a new text is sent; what follows is a finding's
        ({"acknowledged": frozenset()}, "asks"),
        ({"accepted": frozenset(), "sent": frozenset({("personal responsibility", "2026-1")})}, "nothing"),
    )
]


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "granted"),
        ({"completions": {}}, "asks"),
        ({"acknowledged": frozenset()}, "asks"),
        ({"acknowledged": frozenset({(Guideline.SOCIAL_MEDIA, "2025-1")})}, "asks"),
        ({"accepted": frozenset()}, "asks"),
        ({"accepted": frozenset({("personal responsibility", "2025-1")})}, "asks"),
        ({"completions": {COURSE: TODAY - YEAR}}, "granted"),  # the last day counts
        ({"completions": {COURSE: TODAY - YEAR - timedelta(days=1)}}, "asks"),
        ({"completions": {}, "level": Level.CLASSROOM}, "granted"),  # 6.1
        ({"completions": {}, "level": Level.CLASSROOM, "training_required": True}, "asks"),
        ({"state": AccessState.GRANTED}, "nothing"),
        *((one, result) for one, result in GRANTED_WITHOUT),
        ({"state": AccessState.SUSPENDED, "suspended_for": "privacy-course"}, "granted"),
        (
            {
                "state": AccessState.SUSPENDED,
                "suspended_for": "privacy-course",
                "completions": {},
                "asked": asked_first(),
            },
            "nothing",
        ),
        ({"state": AccessState.SUSPENDED, "suspended_for": "12"}, "nothing"),
        ({"state": AccessState.REVOKED, "person_active": False}, "nothing"),
        ({"person_active": False}, "revoked"),
        ({"person_active": False, "account_state": AccountState.SUSPENDED}, "revoked"),
        ({"person_active": False, "account_state": AccountState.CLOSED}, "nothing"),
        ({"account_state": AccountState.SUSPENDED}, "nothing"),
        ({"account_state": AccountState.WITHDRAWN}, "nothing"),
    ],
)
def test_access(policy: Policy, changes: dict[str, Any], result: str) -> None:
    assert end(decide_access(replace(ACCESS, **changes), policy, NOW)) == result


def test_a_course_of_29_february_counts_365_days(policy: Policy) -> None:
    policy = known_for_long(policy)
    held = replace(ACCESS, state=AccessState.GRANTED, completions={COURSE: date(2028, 2, 29)})
    told = datetime(2029, 1, 29, 18, tzinfo=UTC)
    held = replace(held, asked=kept(date(2029, 2, 28), told, "renew"))
    for day, result in ((27, "nothing"), (28, "nothing"), (29, "suspended")):
        moment = datetime(2029, 2, 1, 18, tzinfo=UTC) + timedelta(days=day - 1)
        assert end(decide_access(held, policy, moment)) == result


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "live"),
        ({"page_verdict": PageVerdict.LINKED}, "live"),
        *(({"page_verdict": one}, "asks") for one in PageVerdict if one not in {"exact", "linked"}),
        ({"page_verdict": None, "page_check_id": None}, "nothing"),
        ({"reported_at": None}, "asks"),
        ({"reported_at": None, "asked": frozenset({"account:1/create/person:2"})}, "nothing"),
        ({"reported_at": None, "asked": frozenset({"account:1/create/person:8"})}, "asks"),
        ({"vault_reference": None}, "asks"),
        ({"privacy_version": "2025-1"}, "asks"),
        ({"privacy_unmet": ("tags",)}, "asks"),
        ({"administrators": ACCOUNT.administrators[:1]}, "approved"),
        ({"state": AccountState.APPROVED}, "preparing"),
        ({"state": AccountState.APPROVED, "administrators": ()}, "nothing"),
        ({"state": AccountState.LIVE}, "nothing"),
        ({"state": AccountState.SUSPENDED}, "nothing"),
        ({"state_since": NOW - timedelta(days=90)}, "live"),
        ({"state_since": NOW - timedelta(days=91)}, "closed"),
    ],
)
def test_account(policy: Policy, changes: dict[str, Any], result: str) -> None:
    assert end(decide_account(replace(ACCOUNT, **changes), policy, NOW)) == result


@pytest.mark.parametrize(
    ("mode", "vault", "custodian", "enough"),
    [
        (CustodyMode.SHARED_PASSWORD, "v", False, True),
        (CustodyMode.SHARED_PASSWORD, None, True, False),
        (CustodyMode.PERSONAL_ADMINISTRATORS, "v", False, False),
        (CustodyMode.PERSONAL_ADMINISTRATORS, None, True, True),
        (CustodyMode.SINGLE_SIGN_ON, "v", False, True),
        (CustodyMode.SINGLE_SIGN_ON, None, True, True),
        (CustodyMode.SINGLE_SIGN_ON, None, False, False),
    ],
)
def test_custody(
    policy: Policy, mode: CustodyMode, vault: str | None, *, custodian: bool, enough: bool
) -> None:
    facts = replace(ACCOUNT, custody=mode, vault_reference=vault, custodian_is_administrator=custodian)
    assert (custody_lacks(facts, policy) is None) is enough


@pytest.mark.parametrize(
    ("verdict", "result"),
    [(Verdict.APPROVE, "approved"), (Verdict.DECLINE, "declined"), (Verdict.SEND_BACK, "sent back")],
)
def test_a_decision_moves_tells_and_wakes(policy: Policy, verdict: Verdict, result: str) -> None:
    waits = replace(REQUEST, state=RequestState.AWAITING_DECISION)
    outcome = on_decision(waits, verdict, "It fits.", policy, NOW)
    assert end(outcome) == result
    assert any(isinstance(step, Emit) for step in outcome.steps)


def test_an_abandoned_request_has_its_last_day_after_the_summer(policy: Policy) -> None:
    back = replace(REQUEST, state=RequestState.SENT_BACK, state_since=datetime(2026, 5, 20, 18, tzinfo=UTC))
    for day, result in (
        (date(2026, 8, 28), "nothing"),
        (date(2026, 9, 1), "nothing"),
        (date(2026, 9, 2), "abandoned"),
    ):
        moment = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
        outcome = decide_request(back, policy, moment, deciders=Authority(2, (), ()))
        assert end(outcome) == result


def holds(outcome: Outcome) -> None:
    """Every move is legal, every notice has its facts, nothing is asked for the past."""
    for step in outcome.steps:
        if isinstance(step, Move):
            assert step.to in TRANSITIONS[step.expected]
        elif isinstance(step, Tell):
            assert step.subject.kind in step.notice.about
        elif isinstance(step, Ask):
            assert step.due_on >= TODAY
            assert step.kind in ItemKind


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 10, 20), timezones=st.just(UTC))  # noqa: DTZ001
people = st.builds(Candidate, st.integers(1, 5), st.booleans(), st.sampled_from(PersonKind), st.booleans())
offices = st.lists(st.tuples(st.integers(1, 5), st.none() | st.integers(1, 5)), max_size=3).map(tuple)
requests = st.builds(
    RequestFacts, id=st.just(1), state=st.sampled_from(RequestState), state_since=moments,
    requester_id=st.integers(1, 5), administrators=st.lists(people, max_size=3).map(tuple),
    level=st.sampled_from(Level), platform=st.sampled_from(Platform),
)  # fmt: skip
accesses = st.builds(
    AccessFacts, id=st.just(1), person_id=st.integers(1, 5), level=st.sampled_from(OFFICIAL),
    completions=st.dictionaries(st.just(COURSE), days),
    asked=st.dictionaries(
        st.sampled_from(("keep/a", "renew/a", "never")).map(lambda why: f"person:1/course/{COURSE}/{why}"),
        st.builds(Asked, due_on=days, told_at=st.none() | moments),
    ),
    sent=st.just(frozenset()), voided=st.frozensets(st.just(COURSE)),
)  # fmt: skip
accounts = st.builds(
    AccountFacts, id=st.just(1), level=st.sampled_from(OFFICIAL), state_since=moments,
    platform=st.sampled_from(Platform),
    reported_at=st.none() | moments,
    administrators=st.lists(
        st.builds(Administrator, st.integers(1, 9), st.integers(1, 3), st.sampled_from(AccessState), people),
        max_size=3,
    ).map(tuple),
)  # fmt: skip


@settings(max_examples=150)
@given(requests, offices, offices)
def test_every_request_is_decided(
    policy: Policy,
    facts: RequestFacts,
    first: tuple[tuple[int, int | None], ...],
    second: tuple[tuple[int, int | None], ...],
) -> None:
    holds(decide_request(facts, policy, NOW, deciders=Authority(facts.requester_id, first, second)))
    for verdict in Verdict:
        holds(on_decision(replace(facts, state=RequestState.AWAITING_DECISION), verdict, "no", policy, NOW))


@settings(max_examples=200)
@given(accesses)
def test_every_access_is_decided(policy: Policy, facts: AccessFacts) -> None:
    holds(decide_access(facts, policy, NOW))


@settings(max_examples=200)
@given(accounts)
def test_every_account_is_decided(policy: Policy, facts: AccountFacts) -> None:
    holds(decide_account(facts, policy, NOW))
    if facts.state in {AccountState.APPROVED, AccountState.PREPARING}:
        holds(withdraw_account(facts, policy))
