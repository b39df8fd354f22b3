"""Deciders at once on one request: one decision stands, and the others are told whose it is (5)."""

import asyncio
from collections import Counter
from datetime import datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from sqlalchemy import select

from deployments.sample.words import Level, Platform, ProvidedTool, RoleKind
from policy.model import Policy, load
from schemas.accounts import Access, Account, AccountRequest, Decision
from schemas.columns import table_of
from schemas.errors import MovedMeanwhile
from schemas.events import EventKind
from schemas.machinery import Event, Notice
from schemas.outcome import Subject
from schemas.people import Person, Role
from schemas.states import RequestState
from schemas.words import ChannelKind, CustodyMode, SubjectKind, Verdict, Via
from tasks.requests.decide import DecisionForm, record_decision
from tasks.store import Store, audit, verifying
from tasks.store.transition import begin, transition
from tests.store.subjects import a_person, a_school, actor, add, entries, move
from tests.support import forks
from tests.support.databases import ROOT

DECIDERS = 8
PROCESSES = 4
ROUNDS = 40


async def an_office(store: Store, now: datetime) -> tuple[list[int], int, list[int]]:
    """Eight Communications Officers, a school, and its administrator and a teacher of it."""
    async with store.write() as session:
        school = await a_school(session)
        people = [await a_person(session, number) for number in range(1, DECIDERS + 3)]
        deciders, named = people[:DECIDERS], people[DECIDERS:]
        held = {"starts_on": now.date(), "source": "test"}
        for person in deciders:
            await add(session, Role, person_id=person, kind=RoleKind.COMMUNICATIONS_OFFICER, **held)
        principal = {"kind": RoleKind.SCHOOL_ADMINISTRATOR, "school_id": school}
        await add(session, Role, person_id=named[0], **principal, **held)
    return deciders, school, named


async def requests_waiting(store: Store, count: int, now: datetime) -> tuple[list[int], list[int]]:
    """The deciders' ids, and that many requests that wait for one of them."""
    deciders, school, named = await an_office(store, now)
    waiting = []
    async with store.write() as session:
        for number in range(count):
            subject = await begin(
                session,
                SubjectKind.REQUEST,
                state=RequestState.SUBMITTED,
                actor=actor(named[1]),
                control="approval",
                cause="handed in",
                now=now,
                requester_id=named[1],
                school_id=school,
                level=Level.SCHOOL,
                channel=ChannelKind.SOCIAL_MEDIA,
                platform=Platform.INSTAGRAM,
                handle=f"@lakeside{number}",
                wish={
                    "administrators": named,
                    "purpose": "News of the school for its families, week by week.",
                    "audience": "Families of the school",
                    "tools_considered": [ProvidedTool.WEBSITE.value, ProvidedTool.CALL_OUT.value],
                    "why_not": "Families asked for pictures of events, and the call-out system shows none.",
                    "custody": CustodyMode.PERSONAL_ADMINISTRATORS.value,
                },
                revision=1,
                handed_in_at=now,
                recorded_via=Via.COMMAND,
                reasons=[],
            )
            step = move(subject, RequestState.SUBMITTED, RequestState.AWAITING_DECISION)
            await transition(session, step, actor=audit.STEWARD, now=now)
            waiting.append(subject.id)
    return deciders, waiting


def decision(request: int, number: int) -> DecisionForm:
    """What the decider of this number wants: every other one approves, the others decline."""
    return DecisionForm(
        request=request,
        actor=f"robin{number}@example.org",
        verdict=Verdict.APPROVE if number % 2 else Verdict.DECLINE,
        reason="It is what the school needs." if number % 2 else "The website serves.",
    )


async def decide(store: Store, policy: Policy, request: int, number: int, now: datetime) -> int | None:
    """None for the winner; for everybody else the person who was first."""
    try:
        await record_decision(store, policy, decision(request, number), via=Via.COMMAND, now=now)
    except MovedMeanwhile as late:
        assert late.state in {RequestState.APPROVED, RequestState.DECLINED}  # noqa: PT017 - one wins
        assert late.by_id is not None  # noqa: PT017
        return late.by_id
    return None


