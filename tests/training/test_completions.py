"""Recording, voiding and restoring one completion, and what the gate then does (5.2)."""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col

from deployments.sample.words import Guideline
from policy.calendar import Calendar
from policy.gates import course_meant
from policy.model import Policy
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, Unknown
from schemas.gates import Completion, GuidelineReceipt
from schemas.machinery import AuditEntry, Event, Notice
from schemas.outcome import Ask, Outcome, Subject
from schemas.receipt import Receipt
from schemas.settings import Settings
from schemas.states import AccessState
from schemas.words import ItemKind, SubjectKind, Via
from tasks.access import lifecycle as training_gate
from tasks.runtime import Runtime
from tasks.store import Store, audit, verifying
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.training.completions import (
    CompletionForm,
    RestoreForm,
    VoidForm,
    record_completion,
    restore_completion,
    void_completion,
)
from tests.factories.division import an_acceptance
from tests.support.changed_policies import known_for_long
from tests.support.letters import leave
from tests.training.training_people import access_state, an_access, counted, open_items, rows, some_people

OFFICER, SOMEBODY = "person1@example.org", "person2@example.org"
DAY = date(2026, 9, 14)


async def record(store: Store, policy: Policy, now: datetime, day: date = DAY, **more: str) -> Receipt:
    form = CompletionForm.model_validate({"actor": OFFICER, "person": SOMEBODY, "completed_on": day, **more})
    return await record_completion(store, policy, form, via=Via.COMMAND, now=now)


async def void(store: Store, policy: Policy, now: datetime, day: date = DAY) -> Receipt:
    form = VoidForm(actor=OFFICER, person=SOMEBODY, completed_on=day, reason="somebody else sat it")
    return await void_completion(store, policy, form, via=Via.COMMAND, now=now)


async def restore(store: Store, policy: Policy, now: datetime, day: date = DAY) -> Receipt:
    form = RestoreForm(actor=OFFICER, person=SOMEBODY, completed_on=day, reason="it was hers after all")
    return await restore_completion(store, policy, form, via=Via.COMMAND, now=now)


async def run_gate(store: Store, policy: Policy, now: datetime) -> list[str]:
    """What one run of the training gate does."""
    said: list[str] = []
    runtime = Runtime(Settings(), policy, store)
    for case in await training_gate.due(runtime, now):
        said += await training_gate.move(runtime, case, now)
    return said


async def meet_the_other_gates(store: Store, policy: Policy, now: datetime, person: int = 2) -> None:
    """The guidelines are acknowledged and responsibility for account 1 accepted."""
    async with store.write() as session:
        version = policy.text(Guideline.SOCIAL_MEDIA).version
        session.add(an_acceptance(1, person))
        session.add(
            GuidelineReceipt(
                person_id=person,
                guideline=Guideline.SOCIAL_MEDIA,
                guideline_version=version,
                sent_at=now,
                acknowledged_at=now,
                recorded_via=Via.COMMAND,
            )
        )


