"""The last administrator of an account leaves: somebody who can name another is asked, in time or at once."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from deployments.sample.words import Level, RoleKind
from policy.calendar import Calendar
from schemas.accounts import Access
from schemas.columns import table_of
from schemas.errors import NotAllowed
from schemas.people import Absence, Person, Role
from schemas.words import AccessEnd, CustodyMode, ProposalVerdict, Via
from tasks.access import successors
from tasks.accounts.administrators import NamingForm, add_administrator
from tasks.accounts.proposals import ProposalForm, decide_administrator
from tasks.findings.evaluation import evaluate
from tasks.suspension import asking
from tests.factories.division import (
    a_completion,
    a_designation,
    a_receipt,
    a_role,
    an_acceptance,
    an_access,
    an_account,
)
from tests.support.promises import asked_who_may_not
from tests.support.rules import RULES
from tests.support.stages import leaves, live
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

LEVELS = [Level.DIVISION, Level.SCHOOL, Level.CLASSROOM]
LAST = timedelta(days=14)


async def one_account(world: World, level: Level) -> None:
    """A live account that only the teacher administers, and that its custodian can reach."""
    where: dict[str, Any] = {"level": level, "custody": CustodyMode.PERSONAL_ADMINISTRATORS}
    if level is Level.DIVISION:
        where["school_id"] = None
    await world.put(
        an_account(1, **where, custodian_is_administrator=True),
        an_access(1, TEACHER),
        *(one for who in (TEACHER, VICE) for one in _in_order(world, who)),
    )
    await world.drain()
    assert await asked(world) == []


def _in_order(world: World, who: int) -> list[Any]:
    return [a_completion(who, world.now.date()), a_receipt(who), an_acceptance(1, who)]


async def asked(world: World) -> list[dict[str, Any]]:
    rows = await world.rows("action_item")
    return [row for row in rows if row["kind"] == "name a successor" and row["state"] == "open"]


async def letters(world: World) -> list[dict[str, Any]]:
    return [row for row in await world.rows("notice") if row["kind"].startswith("successor_wanted")]


async def _set(world: World, **values: Any) -> None:
    async with world.store.write() as session:
        mine = update(table_of(Access)).where(col(Access.person_id) == TEACHER)
        await session.run(mine.values(**values))


async def last_day(world: World) -> None:
    await _set(world, ends_on=world.now.date() + LAST, ends_for=AccessEnd.TAKEN_OFF)


async def designation(world: World) -> None:
    await world.put(a_designation(TEACHER, ends_on=world.now.date() + LAST))


async def office(world: World) -> None:
    await world.put(a_role(TEACHER, school=2, ends_on=world.now.date() + LAST))


async def leave(world: World) -> None:
    first = world.now.date() + LAST + timedelta(days=1)
    away = Absence(person_id=TEACHER, deputy_id=VICE, starts_on=first, ends_on=first + timedelta(days=90))
    await world.put(away)


Cause = Callable[[World], Awaitable[None]]
AHEAD: Mapping[str, Cause] = {one.__name__: one for one in (last_day, designation, office, leave)}
WHERE = [(name, level) for name in AHEAD for level in LEVELS if (name, level) != ("designation", level)]
WHERE.append(("designation", Level.DIVISION))


def _who(level: Level) -> int:
    return CO if level is Level.DIVISION else PRINCIPAL


@pytest.mark.parametrize(("cause", "level"), WHERE)
async def test_a_successor_is_asked_for_before_the_last_one_leaves(
    world: World, cause: str, level: Level
) -> None:
    await one_account(world, level)
    await AHEAD[cause](world)
    await world.drain()
    calendar = Calendar(world.policy)
    today, last = calendar.today(world.now), world.now.date() + LAST
    (item,) = await asked(world)
    assert today < item["due_on"] <= last
    assert calendar.is_school_day(item["due_on"])
    (letter,) = await letters(world)
    assert (letter["person_id"], letter["urgency"]) == (_who(level), "normal")
    assert letter["facts"]["leaves_on"] == last.isoformat()
    assert letter["facts"]["administrator_ids"] == [TEACHER]
    assert await asked_who_may_not(world.store, world.policy, world.now) == []
    if cause == "designation":
        await world.put(a_designation(VICE))  # whoever runs what is the division's is designated (1)
    await named(world, _who(level))
    await world.drain()
    assert await asked(world) == [], "somebody who stays has access"


async def named(world: World, by: int) -> None:
    form = NamingForm(actor=mail(by), account=1, person=mail(VICE))
    await add_administrator(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    if any(row["proposed_by_id"] for row in await world.rows("access")):  # by who does not approve (5)
        assert await asked(world) == [], "whoever was asked has answered"
        decided = ProposalForm(
            actor=mail(CO),
            account=1,
            person=mail(VICE),
            verdict=ProposalVerdict.APPROVE,
            reason="Yes, so.",
        )
        await decide_administrator(world.store, world.policy, decided, via=Via.COMMAND, now=world.now)


@pytest.mark.parametrize("level", LEVELS)
async def test_on_the_day_of_a_sudden_leave_urgently(world: World, level: Level) -> None:
    """One item and one letter: what the rule finds the same night is the same matter."""
    await one_account(world, level)
    await leaves(world, TEACHER)
    await world.drain()
    (item,) = await asked(world)
    (letter,) = await letters(world)
    assert (letter["kind"], letter["urgency"], letter["person_id"]) == (
        "successor_wanted_now",
        "urgent",
        _who(level),
    )
    assert letter["not_before"] == world.now
    for control in ("division-administrators", "school-administrators"):
        async with world.store.write() as session:
            await evaluate(session, RULES[control], world.policy, world.now.date(), world.now)
    for case in await asking.FINDINGS.due(world.runtime, world.now):
        await asking.FINDINGS.move(world.runtime, case, world.now)
    about = {"findings", "successor_wanted_now"}
    assert [row["kind"] for row in await world.rows("notice") if row["kind"] in about] == [letter["kind"]]
    await named(world, _who(level))
    await world.drain()
    assert await asked(world) == []
    (ended,) = [row for row in await world.rows("action_item") if row["id"] == item["id"]]
    assert ended["state"] == "done"


async def test_nobody_is_asked_where_somebody_stays_or_waits(one_world: World) -> None:
    world = one_world
    await one_account(world, Level.CLASSROOM)
    await world.put(an_access(1, DEPUTY, state="waiting"))
    await last_day(world)
    await world.drain()
    assert await asked(world) == [], "somebody is named already, and is asked for the steps before access"


async def test_an_account_whose_administrator_stays_is_not_even_looked_at(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night over a hundred thousand accounts gathers the facts of the few where somebody may leave."""
    world, looked_at = one_world, list[int]()
    await one_account(world, Level.CLASSROOM)

    async def noted(session: Any, ids: Any, *others: Any) -> Any:
        looked_at.extend(ids)
        return await facts(session, ids, *others)

    facts = successors.successor_facts
    monkeypatch.setattr(successors, "successor_facts", noted)
    await world.drain()
    assert looked_at == []
    await last_day(world)
    await world.drain()
    assert set(looked_at) == {1}


