"""The work of a worker that is gone: whose runs are ended, what is given back, and what is left alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pytest
from sqlmodel import col, select

from deployments.local import heirs
from policy.calendar import Calendar
from policy.model import Policy
from schemas.errors import StoreUnavailable
from schemas.events import EventKind, WakeState
from schemas.machinery import Wake
from schemas.outcome import Emit, Outcome, Subject
from schemas.settings import Settings
from schemas.words import SubjectKind
from tasks import clock
from tasks.prefect.api import PrefectUnavailable, Run
from tasks.store import Store, wakes
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
GATE = "training-gate"


def run(name: str, worker: str | None, state: str = "RUNNING", age: timedelta = timedelta()) -> Run:
    return Run(name, name, None, state, state.title(), None, False, worker, NOW - age)


@dataclass
class Prefect:
    """Prefect as one worker sees it: the runs that look alive, and the workers that it has not heard of."""

    alive: Sequence[Run]
    gone: Sequence[str] = ()
    crashed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def runs_in(self, _states: Sequence[str]) -> list[Run]:
        return [one for one in self.alive if one.id not in self.crashed]

    async def call(self, _method: str, _path: str, _body: Any) -> list[dict[str, str]]:
        status = {"steward-two": "ONLINE", **dict.fromkeys(self.gone, "OFFLINE")}
        return [{"name": name, "status": one} for name, one in status.items()]

    async def set_state(self, run_id: str, kind: str, _name: str, _message: str) -> None:
        assert kind == "CRASHED"
        self.crashed.append(run_id)

    async def ask_run(self, name: str) -> None:
        self.asked.append(name)


@pytest.mark.parametrize(
    ("one", "is_left"),
    [
        (run("of a worker that is gone", "steward-one"), True),
        (run("of one that is there", "steward-two"), False),
        (run("of one of which nothing is known", None), False),
        (run("being started", None, "PENDING", timedelta(minutes=4)), False),
        (run("never begun", None, "PENDING", timedelta(minutes=6)), True),
        (run("never begun, by one that is there", "steward-two", "PENDING", timedelta(minutes=6)), True),
        (run("long under way", "steward-two", "RUNNING", timedelta(hours=6)), False),
    ],
    ids=lambda one: one.name if isinstance(one, Run) else "",
)
def test_which_runs_are_left(one: Run, is_left: bool) -> None:
    assert heirs.left_by([one], frozenset({"steward-one"}), NOW) == ([one] if is_left else [])


async def taken_by(store: Store, policy: Policy, *runs: str) -> None:
    """A wake-up of the same lifecycle for each run, taken by it."""
    for one in runs:
        async with store.write() as session:
            what = Outcome((Emit(EventKind.COMPLETION_RECORDED, Subject(SubjectKind.ACCOUNT, 1)),))
            await apply(session, what, actor=STEWARD, calendar=Calendar(policy), now=NOW)
        async with store.write(audited=False) as session:
            assert await wakes.take(session, GATE, one, NOW) == 1


async def states(store: Store) -> dict[str | None, WakeState]:
    async with store.read() as session:
        return {one.taken_by: one.state for one in await session.exec(select(Wake).order_by(col(Wake.id)))}


@pytest.fixture
def mine(store: Store, settings: Settings) -> Settings:
    url = store._engine.url.render_as_string(hide_password=False)
    return settings.model_copy(update={"database_url": url, "machine": "two"})


@pytest.fixture
def prefect(monkeypatch: pytest.MonkeyPatch) -> Prefect:
    made = Prefect([run("dead", "steward-one"), run("alive", "steward-two"), run("other", "steward-three")])
    monkeypatch.setattr(heirs, "_api", lambda _settings: made)
    monkeypatch.setattr(clock, "wall", lambda: NOW)
    return made


async def test_the_work_of_a_machine_that_is_gone_is_given_back_once(
    store: Store, policy: Policy, mine: Settings, prefect: Prefect
) -> None:
    await taken_by(store, policy, "dead", "alive", "other")
    assert await heirs.look(mine, "steward-two") == 0, "nobody is gone"
    prefect.gone = ("steward-one",)
    assert await heirs.look(mine, "steward-two") == 1
    assert await states(store) == {
        "dead": WakeState.PENDING,
        "alive": WakeState.TAKEN,
        "other": WakeState.TAKEN,
    }
    assert prefect.crashed == ["dead"]
    assert prefect.asked == ["notice-delivery"]
    assert await heirs.look(mine, "steward-two") == 0
    assert prefect.asked == ["notice-delivery"]


async def test_a_worker_is_no_heir_of_its_own(
    store: Store, policy: Policy, mine: Settings, prefect: Prefect
) -> None:
    """Prefect may call it offline while it works: it was too busy to say that it is there."""
    await taken_by(store, policy, "alive")
    prefect.gone = ("steward-two",)
    assert await heirs.look(mine, "steward-two") == 0
    assert prefect.crashed == []


async def test_a_worker_that_starts_clears_up_after_the_one_of_its_name_alone(
    store: Store, policy: Policy, mine: Settings, prefect: Prefect
) -> None:
    await taken_by(store, policy, "dead", "alive", "other")
    prefect.gone = ("steward-one", "steward-three")
    assert await heirs.clear_up_own(mine, "steward-two") == 1
    assert prefect.crashed == ["alive"]
    assert await states(store) == {
        "dead": WakeState.TAKEN,
        "alive": WakeState.PENDING,
        "other": WakeState.TAKEN,
    }


async def test_a_worker_waits_for_the_others_before_it_begins(
    store: Store, policy: Policy, mine: Settings, prefect: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    await taken_by(store, policy, "alive")
    monkeypatch.setattr(heirs, "AGAIN_SECONDS", 0)
    answers = iter([PrefectUnavailable("away"), StoreUnavailable("away")])
    runs_in = prefect.runs_in

    async def sometimes(states: Sequence[str]) -> list[Run]:
        if (away := next(answers, None)) is not None:
            raise away
        return await runs_in(states)

    monkeypatch.setattr(prefect, "runs_in", sometimes)
    assert await heirs.begin(mine, "steward-two") == 1
    assert prefect.crashed == ["alive"]
