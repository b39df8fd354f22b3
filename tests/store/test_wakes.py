"""No wake-up is lost, whatever dies and in whatever order things happen; and few runs serve many events."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select
from sqlmodel import col

from policy.calendar import Calendar
from policy.model import Policy, load
from schemas.columns import table_of
from schemas.events import EventKind, WakeState
from schemas.machinery import Event, Wake
from schemas.outcome import Emit, Outcome, Subject
from schemas.words import SubjectKind
from tasks.lifecycles import woken_by
from tasks.store import Store, wakes
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.session import Session
from tests.store.machines import StoreMachine, run_on
from tests.support.databases import ROOT

SUBJECT = Subject(SubjectKind.ACCOUNT, 1)
GATE = "training-gate"


async def emit(session: Session, kind: EventKind, calendar: Calendar, now: datetime) -> None:
    await apply(session, Outcome((Emit(kind, SUBJECT),)), actor=STEWARD, calendar=calendar, now=now)


async def states(store: Store) -> list[WakeState]:
    async with store.read() as session:
        return list((await session.run(select(col(Wake.state)).order_by(col(Wake.id)))).scalars())


async def test_one_run_takes_what_three_hundred_events_asked_for(
    store: Store, policy: Policy, now: datetime
) -> None:
    calendar = Calendar(policy)
    asked = 0
    async with store.write() as session:
        for _ in range(300):
            await emit(session, EventKind.COMPLETION_RECORDED, calendar, now)
            for lifecycle, (_, newest) in (await wakes.wanted(session)).items():
                asked += 1
                await wakes.mark_asked(session, lifecycle, newest, f"run {asked}", now)
    assert asked == 1, "while a run is asked for, nobody asks for another"
    async with store.write(audited=False) as session:
        assert await wakes.take(session, GATE, "run 1", now) == 300
        assert await wakes.take(session, GATE, "run 2", now) == 0
        assert await wakes.done(session, GATE, "run 1") == 300
    assert set(await states(store)) == {WakeState.DONE}


async def test_an_event_that_commits_after_the_taking_has_a_wake_up_of_its_own(
    postgresql_store: Store, policy: Policy, now: datetime
) -> None:
    """It is written before the run takes, and seen by nobody until after the run gathered."""
    calendar = Calendar(policy)
    async with postgresql_store.write() as slow:
        await emit(slow, EventKind.GATE_MET, calendar, now)
        async with postgresql_store.write(audited=False) as session:
            assert await wakes.take(session, GATE, "run", now) == 0
        async with postgresql_store.write(audited=False) as session:
            await wakes.done(session, GATE, "run")
    async with postgresql_store.read() as session:
        assert list(await wakes.wanted(session)) == [GATE]


async def test_what_a_dead_run_took_is_given_back(store: Store, policy: Policy, now: datetime) -> None:
    async with store.write() as session:
        await emit(session, EventKind.GATE_MET, Calendar(policy), now)
        await wakes.take(session, GATE, "dead", now)
        assert await wakes.wanted(session) == {}
        await wakes.give_back(session, ["another"])
        assert await wakes.wanted(session) == {}
        assert await wakes.give_back(session, ["dead"]) == 1
        assert list(await wakes.wanted(session)) == [GATE]
        assert await wakes.done(session, GATE, "dead") == 0, "what was given back is no longer its to end"


async def test_lost_and_dead_runs_are_noticed_in_time_and_not_before(
    store: Store, policy: Policy, now: datetime
) -> None:
    async with store.write() as session:
        await emit(session, EventKind.GATE_MET, Calendar(policy), now)
        [(lifecycle, pending)] = (await wakes.wanted(session)).items()
        await wakes.mark_asked(session, lifecycle, pending.newest, "lost", now)
        assert await wakes.revive(session, now + wakes.ASKED_FOR_TOO_LONG) == 0
        later = now + wakes.ASKED_FOR_TOO_LONG + timedelta(seconds=1)
        assert await wakes.revive(session, later) == 1
        assert await wakes.wanted(session) == {lifecycle: pending}
        await wakes.take(session, GATE, "dead", later)
        assert await wakes.revive(session, later + wakes.TAKEN_FOR_TOO_LONG) == 0
        assert await wakes.revive(session, later + wakes.TAKEN_FOR_TOO_LONG + timedelta(seconds=1)) == 1
        assert await wakes.wanted(session) == {lifecycle: pending}


class Run:
    """A run in the orchestrator: asked for, then running, then gone, well or not."""

    def __init__(self, lifecycle: str, name: str) -> None:
        self.lifecycle = lifecycle
        self.name = name
        self.gathered: set[int] | None = None


class NoWakeUpIsLost(StoreMachine):
    """Events, relays, runs and deaths in any order.

    An event is served by a run that gathered it and ended well.
    """

    calendar = Calendar(load(ROOT / "policy" / "ap151.toml"))

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
        self.served: set[tuple[int, str]] = set()
        self.waiting: list[Run] = []
        self.running: list[Run] = []
        self.asked = 0

    @rule(kind=st.sampled_from([kind for kind in EventKind if woken_by(kind)]))
    def something_happens(self, kind: EventKind) -> None:
        async def work() -> None:
            async with self.store.write() as session:
                await emit(session, kind, self.calendar, self.now)

        self.do(work())

    @rule(dies=st.sampled_from([None, "before asking", "before marking"]))
    def relay(self, dies: str | None) -> None:
        self.do(self._relay(dies))

    async def _relay(self, dies: str | None) -> None:
        async with self.store.read() as session:
            wanted = await wakes.wanted(session)
        if dies == "before asking":
            return
        for lifecycle, (_, newest) in wanted.items():
            self.asked += 1
            run = Run(lifecycle, f"run {self.asked}")
            self.waiting.append(run)
            if dies == "before marking":
                return
            async with self.store.write(audited=False) as session:
                await wakes.mark_asked(session, lifecycle, newest, run.name, self.now)

    @rule(data=st.data())
    @precondition(lambda self: self.waiting)
    def a_run_starts_late_after_its_relay_marked(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(run)
        self.do(self._start(run))

    @rule(kind=st.sampled_from(EventKind))
    def a_run_starts_before_its_relay_marked(self, kind: EventKind) -> None:
        """The orchestrator was quick: the run takes between the relay's asking and its marking."""

        async def work() -> None:
            async with self.store.read() as session:
                wanted = await wakes.wanted(session)
            for lifecycle, (_, newest) in wanted.items():
                self.asked += 1
                run = Run(lifecycle, f"run {self.asked}")
                await self._start(run)
                async with self.store.write() as session:
                    await emit(session, kind, self.calendar, self.now)
                async with self.store.write(audited=False) as session:
                    await wakes.mark_asked(session, lifecycle, newest, run.name, self.now)
                    if lifecycle in woken_by(kind):  # it came too late for that run
                        assert lifecycle in await wakes.wanted(session)

        self.do(work())

    async def _start(self, run: Run) -> None:
        async with self.store.write(audited=False) as session:
            await wakes.take(session, run.lifecycle, run.name, self.now)
        async with self.store.read() as session:
            run.gathered = set((await session.run(select(table_of(Event).c.id))).scalars())
        self.running.append(run)

    @rule(data=st.data(), well=st.booleans())
    @precondition(lambda self: self.running)
    def a_run_ends(self, data: st.DataObject, well: bool) -> None:
        run = data.draw(st.sampled_from(self.running))
        self.do(self._end(run, well=well))

    async def _end(self, run: Run, *, well: bool) -> None:
        self.running.remove(run)
        if not well:
            return
        assert run.gathered is not None
        self.served |= {(event, run.lifecycle) for event in run.gathered}
        async with self.store.write(audited=False) as session:
            await wakes.done(session, run.lifecycle, run.name)

    @rule(data=st.data())
    @precondition(lambda self: self.waiting)
    def a_run_is_deleted_before_it_starts(self, data: st.DataObject) -> None:
        self.waiting.remove(data.draw(st.sampled_from(self.waiting)))

    @rule(minutes=st.sampled_from([1, 11, 16]))
    def time_goes_by(self, minutes: int) -> None:
        self.do(self._later(minutes))

    async def _later(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        async with self.store.write(audited=False) as session:
            await wakes.revive(session, self.now)

    @invariant()
    def what_is_done_was_served(self) -> None:
        """So what was not served yet still has an open wake-up: it is not forgotten."""

        async def work() -> list[tuple[int, str, WakeState]]:
            async with self.store.read() as session:
                wake = table_of(Wake)
                rows = await session.run(select(wake.c.event_id, wake.c.lifecycle, wake.c.state))
                return [(row.event_id, row.lifecycle, row.state) for row in rows]

        for event_id, lifecycle, state in self.do(work()):
            if state is WakeState.DONE:
                assert (event_id, lifecycle) in self.served

    def teardown(self) -> None:
        """When nothing dies any more, everything that happened is served."""
        try:
            self.do(self._settle())
        finally:
            super().teardown()

    async def _settle(self) -> None:
        self.waiting.clear()
        self.running.clear()
        await self._later(16)
        await self._relay(None)
        for run in list(self.waiting):
            await self._start(run)
        for run in list(self.running):
            await self._end(run, well=True)
        async with self.store.read() as session:
            assert await wakes.wanted(session) == {}
            rows = await session.rows(select(table_of(Event)))
        assert {(row.id, lifecycle) for row in rows for lifecycle in woken_by(row.kind)} <= self.served
        assert set(await states(self.store)) <= {WakeState.DONE}


def test_no_wake_up_is_lost(store_url: str) -> None:
    run_on(NoWakeUpIsLost, store_url, examples=25, steps=30)