async def test_who_is_not_asked_names_nobody(one_world: World) -> None:
    """Of a school's account Communications names administrators; its school only while it is asked."""
    world = one_world
    await one_account(world, Level.SCHOOL)
    with pytest.raises(NotAllowed, match="names an administrator"):
        await named(world, PRINCIPAL)
    await last_day(world)
    await world.drain()
    with pytest.raises(NotAllowed):
        await named(world, SUPER)
    await named(world, PRINCIPAL)
    assert ("account_changed", CO) in await world.told()


async def test_it_is_asked_for_as_early_as_the_policy_says(one_world: World) -> None:
    world = one_world
    await one_account(world, Level.CLASSROOM)
    days = world.policy.changes.successor_asked_days_before
    last = world.now.date() + timedelta(days=days + 1)
    await _set(world, ends_on=last, ends_for=AccessEnd.TAKEN_OFF)
    await world.drain()
    assert await asked(world) == []
    world.later(days=1)
    await world.drain()
    (item,) = await asked(world)
    assert isinstance(item["due_on"], date)


async def missing(world: World) -> None:
    async with world.store.write() as session:
        mine = update(table_of(Person)).where(col(Person.id) == TEACHER)
        await session.run(mine.values(leaves_on=world.now.date() + LAST))


async def bring(world: World) -> None:
    """Only the stage that asks who follows."""
    for case in await successors.due(world.runtime, world.now):
        assert await successors.move(world.runtime, case, world.now)
    assert await successors.due(world.runtime, world.now) == ()


async def office_of_the_head(world: World) -> None:
    """The head goes on as a head elsewhere; their office at this school ends."""
    async with world.store.write() as session:
        mine = update(table_of(Role)).where(col(Role.person_id) == PRINCIPAL)
        await session.run(mine.values(ends_on=world.now.date() + LAST))
    await world.put(a_role(PRINCIPAL, RoleKind.SCHOOL_ADMINISTRATOR, school=2))


TOO_FEW: Mapping[str, tuple[Cause, int]] = {
    "a teacher's last day": (last_day, TEACHER),
    "missing from the roster": (missing, TEACHER),
    "the head's office": (office_of_the_head, PRINCIPAL),
}


@pytest.mark.parametrize("cause", TOO_FEW)
async def test_who_would_leave_too_few_is_named_before(world: World, cause: str) -> None:
    """A school's account keeps its head and one of the staff (5.4): asked for while both are there."""
    await live(world)
    begin, whose = TOO_FEW[cause]
    await begin(world)
    await bring(world)
    (item,) = await asked(world)
    assert item["due_on"] <= world.now.date() + LAST
    (letter,) = await letters(world)
    assert (letter["person_id"], letter["facts"]["others_stay"]) == (PRINCIPAL, True)
    assert letter["facts"]["administrator_ids"] == [whose]
    await world.put(an_access(1, VICE), a_role(VICE))
    await bring(world)
    assert await asked(world) == [], "those who stay are enough"


async def test_who_is_on_leave_counts_and_what_lacks_already_is_not_asked_twice(one_world: World) -> None:
    world = one_world
    await live(world)
    await leave(world)
    await bring(world)
    assert await asked(world) == [], "who is on leave administers it still"
    await missing(world)
    async with world.store.write() as session:
        gone = update(table_of(Role)).where(col(Role.person_id) == PRINCIPAL)
        await session.run(gone.values(ends_on=world.now.date() - timedelta(days=1)))
    await bring(world)
    assert await asked(world) == [], "it lacks its head today: that is found, and asked for"