async def check(
    store: Store, requests: list[int], told: dict[int, dict[int, int | None]], deciders: int = DECIDERS
) -> None:
    """For each request one decision, its winner's, and everything that follows from it once."""
    async with store.read() as session:
        decided = {row.request_id: row for row in await session.rows(select(table_of(Decision)))}
        states = {row.id: row for row in await session.rows(select(table_of(AccountRequest)))}
        accounts = await session.rows(select(table_of(Account)))
        accesses = await session.rows(select(table_of(Access)))
        notices = await session.rows(select(table_of(Notice)))
        events = await session.rows(select(table_of(Event)))
        names = {row.id: row.email for row in await session.rows(select(table_of(Person)))}
        chains = {one: await entries(session, Subject(SubjectKind.REQUEST, one)) for one in requests}
    assert set(decided) == set(requests)
    for request in requests:
        winner, row = decided[request].decided_by_id, states[request]
        answers = told[request]
        assert len(answers) == deciders
        assert [person for person, first in answers.items() if first is None] == [winner]
        assert {first for first in answers.values() if first is not None} == {winner}
        form = decision(request, int(names[winner].removeprefix("robin").split("@")[0]))
        approved = form.verdict is Verdict.APPROVE
        assert (decided[request].verdict, decided[request].reason) == (form.verdict, form.reason)
        assert row.state == (RequestState.APPROVED if approved else RequestState.DECLINED)
        assert (row.version, [entry.version for entry in chains[request]]) == (3, [1, 2, 3])
        assert chains[request][-1].actor_id == winner
        assert (row.account_id is not None) == approved
    approvals = [row for row in states.values() if row.state == RequestState.APPROVED]
    assert {account.id for account in accounts} == {row.account_id for row in approvals}
    assert len(accesses) == 2 * len(approvals)
    recorded = Counter(row.subject_id for row in events if row.kind is EventKind.DECISION_RECORDED)
    assert recorded <= Counter(requests)
    to_requester = Counter(row.subject_id for row in notices if row.subject_kind is SubjectKind.REQUEST)
    assert set(to_requester) == set(requests)
    assert len({row.key for row in notices}) == len(notices)
    await verifying.verify(store)


async def test_eight_deciders_at_once_again_and_again(store: Store, policy: Policy, now: datetime) -> None:
    deciders, waiting = await requests_waiting(store, ROUNDS, now)
    told: dict[int, dict[int, int | None]] = {}
    for request in waiting:
        answers = await asyncio.gather(
            *(decide(store, policy, request, number, now) for number in range(1, DECIDERS + 1))
        )
        told[request] = dict(zip(deciders, answers, strict=True))
    await check(store, waiting, told)
    winners = {person for answers in told.values() for person, first in answers.items() if first is None}
    assert len(winners) > 1, "it was never a race: the same person won every time"


def decide_in_a_process(
    url: str, number: int, waiting: list[int], now: datetime, together: Barrier, answers: "Queue[object]"
) -> None:
    async def work() -> list[tuple[int, int | None]]:
        store, policy = Store.open(url), load(ROOT / "policy" / "ap151.toml")
        try:
            said = []
            for request in waiting:
                together.wait()
                said.append((request, await decide(store, policy, request, number, now)))
            return said
        finally:
            await store.close()

    answers.put((number, asyncio.run(work())))


async def test_four_deciders_in_four_processes(store: Store, store_url: str, now: datetime) -> None:
    deciders, waiting = await requests_waiting(store, 2 * PROCESSES, now)
    together, answers = forks.FORKS.Barrier(PROCESSES), forks.FORKS.Queue()
    processes = [
        forks.process(decide_in_a_process, store_url, number, waiting, now, together, answers)
        for number in range(1, PROCESSES + 1)
    ]
    for process in processes:
        process.start()
    said = [await asyncio.to_thread(answers.get) for _ in processes]
    for process in processes:
        await asyncio.to_thread(process.join)
        assert process.exitcode == 0
        process.close()
    told: dict[int, dict[int, int | None]] = {request: {} for request in waiting}
    for number, results in said:
        for request, first in results:
            told[request][deciders[number - 1]] = first
    await check(store, waiting, told, PROCESSES)
