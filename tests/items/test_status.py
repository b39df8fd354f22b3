"""`steward status` and the waiting room: who owes what, how often they were reminded, to whom it climbed."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policy.model import Policy
from schemas.outcome import Subject
from schemas.words import ItemKind, SubjectKind
from tasks import clock
from tasks.items.waiting_room import Room, look
from tasks.store import Store
from tests.commands.terminal import Said, steward
from tests.factories.division import a_person, a_school
from tests.items.items_world import World
from tests.support.databases import run_in_own_loop

ANOTHER = 30
#: Of the request due on the 15th: 2 before, the due day, 3 late, 8 late (and a reminder of 6 late).
NIGHTS = [date(2026, 9, day) for day in (11, 15, 18, 28)]


async def fill(url: str, policy: Policy) -> None:
    """Three weeks in September, and somebody at another school who was asked a moment ago."""
    store = Store.open(url)
    try:
        world = World(store, policy, datetime(2026, 9, 8, 16, tzinfo=UTC))
        await world.begin()
        for day in NIGHTS:
            await world.night(day)
        await world.put(a_school(2), a_person(ANOTHER, school=2, leaves_on=date(2026, 10, 9)))
        await world.ask(
            ItemKind.COMPLETE_COURSE, ANOTHER, key="another", subject=Subject(SubjectKind.PERSON, ANOTHER)
        )
        world.now += timedelta(minutes=1)
        await world.office_ends(1, date(2026, 9, 27))
    finally:
        await store.close()


@pytest.fixture
def filled(store_url: str, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> str:
    run_in_own_loop(fill(store_url, policy))
    monkeypatch.setenv("STEWARD_DATABASE_URL", store_url)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 9, 28, 16, tzinfo=UTC))
    return store_url


def status(*arguments: str) -> Said:
    return steward("status", *arguments)


def owed(*arguments: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(status(*arguments, "--json").out)
    return rows


@pytest.mark.usefixtures("filled")
def test_who_owes_what_with_reminders_and_climbs() -> None:
    rows = owed()
    assert len(rows) == len(ItemKind) + 1
    by_what = {row["kind"]: row for row in rows}
    assert by_what["decide the request"] == {
        "item": by_what["decide the request"]["item"],
        "kind": "decide the request",
        "person": None,
        "office": "school administrator",
        "school": 1,
        "school_name": "Sample School 1",
        "names": ["Given3 Sample3"],
        "has_left": False,
        "mail_refused": False,
        "subject_kind": "request",
        "subject": 2,
        "handle": "@wished.2",
        "about": "@wished.2 on Instagram",
        "account": None,
        "control": "classroom-approval",
        "clause": "6",
        "due_on": "2026-09-15",
        "days_late": 13,
        "reminders": 3,
        "climbed_to": "superintendent",
    }
    assert by_what["settle an unmatched row"]["names"] == []
    text = status().out
    assert "communications officer (nobody holds it today): " in text
    assert "school administrator, Sample School 1 (Given3 Sample3): " in text
    theirs = [row for row in rows if row["names"] == ["Given4 Sample4"]]
    late = [sum(row["days_late"] > 0 for row in some) for some in (theirs, rows)]
    assert f"Given4 Sample4: {len(theirs)} open, {late[0]} late" in text
    assert late[0] > 3
    assert "Given30 Sample30: 1 open\n" in text
    of = {(row["person"], row["office"], row["office"] and row["school"]) for row in rows}
    assert f"{len(rows)} open, {late[1]} late, with {len(of)} people and offices." in text

    assert [row["names"] for row in owed("--school", "sample school 2")] == [["Given30 Sample30"]]
    theirs = owed("--of", "person3@example.org")
    assert {row["kind"] for row in theirs} == {
        "decide the request",
        "name a successor",
        "confirm the list of a school",
        "look at a contact report",
        "decide on the leave",
        "adopt or shut a page",
    }
    assert owed("--of", "person3@example.org", "--school", "Sample School 2") == []
    assert (
        "person3@example.org owes nothing at Sample School 2."
        in status("--of", "person3@example.org", "--school", "Sample School 2").out
    )
    assert status("--school", "Nowhere").code == 2
    missing = (
        "Given30 Sample30 is missing from the roster and counts as left after Friday 9 October 2026. "
        f"`steward person return {ANOTHER}` keeps them."
    )
    for given, said in (((), True), (("--of", str(ANOTHER)), True), (("--of", "person3@example.org"), False)):
        assert (missing in " ".join(status(*given).out.split())) == said, given


async def test_the_waiting_room_has_the_same_without_names(world: World) -> None:
    for day in NIGHTS:
        await world.night(day)
    now = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)
    room = await look(world.store, world.policy, now, 100)
    waiting = room.waiting
    assert len(waiting) == room.in_all == len(ItemKind)
    assert (await look(world.store, world.policy, now, 2)) == Room(waiting[:2], room.in_all)
    decision = next(one for one in waiting if one.what == "decide the request")
    assert (decision.who, decision.about) == (
        "school administrator, Sample School 1",
        "@wished.2 on Instagram",
    )
    assert (decision.days_late, decision.reminders, decision.climbed_to) == (13, 3, "superintendent")
    finding = next(one for one in waiting if one.what == "mend a finding")
    assert finding.about == "@sample.1 on Instagram"
    assert "Given" not in repr(waiting)
    assert not any(one.who.startswith("person") for one in waiting)
