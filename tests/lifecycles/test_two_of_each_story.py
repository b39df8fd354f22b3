"""Two courses and two texts at once for one account: gates, items, letters and lapses, each its own."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from policy.calendar import Calendar
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import course_gates, lacking, text_gates
from policy.model import Policy
from policy.training_lapse import asked_to_renew_from
from schemas.facts import AccessFacts
from schemas.settings import Settings
from schemas.states import AccessState, AccountState
from schemas.words import ChannelKind, Via
from tasks.access.gates import AcknowledgementForm, acknowledge_guidelines
from tasks.store import Store
from tasks.training.completions import CompletionForm, record_completion
from tests.factories.division import COURSE as PRIVACY
from tests.support.changed_policies import COURSE, OF_COURSE, OF_TEXT, TEXT, two_of_each
from tests.support.letters import Taken, deliver_at
from tests.support.stages import approved
from tests.support.world import CO, TEACHER, World, division, mail

FIRST_TEXT = "Social Media Guidelines"
DAY = date(2026, 10, 20)


@pytest.fixture(scope="module")
def two() -> Policy:
    return two_of_each()


def facts(**changes: Any) -> AccessFacts:
    given: dict[str, Any] = {
        "id": 1,
        "state": AccessState.WAITING,
        "version": 1,
        "suspended_for": None,
        "person_id": TEACHER,
        "person_active": True,
        "account_id": 1,
        "account_state": AccountState.APPROVED,
        "level": "school",
        "channel": ChannelKind.SOCIAL_MEDIA,
        "training_required": None,
        "completions": {},
        "acknowledged": frozenset(),
        "accepted": frozenset(),
    }
    return AccessFacts(**{**given, **changes})


def test_each_is_a_gate_of_its_own(two: Policy) -> None:
    access = facts()
    assert [(gate.control, gate.what) for gate in course_gates(access, two)] == [
        ("privacy-course", PRIVACY),
        (OF_COURSE, COURSE),
    ]
    assert [(gate.control, gate.what, gate.version) for gate in text_gates(access, two)] == [
        ("guidelines", FIRST_TEXT, "2026-1"),
        (OF_TEXT, TEXT, "7"),
        ("personal-responsibility", "personal responsibility", "2026-1"),
    ]


@pytest.mark.parametrize(
    ("completions", "missing"),
    [
        ({}, [PRIVACY, COURSE]),
        ({PRIVACY: DAY}, [COURSE]),
        ({COURSE: DAY}, [PRIVACY]),
        ({PRIVACY: DAY - timedelta(days=365), COURSE: DAY - timedelta(days=200)}, []),  # their last day
        ({PRIVACY: DAY - timedelta(days=366), COURSE: DAY - timedelta(days=200)}, [PRIVACY]),
        ({PRIVACY: DAY - timedelta(days=365), COURSE: DAY - timedelta(days=201)}, [COURSE]),
    ],
)
def test_each_course_counts_for_as_long_as_it_does(
    two: Policy, completions: dict[str, date], missing: list[str]
) -> None:
    read = frozenset({(FIRST_TEXT, "2026-1"), (TEXT, "7")})
    mine = frozenset({("personal responsibility", "2026-1")})
    access = facts(completions=completions, acknowledged=read, accepted=mine)
    assert [gate.what for gate in lacking(access, two, DAY)] == missing


async def letters(world: World) -> list[tuple[str, str]]:
    """What leaves now: to whom, and what it says."""
    taken = Taken()
    await deliver_at(world.store, world.policy, Settings(), world.now, taken)
    return taken.letters


async def asked(world: World) -> set[str]:
    """The ends of the keys of what the teacher is asked for."""
    return {
        row["key"].split("/", 1)[1]
        for row in await world.rows("action_item")
        if row["person_id"] == TEACHER and row["state"] == "open"
    }


async def test_a_story_with_two_of_each(sqlite_store: Store, two: Policy, now: datetime) -> None:
    world = World(sqlite_store, two, now)
    await world.put(*division())
    people = await approved(world)

    (first,) = [text for who, text in await letters(world) if who == mail(TEACHER) and TEXT in text]
    for said in ("Focus on Privacy", "Image Rights", "learn.example.org/image-rights", FIRST_TEXT, TEXT):
        assert said in " ".join(first.split()), first
    assert " and the course “Image Rights”" in " ".join(first.split())
    assert " and the Picture Rules, version 7" in " ".join(first.split())
    assert len(await asked(world)) == 5

    await world.meet_gates(1, *people, course=False)  # the first text, and responsibility
    for person in people:
        await completes(world, person, PRIVACY)
    await world.drain()
    left = await asked(world)
    assert len(left) == 2, left
    assert any(COURSE in key for key in left)
    assert any(TEXT in key for key in left)
    assert set((await world.accesses()).values()) == {AccessState.WAITING}
    for person in people:
        await completes(world, person, COURSE)
        await reads(world, person)
    await world.drain()
    assert set((await world.accesses()).values()) == {AccessState.GRANTED}
    assert not [key for key in await asked(world) if COURSE in key or TEXT in key]


async def reads(world: World, person: int) -> None:
    form = AcknowledgementForm(actor=mail(person), guideline=TEXT)
    await acknowledge_guidelines(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def completes(world: World, person: int, course: str) -> None:
    form = CompletionForm(
        actor=mail(CO if person != CO else TEACHER),
        person=mail(person),
        completed_on=world.now.date(),
        course=course,
    )
    await record_completion(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_only_the_course_that_lapses_is_asked_for_and_suspends(
    sqlite_store: Store, two: Policy, now: datetime
) -> None:
    world = World(sqlite_store, two, now)
    await world.put(*division())
    await story_until_live(world)
    await letters(world)
    calendar, control = Calendar(two), two.control(OF_COURSE)
    assert isinstance(control, TrainingBeforeAccess)
    last = two.course_by_id(COURSE).counts_through(now.date())
    assert last is not None

    world.on(asked_to_renew_from(last, control, calendar))
    await world.drain()
    assert [key for key in await asked(world) if COURSE in key]
    assert not [key for key in await asked(world) if PRIVACY in key]
    told = [text for who, text in await letters(world) if who == mail(TEACHER)]
    assert any("Image Rights" in " ".join(text.split()) for text in told)
    assert not any("Focus on Privacy" in text for text in told), told

    world.on(calendar.add_school_days(last, 2))
    await world.drain()
    rows = {row["person_id"]: row for row in await world.rows("access")}
    assert (rows[TEACHER]["state"], rows[TEACHER]["suspended_for"]) == (AccessState.SUSPENDED, OF_COURSE)
    (suspended,) = [text for who, text in await letters(world) if who == mail(TEACHER) and "Image" in text]
    assert "Focus on Privacy" not in suspended

    await completes(world, TEACHER, COURSE)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED


async def story_until_live(world: World) -> None:
    """As `live`, where the second course and the second text are done too."""
    people = await approved(world)
    await world.meet_gates(1, *people, course=False)
    for person in people:
        await completes(world, person, PRIVACY)
        await completes(world, person, COURSE)
        await reads(world, person)
    await world.drain()
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
