"""The relay against a Prefect that is there, away, slow or strange: nothing is lost, nothing asked twice."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from policy.calendar import Calendar
from policy.model import Policy
from schemas.columns import table_of
from schemas.errors import StoreUnavailable
from schemas.events import EventKind, WakeState
from schemas.machinery import Event, Wake
from schemas.outcome import Emit, Outcome, Subject
from schemas.settings import Settings
from schemas.words import SubjectKind, Via
from tasks.prefect.relay import relay
from tasks.store import Store, wakes
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.training.completions import CompletionForm, record_completion
from tests.factories.division import a_person, a_school, put
from tests.relay.prefect_double import AUTH, PrefectDouble, wait_for_prefect

GATE, CREATION, LEAVE, LOOKS = "training-gate", "account-creation", "leave", "looks"
PENDING, ASKED, TAKEN = WakeState.PENDING, WakeState.ASKED, WakeState.TAKEN
BAD_ANSWERS = [
    "500",
    "401",
    "moved",
    "a web page",
    "an object",
    "a number",
    "a list of nothing",
    "nothing",
    "hangs up",
    "not HTTP",
]


async def happens(store: Store, policy: Policy, now: datetime, kind: EventKind = EventKind.GATE_MET) -> None:
    emit = Outcome((Emit(kind, Subject(SubjectKind.ACCOUNT, 1)),))
    async with store.write() as session:
        await apply(session, emit, actor=STEWARD, calendar=Calendar(policy), now=now)


def asked_for(double: PrefectDouble) -> list[str]:
    """The lifecycles of the runs that were asked for, by name."""
    return sorted(run["deployment_id"].removeprefix("deployment-") for run in double.runs)


async def wake_states(store: Store) -> list[WakeState]:
    async with store.read() as session:
        rows = await session.run(select(table_of(Wake).c.state).order_by(table_of(Wake).c.id))
        return list(rows.scalars())


async def unseen(store: Store) -> int:
    async with store.read() as session:
        rows = await session.run(select(table_of(Event).c.id).where(table_of(Event).c.shown_at.is_(None)))
        return len(rows.all())


async def test_one_run_for_each_lifecycle_and_then_nothing_more(
    store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    for kind in (EventKind.GATE_MET, EventKind.GATE_MET, EventKind.ROSTER_IMPORTED):
        await happens(store, policy, now, kind)
    assert await relay(store, settings, now) == 4
    assert asked_for(double) == [CREATION, LEAVE, LOOKS, GATE]
    assert set(await wake_states(store)) == {ASKED}
    assert len(double.events) == 3
    assert await unseen(store) == 0
    await happens(store, policy, now)
    assert await relay(store, settings, now) == 0, "the run that was asked for and has not begun takes it too"
    assert len(double.runs) == 4
    assert len(double.events) == 4


async def test_one_deployment_missing_does_not_stop_the_others(
    store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    double.missing = {CREATION}
    await happens(store, policy, now, EventKind.ROSTER_IMPORTED)
    await happens(store, policy, now, EventKind.GATE_MET)

    assert await relay(store, settings, now) == 3
    assert asked_for(double) == [LEAVE, LOOKS, GATE]
    assert await unseen(store) == 0, "events are shown all the same"
    double.missing = set()
    assert await relay(store, settings, now) == 1, "what waited is asked for once the deployment is back"
    assert asked_for(double) == [CREATION, LEAVE, LOOKS, GATE]
    assert set(await wake_states(store)) == {ASKED}


async def test_a_deployment_that_went_after_it_was_asked_does_not_stop_the_others(
    store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    await happens(store, policy, now, EventKind.GATE_MET)
    assert await relay(store, settings, now) == 1
    gone = double.runs[0]["deployment_id"].removeprefix("deployment-")
    double.missing = {gone}
    await happens(store, policy, now, EventKind.ROSTER_IMPORTED)

    assert await relay(store, settings, now) == 3
    assert f"deployment-{gone}" not in [run["deployment_id"] for run in double.runs[1:]]


@pytest.mark.parametrize("fault", BAD_ANSWERS)
async def test_a_prefect_that_refuses_or_talks_nonsense_costs_one_log_line(
    sqlite_store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime, fault: str
) -> None:
    double.fault = fault
    await happens(sqlite_store, policy, now, EventKind.ROSTER_IMPORTED)
    await _costs_one_line(sqlite_store, settings, double, now)
    double.fault = None
    assert await relay(sqlite_store, settings, now) == 4, "once Prefect is well again everything is asked for"
    assert set(await wake_states(sqlite_store)) == {ASKED}


@pytest.mark.parametrize("fault", ["stall", "trickle"])
async def test_a_prefect_that_stalls_is_given_up(
    sqlite_store: Store,
    policy: Policy,
    settings: Settings,
    double: PrefectDouble,
    now: datetime,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_for_prefect(monkeypatch, seconds=0.5)
    double.fault = fault
    await happens(sqlite_store, policy, now)
    await _costs_one_line(sqlite_store, settings, double, now)


async def test_a_prefect_that_is_away_costs_one_log_line(
    store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    unused = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = unused.sockets[0].getsockname()[1]
    unused.close()
    await unused.wait_closed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{port}/api")
        await happens(store, policy, now)
        await _costs_one_line(store, settings, double, now)
    assert await relay(store, settings, now) == 1


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.org/api", "http://[1/api", "http://127.0.0.1:x/"])
async def test_an_address_that_is_none_costs_one_log_line(
    sqlite_store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime, url: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", url)
        await happens(sqlite_store, policy, now)
        await _costs_one_line(sqlite_store, settings, double, now)


async def _costs_one_line(store: Store, settings: Settings, double: PrefectDouble, now: datetime) -> None:
    """Relays, and holds what comes of it against what may."""
    with capture_logs() as lines:
        assert await relay(store, settings, now) == 0
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("relay.prefect_unavailable", "warning")
    ]
    said = str(lines)
    assert "127.0.0.1" not in said
    assert str(double.port) not in said
    assert "canary" not in said
    assert set(await wake_states(store)) == {PENDING}
    assert await unseen(store) == 1
    assert not double.runs


async def test_without_any_prefect_everything_stays_pending(
    sqlite_store: Store, policy: Policy, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "stack.json").write_text('{"api_url": 7')  # half of one
    await happens(sqlite_store, policy, now)
    assert await relay(sqlite_store, Settings(data_dir=tmp_path), now) == 0
    assert await wake_states(sqlite_store) == [PENDING]


async def test_two_relays_at_once_get_one_run_between_them(
    store: Store, store_url: str, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    await happens(store, policy, now, EventKind.ROSTER_IMPORTED)
    double.gate = asyncio.Barrier(2)  # both have asked before either is answered
    other = Store.open(store_url)
    try:
        asked = await asyncio.gather(relay(store, settings, now), relay(other, settings, now))
        assert list(asked) == [4, 4]
    finally:
        await other.close()
    assert [len(double.runs_of(one)) for one in (CREATION, GATE, LEAVE, LOOKS)] == [1] * 4
    assert set(await wake_states(store)) == {ASKED}
    assert len({event["id"] for event in double.events}) == 1


async def test_two_relays_get_one_run_also_when_something_happens_between_them(
    sqlite_store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    await happens(sqlite_store, policy, now)
    double.gate = asyncio.Barrier(2)
    first = asyncio.create_task(relay(sqlite_store, settings, now))
    while not double.gate.n_waiting:  # noqa: ASYNC110 - it has asked, and is not answered yet
        await asyncio.sleep(0)
    await happens(sqlite_store, policy, now)
    assert await relay(sqlite_store, settings, now) == await first == 1
    assert len(double.runs) == 1
    assert await wake_states(sqlite_store) == [ASKED, ASKED]


async def test_a_crash_between_asking_and_marking_makes_no_second_run(
    store: Store,
    policy: Policy,
    settings: Settings,
    double: PrefectDouble,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def crash(*_: object) -> int:
        raise StoreUnavailable("The disk is full.")

    await happens(store, policy, now)
    with monkeypatch.context() as patch:
        patch.setattr(wakes, "mark_asked", crash)
        with pytest.raises(StoreUnavailable):
            await relay(store, settings, now)
    assert await wake_states(store) == [PENDING]
    assert await relay(store, settings, now + timedelta(minutes=1)) == 1
    keys = [body["idempotency_key"] for path, body in double.asked if path.endswith("create_flow_run")]
    assert keys == [f"{GATE}:1", f"{GATE}:1"]
    assert len(double.runs) == 1
    assert await wake_states(store) == [ASKED]


async def test_a_wake_up_given_back_after_its_run_died_gets_a_new_run(
    store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    await happens(store, policy, now)
    for death in range(1, 4):
        moment = now + timedelta(minutes=death)
        assert await relay(store, settings, moment) == 1
        assert len(double.runs) == death, "never the dead run again"
        run = double.runs[-1]["id"]
        async with store.write(audited=False) as session:
            assert await wakes.take(session, GATE, run, moment) == 1
        double.now_all("CRASHED")
        async with store.write(audited=False) as session:
            assert await wakes.give_back(session, [run]) == 1
        assert await wake_states(store) == [PENDING]


@pytest.mark.parametrize("end", ["CRASHED", "CANCELLED", "FAILED"])
async def test_a_run_that_ended_before_it_took_anything_is_asked_for_anew(
    sqlite_store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime, end: str
) -> None:
    await happens(sqlite_store, policy, now)
    assert await relay(sqlite_store, settings, now) == 1
    double.now_all(end)
    assert await relay(sqlite_store, settings, now + timedelta(minutes=1)) == 1
    assert [run["state"]["type"] for run in double.runs] == [end, "SCHEDULED"]
    assert await wake_states(sqlite_store) == [ASKED]


@pytest.mark.parametrize(
    ("state", "after", "comes_back"),
    [
        ("FAILED", timedelta(minutes=3), True),
        ("CRASHED", timedelta(minutes=3), True),
        ("RUNNING", timedelta(minutes=3), False),
        ("FAILED", timedelta(minutes=1), False),
    ],
    ids=["failed", "crashed", "still running", "a moment ago"],
)
async def test_what_a_run_had_taken_that_ended_and_was_not_done_is_asked_for_anew(
    *,
    sqlite_store: Store,
    policy: Policy,
    settings: Settings,
    double: PrefectDouble,
    now: datetime,
    state: str,
    after: timedelta,
    comes_back: bool,
) -> None:
    """As when the database was away: the run failed, and could not say so in the store."""
    await happens(sqlite_store, policy, now)
    assert await relay(sqlite_store, settings, now) == 1
    double.runs[0]["id"] = "5b3c5a9e-6a51-4a3e-9e43-6d1c9d5f0151"
    async with sqlite_store.write(audited=False) as session:
        assert await wakes.take(session, GATE, double.runs[0]["id"], now) == 1
    double.now_all(state)
    assert await relay(sqlite_store, settings, now + after) == int(comes_back)
    assert await wake_states(sqlite_store) == [ASKED if comes_back else TAKEN]
    assert len(double.runs) == 1 + comes_back


async def test_who_took_something_by_hand_is_not_asked_after(
    sqlite_store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    await happens(sqlite_store, policy, now)
    async with sqlite_store.write(audited=False) as session:
        assert await wakes.take(session, GATE, "by-hand-1", now) == 1
    assert await relay(sqlite_store, settings, now + timedelta(minutes=3)) == 0
    assert not [path for path, _ in double.asked if path.startswith("flow_runs/")]


async def test_an_event_shown_twice_is_still_one(
    store: Store, store_url: str, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    await happens(store, policy, now)
    await relay(store, settings, now)
    await relay(store, settings, now)
    assert len(double.events) == 1
    async with store.write(audited=False) as session:  # as if it died between showing and noting so
        await session.run(table_of(Event).update().values(shown_at=None))
    again = Store.open(store_url)
    try:
        await relay(again, settings, now + timedelta(hours=1))
    finally:
        await again.close()
    first, second = double.events
    assert first == second, "Prefect keeps one event for one id"


async def test_what_goes_to_prefect_holds_no_name_and_no_address(
    sqlite_store: Store, policy: Policy, settings: Settings, double: PrefectDouble, now: datetime
) -> None:
    canary = a_person(
        1, given_name="Canarygiven", family_name="Canaryfamily", email="canary@example.org", position="canary"
    )
    async with sqlite_store.write() as session:
        await put(session, a_school(1, name="Canary School"), canary, a_person(2))
    form = CompletionForm(actor="2", person="canary@example.org", completed_on=now.date())
    await record_completion(sqlite_store, policy, form, via=Via.COMMAND, now=now)
    assert await relay(sqlite_store, settings, now) == 1
    assert len(double.events) == 1
    assert "canary" not in json.dumps(double.asked).lower()
    assert AUTH not in json.dumps(double.asked)
