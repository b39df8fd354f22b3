"""Accounts that exist already come in as they are found, and nobody is cut off on day one (5.1, 5.2)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col

from deployments.sample.words import Guideline
from policy.calendar import Calendar
from policy.controls.administrators import Administrators
from policy.controls.display import Display
from policy.controls.identify_owner import IdentifyOwner
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.errors import BadFile, BadRows
from schemas.evidence import ListReview, PageCheck, PrivacyReview, ProfileCheck, Rotation
from schemas.gates import Acceptance, GuidelineReceipt, ImportRun
from schemas.machinery import ActionItem, AuditEntry, Event, Notice, Wake
from schemas.settings import Settings
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, PageVerdict, Via
from tasks.access import lifecycle as training_gate
from tasks.accounts import lifecycle as accounts_lifecycle
from tasks.accounts.found import found_in
from tasks.findings.evaluation import look
from tasks.runtime import Runtime
from tasks.store import Store, audit, verifying
from tasks.training.completions import CompletionForm, record_completion
from tests.inventory.lists import listed, rows, some_people, take_in
from tests.support.letters import leave
from tests.support.rules import RULES, the_notice


async def run_gate(store: Store, policy: Policy, now: datetime) -> list[str]:
    said: list[str] = []
    runtime = Runtime(Settings(), policy, store)
    for case in await training_gate.due(runtime, now):
        said += await training_gate.move(runtime, case, now)
    return said


async def test_an_account_comes_in_as_found(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now, completed=(1, 2))
    done = await take_in(store, policy, now, listed({"Handle": "@Lakeside"}))
    assert (done.rows, done.new, done.states, done.accesses, done.asked) == (1, 1, {"live": 1}, 2, 0)
    account = (await rows(store, Account))[0]
    assert (account.state, account.handle, account.handle_key) == (AccountState.LIVE, "@Lakeside", "lakeside")
    assert (account.school_id, account.vault_reference, account.reported_at) == (1, "vault/lakeside", None)
    assert account.live_since == datetime(2022, 5, 1, 18, 0, tzinfo=UTC)
    accesses = await rows(store, Access)
    assert [(one.person_id, one.state, one.knows_secret_since) for one in accesses] == [
        (1, AccessState.GRANTED, date(2026, 10, 20)),
        (2, AccessState.GRANTED, date(2026, 10, 20)),
    ]
    entries = await rows(store, AuditEntry, col(AuditEntry.cause) != audit.UNNAMED)
    assert [(one.subject_kind, one.to_state, one.body.get("as_found")) for one in entries] == [
        ("account", "live", True),
        ("access", "granted", True),
        ("access", "granted", True),
        ("import", None, None),
    ]
    assert {one.cause for one in entries[:3]} == {"found, import 1"}
    assert not await rows(store, Acceptance)
    assert not await rows(store, GuidelineReceipt)
    assert [one.kind for one in await rows(store, Event)] == ["steward.accounts.imported"]
    assert {one.lifecycle for one in await rows(store, Wake)} == {
        "training-gate",
        "account-creation",
        "notice-delivery",
    }
    await verifying.verify(store)
    async with store.read() as session:
        found = await found_in(session, 1)
    assert found is not None
    assert (found.number, found.file, found.at) == (1, done.file, now), "`account why` says so"
    assert policy.number_of(found.control)


@pytest.mark.parametrize(
    ("state", "access"),
    [
        ("approved", AccessState.WAITING),
        ("preparing", AccessState.WAITING),
        ("suspended", AccessState.GRANTED),
        ("closed", AccessState.REVOKED),
    ],
)
async def test_who_has_access_follows_from_the_state(
    sqlite_store: Store, policy: Policy, now: datetime, state: str, access: AccessState
) -> None:
    await some_people(sqlite_store, now)
    await take_in(sqlite_store, policy, now, listed({"State": state}))
    assert [one.state for one in await rows(sqlite_store, Access)] == [access, access]
    assert not await rows(sqlite_store, ActionItem)


async def test_an_account_found_in_preparation_goes_through_its_gates(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now)
    await take_in(sqlite_store, policy, now, listed({"State": "preparing"}))
    runtime = Runtime(Settings(), policy, sqlite_store)
    for case in await accounts_lifecycle.due(runtime, now):
        await accounts_lifecycle.move(runtime, case, now)
    assert (await rows(sqlite_store, Account))[0].state is AccountState.APPROVED
    assert await run_gate(sqlite_store, policy, now) == ["waits for its gates", "waits for its gates"]


async def test_found_without_the_course_is_asked_first_and_suspended_only_after_the_time_given(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1,))
    done = await take_in(store, policy, now, listed({}, {}))
    assert done.asked == 1
    item = (await rows(store, ActionItem))[0]
    calendar = Calendar(policy)
    due = calendar.due_after(
        calendar.today(now), school_days=policy.the(TrainingBeforeAccess).grace_school_days
    )
    assert (item.kind, item.person_id, item.due_on) == (ItemKind.COMPLETE_COURSE, 2, due)
    notices = await rows(store, Notice)
    assert [(one.kind, one.person_id) for one in notices] == [("access_at_risk", 2), ("texts_to_read", 2)]
    await run_gate(store, policy, now)  # the texts of who has the course, and of the other account
    assert await run_gate(store, policy, now) == []
    last = datetime.combine(due, datetime.min.time(), policy.zone) + timedelta(hours=12)
    assert await run_gate(store, policy, last) == []
    after = last + (calendar.add_school_days(due, 1) - due)
    assert await run_gate(store, policy, after) == [], "no letter has left"
    await leave(store, now)
    assert await run_gate(store, policy, after) == ["suspended: no current completion"] * 2
    states = {(one.person_id, one.state) for one in await rows(store, Access)}
    assert states == {(1, AccessState.GRANTED), (2, AccessState.SUSPENDED)}
    still_open = await rows(store, ActionItem, col(ActionItem.state) == "open")
    course = [one.key for one in still_open if one.kind is ItemKind.COMPLETE_COURSE]
    assert course == [f"person:2/course/focus-on-privacy/keep/{due}"]


async def test_who_completes_the_course_in_time_loses_nothing(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1,))
    await take_in(store, policy, now, listed({}))
    form = CompletionForm(actor="1", person="person2@example.org", completed_on=date(2026, 10, 20))
    await record_completion(store, policy, form, via=Via.COMMAND, now=now)
    asked = await rows(store, ActionItem, col(ActionItem.state) == "open")
    assert ItemKind.COMPLETE_COURSE not in {one.kind for one in asked}
    await leave(store, now)
    await run_gate(store, policy, now + timedelta(days=90))
    assert {one.state for one in await rows(store, Access)} == {AccessState.GRANTED}


async def test_an_old_completion_does_not_end_the_grace(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now, completed=(1,))
    await take_in(store, policy, now, listed({}))
    form = CompletionForm(actor="1", person="person2@example.org", completed_on=date(2024, 10, 20))
    await record_completion(store, policy, form, via=Via.COMMAND, now=now)
    await leave(store, now)
    await run_gate(store, policy, now + timedelta(days=1))
    assert {one.state for one in await rows(store, Access)} == {AccessState.GRANTED}


async def test_suspended_after_the_grace_then_completed_the_other_gates_are_asked(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    """Nobody who was found with access accepted (5.6) or read the guidelines (5.3): both come first."""
    await some_people(sqlite_store, now, completed=(1,))
    await take_in(sqlite_store, policy, now, listed({}))
    await leave(sqlite_store, now)
    late = now + timedelta(days=57)
    assert "suspended: no current completion" in await run_gate(sqlite_store, policy, late)
    form = CompletionForm(actor="1", person="person2@example.org", completed_on=date(2026, 12, 15))
    await record_completion(sqlite_store, policy, form, via=Via.COMMAND, now=late)
    await run_gate(sqlite_store, policy, late)
    suspended = [one for one in await rows(sqlite_store, Access) if one.person_id == 2]
    assert [one.state for one in suspended] == [AccessState.SUSPENDED]
    asked = await rows(sqlite_store, ActionItem, col(ActionItem.state) == "open")
    assert {one.kind for one in asked} == {ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY}


async def test_somebody_who_has_left_is_found_and_loses_access(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now, completed=(1, 2, 4))
    await take_in(
        sqlite_store, policy, now, listed({"Administrators": "person1@example.org person4@example.org"})
    )
    assert "revoked: the person has left" in await run_gate(sqlite_store, policy, now)


async def test_the_same_file_twice_and_known_accounts_change_nothing(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1, 2))
    content = listed({"Handle": "@Lakeside"}, {"Handle": "@gone", "State": "closed"})
    await take_in(store, policy, now, content)
    entries = len(await rows(store, AuditEntry))
    again = await take_in(store, policy, now + timedelta(days=1), content)
    assert (again.imported_before, again.new) == (now, 0)
    assert len(await rows(store, AuditEntry)) == entries
    other = await take_in(
        store,
        policy,
        now,
        listed({"Handle": "lakeside", "State": "suspended"}, {"Handle": "gone", "State": "closed"}, {}),
    )
    assert (other.new, other.known) == (1, 2)
    assert [one.state for one in await rows(store, Account)] == ["live", "closed", "live"]
    assert len(await rows(store, ImportRun)) == 2


async def test_a_dry_run_keeps_nothing(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now, completed=(1,))
    entries = await rows(store, AuditEntry)
    tried = await take_in(store, policy, now, listed({}), dry_run=True)
    assert (tried.new, tried.asked, tried.import_id) == (1, 1, None)
    assert await rows(store, AuditEntry) == entries
    for model in (Account, Access, ActionItem, Notice, Event, ImportRun):
        assert not await rows(store, model)


async def test_privacy_attestations_are_those_of_who_vouches(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now, completed=(1, 2))
    content = listed({"Privacy attested on": "2026-03-02"})
    await take_in(store, policy, now, content, actor="person1@example.org")
    review = (await rows(store, PrivacyReview))[0]
    assert (review.attested_by_id, review.checklist_version) == (1, "as found")


ATTESTED = {
    "Privacy attested on": "2026-03-02",
    "Privacy checklist": "2026-1",
    "Responsibility accepted on": "2026-03-03",
    "Guidelines acknowledged on": "2026-03-04",
    "Notice seen on": "2026-03-05",
    "Credentials changed on": "2026-03-06",
}


async def test_what_is_attested_is_kept_as_evidence(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now, completed=(1, 2))
    second = {**ATTESTED, "Guidelines acknowledged on": "2026-06-01"}
    await take_in(store, policy, now, listed(ATTESTED, second), actor="person3@example.org")
    review = (await rows(store, PrivacyReview))[0]
    assert (review.attested_by_id, review.checklist_version, review.unmet) == (3, "2026-1", [])
    assert [
        (one.account_id, one.person_id, one.accepted_at, one.recorded_via)
        for one in await rows(store, Acceptance)
    ] == [
        (account, person, datetime(2026, 3, 3, 19, tzinfo=UTC), Via.IMPORT)
        for account in (1, 2)
        for person in (1, 2)
    ]
    receipts = await rows(store, GuidelineReceipt)  # once a person, as first acknowledged
    assert [(one.person_id, one.guideline, one.guideline_version) for one in receipts] == [
        (1, Guideline.SOCIAL_MEDIA, "2026-1"),
        (2, Guideline.SOCIAL_MEDIA, "2026-1"),
    ]
    assert {one.acknowledged_at for one in receipts} == {datetime(2026, 3, 4, 19, tzinfo=UTC)}
    check = (await rows(store, PageCheck))[0]
    assert (check.verdict, check.notice_version) == (
        PageVerdict.EXACT,
        the_notice(policy).version,
    )
    rotation = (await rows(store, Rotation))[0]
    assert (rotation.rotated_by_id, rotation.evidence) == (3, "vault/lakeside")
    assert rotation.rotated_at == datetime(2026, 3, 6, 19, tzinfo=UTC)
    today = Calendar(policy).today(now)
    async with store.read() as session:
        for rule in policy.rules():
            if not isinstance(rule, Administrators):  # nobody holds an office
                aged = 2 if isinstance(rule, Display) else 0  # seen in March: that no longer counts
                assert (await look(session, rule, policy, today)).violated == aged, rule.name


async def test_whose_name_a_profile_shows_is_vouched_for_and_expires(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    content = listed({"Level": "classroom", "Profile seen on": "2026-10-01"})
    with pytest.raises(BadRows, match="somebody else than its administrators must vouch"):
        await take_in(store, policy, now, content, actor="person2@example.org")
    assert not await rows(store, Account)
    await take_in(store, policy, now, content, actor="person3@example.org")
    (seen,) = await rows(store, ProfileCheck)
    assert (seen.person_id, seen.shown, seen.attested_by_id) == (1, True, 3)
    last = date(2026, 10, 1) + timedelta(days=policy.the(IdentifyOwner).attested_good_days)
    assert seen.good_through == last
    async with store.read() as session:
        assert (await look(session, RULES["owner-is-named"], policy, last)).violated == 0
        assert (await look(session, RULES["owner-is-named"], policy, last + timedelta(days=1))).violated == 1


async def test_a_list_of_administrators_is_vouched_for(store: Store, policy: Policy, now: datetime) -> None:
    await some_people(store, now)
    personal = {"Custody": "personal administrators", "Custodian is administrator": "yes"}
    content = listed({**personal, "Administrators reviewed on": "2026-03-06"})
    await take_in(store, policy, now, content, actor="person3@example.org")
    (seen,) = await rows(store, ListReview)
    assert (seen.reviewed_by_id, seen.removed, seen.recorded_via) == (3, [], Via.IMPORT)
    last = date(2027, 3, 6)
    async with store.read() as session:
        assert (await look(session, RULES["administrator-list-review"], policy, last)).violated == 0
        assert (
            await look(session, RULES["administrator-list-review"], policy, last + timedelta(days=1))
        ).violated == 1


async def test_attestations_that_can_not_be_are_refused(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now)
    content = listed(
        {"Custody": "single sign-on", "Credentials changed on": "2026-03-06"},
        {"Address": "", "Notice seen on": "2026-03-06"},
        {"Privacy checklist": "2026-1"},
        {"Responsibility accepted on": "2031-01-01"},
        {"Profile seen on": "2026-03-06"},
        {"Administrators reviewed on": "2026-03-06"},
        {"Level": "classroom", "State": "closed", "Administrators": "", "Profile seen on": "2026-03-06"},
    )
    with pytest.raises(BadRows) as refused:
        await take_in(sqlite_store, policy, now, content, actor="person1@example.org")
    said = str(refused.value)
    for expected in (
        "an account with single sign-on has no password to change",
        "give the address of the page on which it was seen",
        "its password is changed instead",
        "need not show name and position",
        "name the administrator whose name and position were seen",
        "say on which day the settings were held against it",
        "this day is still to come",
    ):
        assert expected in said


async def test_everything_that_is_wrong_is_told_at_once(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now)
    content = listed(
        {"Level": "personal"},
        {"Platform": "MySpace", "State": "lost"},
        {"School": "Seaside School"},
        {"Administrators": "nobody@example.org"},
        {"Vault reference": "Hunter2!x9Qz"},
        {"Live since": "2031-01-01", "Custodian is administrator": "perhaps"},
        {"Handle": "@double"},
        {"Handle": "DOUBLE"},
        {"Level": "division"},
        {"Administrators": ""},
        {"Address": "pages.example.org"},
        {"Handle": "lakeside school", "Address": "", "State": "suspended"},
        {"Handle": "Lakeside School"},  # known by its page
    )
    with pytest.raises(BadRows) as caught:
        await take_in(sqlite_store, policy, now, content)
    said = str(caught.value)
    for words in (
        "13 values can't be used",
        "line 2, column level, value 'personal': a personal account needs no approval: leave",
        "line 3, column platform, value 'MySpace': choose one of Facebook",
        "line 3, column state, value 'lost'",
        "line 4, column school, value 'Seaside School': there is no school of this name",
        "line 5, column administrators, value 'nobody@example.org'",
        "line 6, column vault reference: this names no entry of a vault",
        "line 7, column live since, value '2031-01-01': this day is still to come",
        "line 7, column custodian is administrator, value 'perhaps': say yes or no",
        "line 9, column handle, value 'DOUBLE': line 8 is the same account and says otherwise: address",
        "line 10, column school, value 'lakeside school': a division-wide account belongs to no school",
        "line 11, column administrators: name at least one person",
        "line 12, column address",
        "line 13, column handle, value 'lakeside school': write it without spaces",
    ):
        assert words in said
    assert "Hunter2" not in said
    assert not await rows(sqlite_store, Account)
    assert not await rows(sqlite_store, ImportRun)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"level,platform\n", "the header lacks 'handle'"),
        (b"", "empty"),
        (b"level,level,platform,handle,custody,administrators,state\n", "more than once"),
    ],
)
async def test_what_is_no_such_list_is_refused(
    sqlite_store: Store, policy: Policy, now: datetime, content: bytes, words: str
) -> None:
    await some_people(sqlite_store, now)
    with pytest.raises(BadFile, match=words):
        await take_in(sqlite_store, policy, now, content)
