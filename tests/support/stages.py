"""How far a request has come: the stages of the story of an account, by name."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from schemas.brakes import Brake
from schemas.outcome import Subject
from schemas.people import Person
from schemas.states import AccountState
from schemas.words import BrakeOf, SubjectKind, Via
from tasks.requests.hand_in import WithdrawalForm, withdraw_request
from tasks.store import audit
from tasks.store.audit import STEWARD
from tasks.training.completions import VoidForm, void_completion
from tests.factories.division import a_completion
from tests.support.remembered import remembered
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail

LEVELS = {
    "division": (
        {"level": "division", "school": "", "administrators": [mail(CO)], "actor": mail(TEACHER)},
        CO,
        [CO],
    ),
    "school": ({}, CO, [PRINCIPAL, TEACHER]),
    "classroom": ({"level": "classroom", "administrators": [mail(TEACHER)]}, PRINCIPAL, [TEACHER]),
}


async def leaves(world: World, person: int, *, back: bool = False) -> None:
    async with world.store.write() as session:
        await session.exec(update(Person).where(col(Person.id) == person).values(active=back))


async def nothing(_world: World) -> None:
    """People and schools, and no request."""


@remembered
async def submitted(world: World) -> None:
    await world.submit()


@remembered
async def awaiting(world: World) -> None:
    await world.submit()
    await world.drain()


@remembered
async def sent_back_by_steward(world: World) -> None:
    await world.submit(purpose="")
    await world.drain()


@remembered
async def sent_back_by_communications(world: World) -> None:
    await awaiting(world)
    await world.decide(1, CO, "send back")


@remembered
async def declined(world: World) -> None:
    await awaiting(world)
    await world.decide(1, CO, "decline")


async def too_much(world: World) -> None:
    """Something waits that a night would begin for very many."""
    await world.put(
        Brake(
            cause="ask_course/privacy-course/focus-on-privacy/36",
            of=BrakeOf.ASK_COURSE,
            control="privacy-course",
            what="focus-on-privacy",
            figure="36",
            found=219,
            out_of=311,
            asked_at=world.now,
        )
    )


async def withdraws(world: World) -> None:
    form = WithdrawalForm(actor=mail(TEACHER), request=1)
    await withdraw_request(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


@remembered
async def withdrawn(world: World) -> None:
    await awaiting(world)
    await withdraws(world)


@remembered
async def not_needed(world: World) -> None:
    await world.submit(level="personal", school="", administrators=[])
    await world.drain()


@remembered
async def abandoned(world: World) -> None:
    await sent_back_by_steward(world)
    world.later(days=400)
    await world.drain()


@remembered
async def approved(world: World, level: str = "school") -> list[int]:
    """Approved, and its administrators asked for what they lack; who they are."""
    asked, decider, people = LEVELS[level]
    request = await world.submit(**asked)
    await world.drain()
    await world.decide(request, decider)
    await world.drain()
    return people


@remembered
async def prepared(world: World, level: str = "school") -> list[int]:
    """Its administrators have access, and may prepare the account; who they are."""
    people = await approved(world, level)
    await world.meet_gates(1, *people)
    await world.drain()
    assert await world.account(1) is AccountState.PREPARING
    return people


@remembered
async def live(world: World) -> None:
    await prepared(world)
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE


@remembered
async def account_withdrawn(world: World) -> None:
    await approved(world)
    await withdraws(world)
    await world.drain()


@remembered
async def completed(world: World) -> None:
    await world.put(a_completion(TEACHER, world.now.date() - timedelta(days=3)))


@remembered
async def voided(world: World) -> None:
    await completed(world)
    form = VoidForm(
        actor=mail(CO),
        person=mail(TEACHER),
        completed_on=world.now.date() - timedelta(days=3),
        reason="It was somebody else's.",
    )
    await void_completion(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


STAGES: Mapping[str, Callable[[World], Awaitable[object]]] = {
    stage.__name__: stage
    for stage in (
        nothing,
        submitted,
        awaiting,
        sent_back_by_steward,
        sent_back_by_communications,
        declined,
        withdrawn,
        not_needed,
        abandoned,
        approved,
        prepared,
        live,
        account_withdrawn,
        completed,
        voided,
    )
}


async def ran_ahead(world: World) -> None:
    """An entry was written while the clock ran ahead."""
    async with world.store.write() as session:
        rule, later = Subject(SubjectKind.RULE, 0), world.now + timedelta(days=30)
        await audit.append(session, rule, actor=STEWARD, control="", cause="x", now=later)
