"""What the rules of evidence say to people, and on which day each obligation falls due."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from deployments.sample.words import Guideline, Level, RoleKind
from policy.model import Policy
from policy.selects import start_of
from schemas.states import AccessState
from schemas.words import ChannelKind, CustodyMode, PageVerdict, PersonKind
from tasks.store import Store
from tests.factories.division import (
    ZONE,
    Division,
    a_check,
    a_designation,
    a_list_review,
    a_person,
    a_profile_check,
    a_receipt,
    a_review,
    a_role,
    a_rotation,
    an_access,
    an_account,
    put,
)
from tests.rules.one_account import TODAY, a_school_account, fresh, noon
from tests.support.rules import RULES

YEAR = timedelta(days=365)
DIVISION = {"accounts": [an_account(1, level=Level.DIVISION, school=None)]}
OFFICER = a_role(1, RoleKind.COMMUNICATIONS_OFFICER, school=None)
NOT_AUTHORIZED = "Neither the Communications Officer nor anybody who was designated administers it."


async def told(
    store: Store, policy: Policy, control: str, change: dict[str, list[Any]], today: date = TODAY
) -> list[tuple[int, date, str]]:
    """Person, due day and detail of each violation of the account, changed so."""
    division = Division(**{**vars(a_school_account(TODAY)), **fresh(change)})
    async with store.write() as session:
        await put(session, *division.rows())
        rows = await session.rows(RULES[control].violators(policy, today))
    return sorted((row.person_id, row.due_on, row.detail) for row in rows)


@pytest.mark.parametrize(
    "change",
    [
        {"roles": [OFFICER]},
        {"designations": [a_designation(2)]},
        {"designations": [a_designation(2, account=1, starts_on=TODAY, ends_on=TODAY)]},
    ],
)
async def test_1_holds_with_the_officer_or_a_designation(
    store: Store, policy: Policy, change: dict[str, list[Any]]
) -> None:
    assert await told(store, policy, "division-administrators", DIVISION | change) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, NOT_AUTHORIZED),
        ({"designations": [a_designation(2, ends_on=TODAY - timedelta(days=1))]}, NOT_AUTHORIZED),
        ({"designations": [a_designation(2, starts_on=TODAY + timedelta(days=1))]}, NOT_AUTHORIZED),
        ({"designations": [a_designation(2)], "accesses": [an_access(1, 1)]}, NOT_AUTHORIZED),
        ({"roles": [a_role(1, RoleKind.COMMUNICATIONS_OFFICER)]}, NOT_AUTHORIZED),  # of a school, no such
        ({"accesses": []}, "Nobody of the staff administers it."),
    ],
)
async def test_1_says_who_is_missing(
    store: Store, policy: Policy, change: dict[str, list[Any]], said: str
) -> None:
    assert await told(store, policy, "division-administrators", DIVISION | change) == [(0, TODAY, said)]


async def test_1_a_designation_for_another_channel_does_not_count(store: Store, policy: Policy) -> None:
    accounts = [an_account(number, level=Level.DIVISION, school=None) for number in (1, 2)]
    change: dict[str, list[Any]] = {
        "accounts": accounts,
        "accesses": [an_access(1, 2), an_access(2, 2)],
        "designations": [a_designation(2, account=2)],
        "acceptances": [],
    }
    assert await told(store, policy, "division-administrators", change) == [(0, TODAY, NOT_AUTHORIZED)]


async def test_5_3_gives_time_since_the_day_it_was_sent_in_the_division(store: Store, policy: Policy) -> None:
    late = datetime.fromisoformat("2026-10-02T05:30:00+00:00")  # the evening before, in the division
    both = "“Social Media Guidelines”, version 2026-1 and “Website Guidelines”, version 2026-1"
    receipts = [a_receipt(1, sent_at=late, acknowledged_at=None), a_receipt(2, Guideline.WEBSITE)]
    assert await told(store, policy, "guidelines", {"receipts": receipts}) == [
        (1, date(2026, 10, 31), f"Has access and has not acknowledged what was sent: {both}."),
        (2, date(2026, 11, 19), f"Has access and was not sent yet: {both}."),
    ]


async def test_5_3_a_new_version_is_asked_of_everybody_with_time(store: Store, policy: Policy) -> None:
    texts = tuple(text.model_copy(update={"version": "2027-1"}) for text in policy.texts)
    found = await told(store, policy.model_copy(update={"texts": texts}), "guidelines", {})
    assert [(person, due) for person, due, _ in found] == [(1, date(2026, 11, 19)), (2, date(2026, 11, 19))]


async def test_5_3_two_guidelines_that_fit_are_one_violation(store: Store, policy: Policy) -> None:
    both = tuple(text.model_copy(update={"fits": tuple(ChannelKind)}) for text in policy.texts)
    found = await told(store, policy.model_copy(update={"texts": both}), "guidelines", {})
    assert [person for person, *_ in found] == [1, 2]


async def test_5_6_is_due_some_days_after_the_access(store: Store, policy: Policy) -> None:
    change: dict[str, list[Any]] = {
        "acceptances": [],
        "accesses": [an_access(1, 1, state_since=noon(TODAY)), an_access(1, 2, state=AccessState.REVOKED)],
    }
    said = "Has access and was not sent yet: “personal responsibility”, version 2026-1."
    assert await told(store, policy, "personal-responsibility", change) == [(1, date(2026, 11, 19), said)]


@pytest.mark.parametrize(
    ("mode", "vault", "custodian", "holds"),
    [
        (CustodyMode.SHARED_PASSWORD, "vault/one", False, True),
        (CustodyMode.SHARED_PASSWORD, "", True, False),
        (CustodyMode.PERSONAL_ADMINISTRATORS, "vault/one", False, False),
        (CustodyMode.PERSONAL_ADMINISTRATORS, None, True, True),
        (CustodyMode.SINGLE_SIGN_ON, "vault/one", False, True),
        (CustodyMode.SINGLE_SIGN_ON, None, True, True),
        (CustodyMode.SINGLE_SIGN_ON, None, False, False),
    ],
)
@pytest.mark.parametrize(
    ("level", "control"),
    [
        (Level.SCHOOL, "communications-can-reach-it"),
        (Level.DIVISION, "communications-can-reach-it"),
        (Level.CLASSROOM, "principal-can-reach-it"),
    ],
)
async def test_5_5_and_6_2_ask_the_evidence_of_the_custody_mode(
    sqlite_store: Store,
    policy: Policy,
    mode: CustodyMode,
    vault: str | None,
    *,
    custodian: bool,
    holds: bool,
    level: Level,
    control: str,
) -> None:
    account = an_account(
        1, level=level, custody=mode, vault_reference=vault, custodian_is_administrator=custodian
    )
    found = await told(sqlite_store, policy, control, {"accounts": [account]})
    assert ([] if holds else [TODAY]) == [due for _, due, _ in found]
    other = (
        "principal-can-reach-it"
        if control == "communications-can-reach-it"
        else "communications-can-reach-it"
    )
    async with sqlite_store.read() as session:
        rows = await session.run(RULES[other].violators(policy, TODAY))
    assert rows.all() == []


@pytest.mark.parametrize(
    ("change", "due", "said"),
    [
        ({"reviews": []}, date(2020, 10, 1), "Its privacy settings were never attested."),
        (
            {"reviews": [a_review(1, noon(TODAY), checklist_version="2025-1")]},
            date(2026, 11, 19),
            "Its privacy settings are attested against an older checklist.",
        ),
        (
            {"reviews": [a_review(1, noon(TODAY)), a_review(1, noon(TODAY), unmet=["two-step"])]},
            TODAY,
            "Some of its privacy settings are not as the checklist asks.",
        ),
        (
            {"reviews": [a_review(1, start_of(TODAY - YEAR, ZONE) - timedelta(microseconds=1))]},
            TODAY - timedelta(days=1),
            "The attestation of its privacy settings is too old.",
        ),
    ],
)
async def test_7_says_what_is_wrong_with_the_attestation(
    store: Store, policy: Policy, change: dict[str, list[Any]], due: date, said: str
) -> None:
    assert await told(store, policy, "privacy-settings", change) == [(0, due, said)]


async def test_7_counts_the_day_a_year_later(store: Store, policy: Policy) -> None:
    assert (
        await told(
            store, policy, "privacy-settings", {"reviews": [a_review(1, start_of(TODAY - YEAR, ZONE))]}
        )
        == []
    )


@pytest.mark.parametrize(
    ("checks", "due", "said"),
    [
        ([], date(2020, 9, 15), "Nobody has looked at its page for the notice."),
        (
            [a_check(1, noon(TODAY), notice_version="2025-09")],
            date(2026, 11, 3),
            "Its page was not looked at since the notice changed.",
        ),
        (
            [a_check(1, noon(TODAY)), a_check(1, noon(TODAY), verdict=PageVerdict.UNREACHABLE)],
            TODAY,
            "Its page could not be reached.",
        ),
        ([a_check(1, noon(TODAY), verdict=PageVerdict.ALTERED)], TODAY, "The notice on its page is altered."),
        (
            [a_check(1, noon(TODAY), verdict=PageVerdict.MISSING)],
            TODAY,
            "The notice is not on its page, or not all of it.",
        ),
    ],
)
async def test_8_says_what_was_seen(
    store: Store, policy: Policy, checks: list[Any], due: date, said: str
) -> None:
    assert await told(store, policy, "notice-on-page", {"checks": checks}) == [(0, due, said)]


@pytest.mark.parametrize("verdict", [PageVerdict.EXACT, PageVerdict.LINKED])
async def test_8_holds_after_an_older_look_that_failed(
    store: Store, policy: Policy, verdict: PageVerdict
) -> None:
    checks = [a_check(1, noon(TODAY), verdict=PageVerdict.MISSING), a_check(1, noon(TODAY), verdict=verdict)]
    assert await told(store, policy, "notice-on-page", {"checks": checks}) == []


CLASSROOM = {"accounts": [an_account(1, level=Level.CLASSROOM)]}
EARLY = datetime.fromisoformat("2026-10-19T05:30:00+00:00")  # the evening before, in the division


@pytest.mark.parametrize(
    ("profiles", "due", "said"),
    [
        ([], date(2020, 9, 15), "Nobody has looked for name and position on its profile."),
        (
            [a_profile_check(1, noon(TODAY)), a_profile_check(1, EARLY, shown=False, person_id=None)],
            date(2026, 10, 18),
            "Its profile does not show the name and position of who administers it.",
        ),
        (
            [a_profile_check(1, noon(TODAY), good_through=TODAY - timedelta(days=1))],
            TODAY - timedelta(days=1),
            "Name and position on its profile were last seen on 2026-07-21.",
        ),
        (
            [a_profile_check(1, noon(TODAY) - timedelta(days=400))],
            TODAY - timedelta(days=340),
            "Name and position on its profile were last seen on 2025-09-15.",
        ),
        (
            [a_profile_check(1, noon(TODAY), person_id=3)],
            TODAY,
            "Its profile shows somebody who no longer has access to it.",
        ),
    ],
)
async def test_6_3_says_what_is_wrong_with_the_profile(
    store: Store, policy: Policy, profiles: list[Any], due: date, said: str
) -> None:
    people = {"people": [a_person(1), a_person(2), a_person(3)]}
    change = CLASSROOM | people | {"profiles": profiles}
    assert await told(store, policy, "owner-is-named", change) == [(0, due, said)]


@pytest.mark.parametrize(
    "change",
    [
        {"people": [a_person(1, active=False), a_person(2)]},
        {"accesses": [an_access(1, 1, state=AccessState.REVOKED), an_access(1, 2)]},
        {"accesses": [an_access(1, 1, state=AccessState.SUSPENDED), an_access(1, 2)]},
        {"accesses": [an_access(1, 2)]},
    ],
)
async def test_6_3_an_owner_who_is_gone_does_not_count(
    store: Store, policy: Policy, change: dict[str, list[Any]]
) -> None:
    change = CLASSROOM | {"profiles": [a_profile_check(1, noon(TODAY), good_through=TODAY)]} | change
    assert [due for _, due, _ in await told(store, policy, "owner-is-named", change)] == [TODAY]


async def test_6_3_holds_through_the_last_day_and_after_an_older_look_that_failed(
    store: Store, policy: Policy
) -> None:
    profiles = [
        a_profile_check(1, noon(TODAY), shown=False, person_id=None),
        a_profile_check(1, noon(TODAY), person_id=2, good_through=TODAY),
    ]
    assert await told(store, policy, "owner-is-named", CLASSROOM | {"profiles": profiles}) == []


LAST = noon(TODAY - timedelta(days=10))
KNOWS = {"knows_secret_since": date(2024, 9, 1)}
LOST = "Somebody who knows its password has lost access since."


@pytest.mark.parametrize("state", [AccessState.REVOKED, AccessState.SUSPENDED])
@pytest.mark.parametrize(
    ("lost", "changes", "found"),
    [
        (timedelta(seconds=1), KNOWS, [(0, date(2026, 10, 17), LOST)]),
        (timedelta(days=3), KNOWS, [(0, date(2026, 10, 20), LOST)]),
        (timedelta(), KNOWS, []),  # changed in the same moment
        (timedelta(days=-3), KNOWS, []),  # and changed since
        (timedelta(days=3), {}, []),  # never knew it
        (timedelta(days=3), {**KNOWS, "knows_secret_until": TODAY}, []),  # changed without them
    ],
)
async def test_11_falls_due_when_somebody_who_knows_it_loses_access(
    store: Store,
    policy: Policy,
    state: AccessState,
    lost: timedelta,
    changes: dict[str, date],
    found: list[tuple[int, date, str]],
) -> None:
    accesses = [an_access(1, 1), an_access(1, 2, state=state, state_since=LAST + lost, **changes)]
    change: dict[str, list[Any]] = {"accesses": accesses, "rotations": [a_rotation(1, LAST)]}
    assert await told(store, policy, "password-change", change) == found


async def test_11_falls_due_when_somebody_who_knows_it_has_left(store: Store, policy: Policy) -> None:
    change: dict[str, list[Any]] = {
        "people": [a_person(1), a_person(2, active=False)],
        "accesses": [an_access(1, 1, **KNOWS), an_access(1, 2, **KNOWS)],
    }
    said = "Somebody who knows its password has left."
    assert await told(store, policy, "password-change", change) == [(0, TODAY + timedelta(days=7), said)]


@pytest.mark.parametrize(
    ("live", "rotated", "due"),
    [
        (YEAR, None, None),  # the last day counts
        (YEAR + timedelta(days=1), None, TODAY - timedelta(days=1)),
        (2 * YEAR, YEAR, None),
        (2 * YEAR, YEAR + timedelta(days=2), TODAY - timedelta(days=2)),
        (YEAR, 2 * YEAR, None),  # whichever is later
    ],
)
async def test_11_is_due_a_year_after_the_last_change(
    store: Store, policy: Policy, live: timedelta, rotated: timedelta | None, due: date | None
) -> None:
    change: dict[str, list[Any]] = {
        "accounts": [an_account(1, live_since=noon(TODAY - live))],
        "rotations": [a_rotation(1, noon(TODAY - rotated))] if rotated else [],
    }
    said = "Its password was not changed for too long."
    assert await told(store, policy, "password-change", change) == ([(0, due, said)] if due else [])


@pytest.mark.parametrize("mode", [CustodyMode.PERSONAL_ADMINISTRATORS, CustodyMode.SINGLE_SIGN_ON])
@pytest.mark.parametrize(
    ("live", "reviewed", "due"),
    [
        (YEAR, None, None),  # the last day counts
        (YEAR + timedelta(days=1), None, TODAY - timedelta(days=1)),
        (2 * YEAR, YEAR, None),
        (2 * YEAR, YEAR + timedelta(days=2), TODAY - timedelta(days=2)),
        (YEAR, 2 * YEAR, None),  # whichever is later
    ],
)
async def test_11_without_a_shared_password_the_list_is_reviewed_instead(
    store: Store,
    policy: Policy,
    mode: CustodyMode,
    live: timedelta,
    reviewed: timedelta | None,
    due: date | None,
) -> None:
    change: dict[str, list[Any]] = {
        "accounts": [an_account(1, custody=mode, live_since=noon(TODAY - live))],
        "rotations": [a_rotation(1, noon(TODAY))],  # from when it had one
        "accesses": [an_access(1, 1), an_access(1, 2, state=AccessState.REVOKED, **KNOWS)],
        "list_reviews": [a_list_review(1, noon(TODAY - reviewed))] if reviewed else [],
    }
    said = "Nobody has looked for too long at who administers it."
    assert await told(store, policy, "administrator-list-review", change) == ([(0, due, said)] if due else [])


async def test_a_student_who_is_designated_still_stands_for_the_division(
    store: Store, policy: Policy
) -> None:
    """Who may be designated is the Superintendent's door to keep; the rule counts who is."""
    change: dict[str, list[Any]] = {
        "people": [a_person(1), a_person(2, kind=PersonKind.CONTRACTOR)],
        "designations": [a_designation(2)],
    }
    assert await told(store, policy, "division-administrators", DIVISION | change) == []
