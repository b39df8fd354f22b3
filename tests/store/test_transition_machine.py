"""Whatever is tried at the one door, in whatever order: state, audit chain and outboxes agree afterwards."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import select

from policy.calendar import Calendar
from policy.model import load
from policy.notices.access import AccessGranted
from policy.notices.accounts import AccountLive
from policy.notices.incidents import ReportClosed
from policy.notices.leaves import LeaveWithdrawn
from policy.notices.requests import RequestApproved
from schemas.columns import table_of
from schemas.errors import IllegalTransition, MovedMeanwhile, Unknown
from schemas.events import EventKind
from schemas.machinery import Event, Notice, Wake
from schemas.outcome import Emit, Outcome, Subject, Tell
from schemas.states import (
    INITIAL,
    TRANSITIONS,
    AccessState,
    AccountState,
    IncidentState,
    LeaveState,
    RequestState,
    State,
    has_ended,
)
from schemas.words import SubjectKind
from tasks.lifecycles import woken_by
from tasks.store import audit, verifying
from tasks.store.apply import apply
from tasks.store.transition import TABLE, transition
from tests.store.machines import StoreMachine, run_on
from tests.store.subjects import (
    a_leave,
    a_person,
    a_request,
    actor,
    an_access,
    an_account,
    an_incident,
    entries,
    move,
)
from tests.support.databases import ROOT

LIFECYCLES = (RequestState, AccountState, AccessState, LeaveState, IncidentState)
ANY_STATE = st.sampled_from([state for lifecycle in LIFECYCLES for state in lifecycle])
TOLD = {
    SubjectKind.REQUEST: (RequestApproved(), EventKind.DECISION_RECORDED),
    SubjectKind.ACCOUNT: (AccountLive(), EventKind.ROSTER_IMPORTED),
    SubjectKind.ACCESS: (AccessGranted(), EventKind.ACCESS_CHANGED),
    SubjectKind.INCIDENT: (ReportClosed(), EventKind.ROSTER_IMPORTED),
    SubjectKind.LEAVE: (LeaveWithdrawn(), EventKind.ROSTER_IMPORTED),
}


@dataclass
class Known:
    """What the model knows of a subject: every state it was in, and who moved it last."""

    subject: Subject
    history: list[State] = field(default_factory=list)
    last_by: int | None = None
    told: int = 0

    @property
    def state(self) -> State:
        return self.history[-1]

    @property
    def version(self) -> int:
        return len(self.history)


def lifecycle_of(kind: SubjectKind) -> type[State]:
    """The states that a kind of subject goes through."""
    column: Any = TABLE[kind].c.state.type
    states: type[State] = column.enum
    return states


class SimulatedCrash(Exception):
    """The process goes after everything was written and before the commit."""


class TheOneDoor(StoreMachine):
    """A model of plain lists beside the store; after each step they are compared."""

    now = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
    calendar = Calendar(load(ROOT / "policy" / "ap151.toml"))

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Known] = []
        self.people: list[int] = []
        self.heads: list[str] = []

    # -- what can happen --------------------------------------------------------------------------------

    @initialize()
    def hire(self) -> None:
        async def work() -> list[int]:
            async with self.store.write() as session:
                return [await a_person(session, number) for number in (1, 2, 3)]

        self.people = self.do(work())

    @rule(lifecycle=st.sampled_from(LIFECYCLES), who=st.integers(0, 2))
    @precondition(lambda self: len(self.known) < 6)
    def begin(self, lifecycle: type[State], who: int) -> None:
        person = self.people[who]

        async def work() -> list[Subject]:
            async with self.store.write() as session:
                if lifecycle is RequestState:
                    return [await a_request(session, person, self.now)]
                if lifecycle is IncidentState:
                    return [await an_incident(session, person, self.now)]
                if lifecycle is LeaveState:
                    return [await a_leave(session, person, self.now)]
                account = await an_account(session, person, self.now, f"handle{len(self.known)}")
                if lifecycle is AccountState:
                    return [account]
                return [account, await an_access(session, account, person, self.now)]

        for subject in self.do(work()):
            first = next(INITIAL[one] for one in LIFECYCLES if lifecycle_of(subject.kind) is one)
            self.known.append(Known(subject, [first], last_by=person))

    @rule(data=st.data(), who=st.integers(0, 2))
    @precondition(lambda self: any(not has_ended(one.state) for one in self.known))
    def move_on(self, data: st.DataObject, who: int) -> None:
        """A legal move from what is so, with its notice and its event, to which the chain bears witness."""
        one = data.draw(st.sampled_from([one for one in self.known if not has_ended(one.state)]))
        ways = sorted(TRANSITIONS[one.state], key=has_ended)
        to = data.draw(st.sampled_from([way for way in ways if not has_ended(way)] * 4 + ways))
        self.do(self._apply(one, to, self.people[who]))
        one.history.append(to)
        one.last_by = self.people[who]
        one.told += 1

    @rule(data=st.data(), who=st.integers(0, 2))
    @precondition(lambda self: any(not has_ended(one.state) for one in self.known))
    def die_before_the_commit(self, data: st.DataObject, who: int) -> None:
        """Nothing of it is kept: neither state nor entry nor notice nor event."""
        one = data.draw(st.sampled_from([one for one in self.known if not has_ended(one.state)]))
        to = data.draw(st.sampled_from(sorted(TRANSITIONS[one.state])))
        with pytest.raises(SimulatedCrash):
            self.do(self._apply(one, to, self.people[who], crash=True))

    @rule(data=st.data(), to=ANY_STATE)
    @precondition(lambda self: self.known)
    def try_what_is_not_allowed(self, data: st.DataObject, to: State) -> None:
        one = data.draw(st.sampled_from(self.known))
        if to in TRANSITIONS[one.state]:
            return
        with pytest.raises(IllegalTransition):
            self.do(self._apply(one, to, self.people[0]))

    @rule(data=st.data(), behind=st.integers(1, 3))
    @precondition(lambda self: any(one.version > 1 for one in self.known))
    def try_with_an_old_sight(self, data: st.DataObject, behind: int) -> None:
        """Somebody read it before it moved; even where the state is the same again, the version is not."""
        one = data.draw(st.sampled_from([one for one in self.known if one.version > 1]))
        seen = max(one.version - behind, 1)
        before = one.history[seen - 1]
        to = data.draw(st.sampled_from(sorted(TRANSITIONS[before])))
        with pytest.raises(MovedMeanwhile) as told:
            self.do(self._apply(one, to, self.people[0], before=before, version=seen))
        assert (told.value.by_id, told.value.state) == (one.last_by, one.state)

    @rule(data=st.data())
    @precondition(lambda self: any(one.history.count(one.state) > 1 for one in self.known))
    def try_although_it_was_away_and_is_back(self, data: st.DataObject) -> None:
        """The state that somebody saw is so again; what they saw of it is not."""
        one = data.draw(st.sampled_from([one for one in self.known if one.history.count(one.state) > 1]))
        seen = one.history.index(one.state) + 1
        to = data.draw(st.sampled_from(sorted(TRANSITIONS[one.state])))
        with pytest.raises(MovedMeanwhile):
            self.do(self._apply(one, to, self.people[0], version=seen))

    @rule(lifecycle=st.sampled_from(LIFECYCLES))
    def try_what_is_not_there(self, lifecycle: type[State]) -> None:
        kind = next(kind for kind in TABLE if lifecycle_of(kind) is lifecycle)
        before = INITIAL[lifecycle]
        nobody = Known(Subject(kind, 10**6), [before])
        with pytest.raises(Unknown):
            self.do(self._apply(nobody, min(TRANSITIONS[before]), self.people[0]))

    @rule(data=st.data())
    @precondition(lambda self: any(not has_ended(one.state) for one in self.known))
    def two_at_once(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.known if not has_ended(one.state)]))
        ways = st.sampled_from(sorted(TRANSITIONS[one.state]))
        wanted = [data.draw(ways), data.draw(ways)]

        async def both() -> list[BaseException | None]:
            return await asyncio.gather(
                *(self._apply(one, to, who) for to, who in zip(wanted, self.people, strict=False)),
                return_exceptions=True,
            )

        results = self.do(both())
        won = [number for number, result in enumerate(results) if result is None]
        assert len(won) == 1
        late = results[1 - won[0]]
        assert isinstance(late, MovedMeanwhile)
        one.history.append(wanted[won[0]])
        one.last_by = self.people[won[0]]
        one.told += 1
        assert late.by_id == one.last_by

    async def _apply(
        self,
        one: Known,
        to: State,
        who: int,
        *,
        before: State | None = None,
        version: int | None = None,
        crash: bool = False,
    ) -> None:
        before, version = before or one.state, version or one.version
        notice, event = TOLD[one.subject.kind]
        by = actor(who)
        self.now += timedelta(minutes=1)
        outcome = Outcome(
            (
                Tell(notice, self.people[0], f"{one.subject}/v{version + 1}", one.subject),
                Emit(event, one.subject),
            )
        )
        async with self.store.write() as session:
            # the notice and the event come first: a move that is refused must take them along
            await apply(session, outcome, actor=by, calendar=self.calendar, now=self.now)
            await transition(session, move(one.subject, before, to, version), actor=by, now=self.now)
            if crash:
                raise SimulatedCrash

    # -- what is so after each step ---------------------------------------------------------------------

    @invariant()
    def store_and_model_agree(self) -> None:
        self.do(self._compare())

    async def _compare(self) -> None:
        async with self.store.read() as session:
            written = await entries(session)
            for one in self.known:
                table = TABLE[one.subject.kind]
                row = (
                    await session.run(
                        select(table.c.state, table.c.version).where(table.c.id == one.subject.id)
                    )
                ).one()
                assert (type(row.state), row.state) == (type(one.state), one.state)
                assert row.version == one.version
                own = [
                    entry
                    for entry in written
                    if (entry.subject_kind, entry.subject_id) == (one.subject.kind, one.subject.id)
                ]
                assert [entry.version for entry in own] == list(range(1, one.version + 1))
                assert [entry.to_state for entry in own] == one.history
                assert [entry.from_state for entry in own] == [None, *one.history[:-1]]
            notices = await session.rows(select(table_of(Notice)))
            events = await session.rows(select(table_of(Event)))
            wakes = await session.rows(select(table_of(Wake)))
        assert sum(entry.cause != audit.UNNAMED for entry in written) == sum(
            one.version for one in self.known
        )
        expected = {str(one.subject): one.told for one in self.known if one.told}
        for rows in (notices, events):
            assert Counter(str(Subject(row.subject_kind, row.subject_id)) for row in rows) == expected
        assert Counter(wake.event_id for wake in wakes) == {
            event.id: len(woken_by(event.kind)) for event in events if woken_by(event.kind)
        }
        # the chain is whole, and has only grown since the last step
        hashes = [entry.hash for entry in written]
        assert hashes[: len(self.heads)] == self.heads
        self.heads = hashes
        head = await verifying.verify(self.store, kept=hashes[-1] if hashes else None)
        assert head.seq == len(hashes)


def test_the_one_door(store_url: str) -> None:
    run_on(TheOneDoor, store_url, examples=6, steps=25)