async def test_a_completion_is_kept_once_with_its_entry_and_event(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    receipt = await record(store, policy, now)
    assert receipt.says == "The completion of 2026-09-14 is recorded; it counts through 2027-09-14."
    before = await counted(store)
    with pytest.raises(AlreadyDone):
        await record(store, policy, now)
    assert await counted(store) == before
    kept = await rows(store, Completion)
    assert [(row.person_id, row.completed_on, row.recorded_by_id) for row in kept] == [(2, DAY, 1)]
    entries = await rows(store, AuditEntry, col(AuditEntry.cause) != audit.UNNAMED)
    assert [(one.subject_kind, one.subject_id, one.control, one.cause) for one in entries] == [
        ("person", 2, "privacy-course", "completion recorded")
    ]
    events = await rows(store, Event)
    assert [(one.kind, one.subject_id) for one in events] == [("steward.completion.recorded", 2)]
    await verifying.verify(store)


@pytest.mark.parametrize("day", [date(2026, 10, 21), date(1999, 12, 31)])
async def test_a_day_that_can_not_be_is_refused(
    sqlite_store: Store, policy: Policy, now: datetime, day: date
) -> None:
    await some_people(sqlite_store, now)
    with pytest.raises(BadInput, match=str(day)):
        await record(sqlite_store, policy, now, day)
    assert not await rows(sqlite_store, Completion)


async def test_nobody_vouches_for_their_own_course(
    sqlite_store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(sqlite_store, now)
    with pytest.raises(NotAllowed, match="their own"):
        await record(sqlite_store, policy, now, actor=SOMEBODY)
    with pytest.raises(Unknown):
        await record(sqlite_store, policy, now, actor="stranger@example.org")
    assert not await rows(sqlite_store, Completion)


async def test_voided_and_restored_by_their_own_paths_only(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    with pytest.raises(Unknown, match="recorded are: none"):
        await void(store, policy, now)
    await record(store, policy, now)
    with pytest.raises(AlreadyDone):
        await restore(store, policy, now)
    await void(store, policy, now)
    with pytest.raises(AlreadyDone):
        await void(store, policy, now)
    with pytest.raises(NotNow, match="restore"):
        await record(store, policy, now)
    await restore(store, policy, now)
    kept = (await rows(store, Completion))[0]
    assert (kept.voided_at, kept.void_reason) == (
        None,
        "somebody else sat it; restored: it was hers after all",
    )
    causes = [one.cause for one in await rows(store, AuditEntry, col(AuditEntry.cause) != audit.UNNAMED)]
    assert causes == ["completion recorded", "completion voided", "completion restored"]
    await verifying.verify(store)


async def test_only_a_current_completion_ends_what_asked_for_it(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    person = Subject(SubjectKind.PERSON, 2)
    ask = Ask(
        "person:2/course/focus-on-privacy/never",
        ItemKind.COMPLETE_COURSE,
        2,
        person,
        "privacy-course",
        date(2026, 11, 3),
    )
    async with store.write() as session:
        await apply(session, Outcome((ask,)), actor=STEWARD, calendar=Calendar(policy), now=now)
    old = await record(store, policy, now, date(2025, 1, 10))
    assert "no longer does" in old.says
    assert len(await open_items(store, ItemKind.COMPLETE_COURSE)) == 1
    await record(store, policy, now)
    assert not await open_items(store, ItemKind.COMPLETE_COURSE)


async def test_granted_on_completion_taken_on_voiding_granted_on_restoring(
    store: Store, policy: Policy, now: datetime
) -> None:
    await some_people(store, now)
    access = await an_access(store, 2, now, AccessState.WAITING)
    await meet_the_other_gates(store, policy, now)
    await run_gate(store, policy, now)
    assert await access_state(store, access) is AccessState.WAITING
    await record(store, policy, now)
    assert await run_gate(store, policy, now) == ["granted"]
    await void(store, policy, now)
    await run_gate(store, policy, now)
    assert await access_state(store, access) is AccessState.SUSPENDED
    await restore(store, policy, now)
    assert await run_gate(store, policy, now) == ["granted"]
    assert await run_gate(store, policy, now) == []


async def test_a_lapse_takes_every_access_of_the_person(store: Store, policy: Policy, now: datetime) -> None:
    policy = known_for_long(policy)
    await some_people(store, now)
    one = await an_access(store, 2, now, AccessState.GRANTED, "one")
    other = await an_access(store, 2, now, AccessState.GRANTED, "other")
    await record(store, policy, now)
    await meet_the_other_gates(store, policy, now)
    async with store.write() as session:
        session.add(an_acceptance(2, 2))
    until = course_meant(policy).counts_through(DAY)
    assert until is not None
    last = now + timedelta(days=(until - now.date()).days)
    asked = last - timedelta(days=20)
    assert await run_gate(store, policy, asked) == ["asked to renew the course"]
    await leave(store, asked)
    assert await run_gate(store, policy, last) == [], "its last day counts"
    calendar = Calendar(policy)
    after = calendar.add_school_days(calendar.today(last), 1)
    await run_gate(store, policy, last + (after - calendar.today(last)))
    for access in (one, other):
        assert await access_state(store, access) is AccessState.SUSPENDED
    kinds = [notice.kind for notice in await rows(store, Notice, col(Notice.person_id) == 2)]
    assert kinds == ["recorded_for_you", "access_at_risk", "access_suspended", "access_suspended"]
