"""However an office or an access ends: told before it with its day, or one of the causes that act at once.

Each way through the real acts and lifecycles, night after night, until the teacher has lost it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from deployments.sample.words import Level, RoleKind
from policy.calendar import Calendar
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput
from schemas.gates import Acceptance, Completion
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import CustodyMode, Via
from tasks.acts.table import ACTS
from tests.factories.division import (
    a_completion,
    a_designation,
    a_receipt,
    a_role,
    an_acceptance,
    an_access,
    an_account,
)
from tests.lifecycles.suspension_helpers import night
from tests.support.letters import leave
from tests.support.promises import lost_without_a_letter
from tests.support.stages import leaves
from tests.support.world import CO, DEPUTY, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

OFFICER = RoleKind.COMMUNICATIONS_OFFICER
WHY = "The school has a new timetable."
NIGHTS = 60
PEOPLE = (CO, PRINCIPAL, TEACHER, VICE)


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def one_account(world: World, level: Level, *beside: int) -> None:
    """A live account of this level that the teacher and others administer, all in order."""
    where: dict[str, Any] = {"level": level, "custody": CustodyMode.PERSONAL_ADMINISTRATORS}
    if level is Level.DIVISION:
        where["school_id"] = None
    day = world.now.date() - timedelta(days=3)
    await world.put(
        an_account(1, **where, live_since=world.now, state_since=world.now),
        *(an_access(1, one) for one in (TEACHER, *beside)),
        *(a_completion(one, day) for one in (TEACHER, *beside)),
        *(an_acceptance(1, one) for one in (TEACHER, *beside)),
        *(a_receipt(one) for one in (TEACHER, *beside)),
    )


async def taken_off(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL, VICE)
    await acts(world, "remove-an-administrator", CO, account=1, person=mail(TEACHER), reason=WHY)


async def taken_off_at_once(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL, VICE)
    off = {"account": 1, "person": mail(TEACHER), "reason": WHY, "at_once": True}
    await acts(world, "remove-an-administrator", CO, **off)


async def replaced(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL, VICE)
    given = {"account": 1, "person": mail(TEACHER), "successor": mail(DEPUTY), "reason": WHY}
    await acts(world, "replace-an-administrator", CO, **given)


async def account_closed(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL)
    await acts(world, "close-an-account", CO, account=1, reason=WHY)


async def designation_ended(world: World) -> None:
    await one_account(world, Level.DIVISION, CO)
    await world.put(a_designation(TEACHER))
    await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), reason=WHY)


async def designation_ended_at_once(world: World) -> None:
    await one_account(world, Level.DIVISION, CO)
    await world.put(a_designation(TEACHER))
    await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), reason=WHY, at_once=True)


async def designation_over(world: World) -> None:
    await one_account(world, Level.DIVISION, CO)
    await world.put(a_designation(TEACHER, ends_on=world.now.date() + timedelta(days=2)))


async def course_lapsed(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL)
    async with world.store.write() as session:
        late = update(table_of(Completion)).where(col(Completion.person_id) == TEACHER)
        await session.run(late.values(completed_on=world.now.date() - timedelta(days=380)))


async def completion_voided(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL)
    (row,) = [row for row in await world.rows("completion") if row["person_id"] == TEACHER]
    given = {"person": mail(TEACHER), "completed_on": row["completed_on"], "reason": WHY}
    await acts(world, "void-a-completion", CO, **given)


async def text_not_accepted(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL)
    async with world.store.write() as session:
        old = update(table_of(Acceptance)).where(col(Acceptance.person_id) == TEACHER)
        await session.run(old.values(accepted_at=None, sent_at=world.now - timedelta(days=40)))
        await session.run(update(table_of(Account)).values(live_since=world.now - timedelta(days=60)))


async def left(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL)
    await leaves(world, TEACHER)


Way = Callable[[World], Awaitable[None]]
WAYS: Mapping[str, Way] = {
    one.__name__: one
    for one in (
        taken_off,
        taken_off_at_once,
        replaced,
        account_closed,
        designation_ended,
        designation_ended_at_once,
        designation_over,
        course_lapsed,
        completion_voided,
        text_not_accepted,
        left,
    )
}
AT_ONCE = {taken_off_at_once, designation_ended_at_once, completion_voided, left}


@pytest.mark.parametrize("way", WAYS)
async def test_an_access_is_lost_only_after_a_letter(world: World, way: str) -> None:
    """The letter left before it and named the day; at once it has an actor, or one of the two causes."""
    begun = world.now
    await WAYS[way](world)
    for _ in range(NIGHTS):
        await world.drain()
        if (await world.accesses())[TEACHER] is not AccessState.GRANTED:
            break
        await night(world)
        await leave(world.store, world.now)
        if (await world.accesses())[TEACHER] is not AccessState.GRANTED:
            break
        world.later(days=1)
    else:
        pytest.fail("the teacher still has access: nothing was tried")
    assert await lost_without_a_letter(world.store, world.policy) == []
    at_once = WAYS[way] in AT_ONCE
    assert (world.now == begun) is at_once
    lost = [row for row in await world.rows("notice") if row["created_at"] == world.now]
    if at_once:  # the same hour, to the person and to somebody who runs the account
        assert {row["person_id"] for row in lost if row["urgency"] == "urgent"} > {TEACHER}


async def test_who_ended_a_designation_at_once_ended_the_access(world: World) -> None:
    await designation_ended_at_once(world)
    entries = [row for row in await world.rows("audit_entry") if row["to_state"] == "revoked"]
    assert [(row["actor_id"], row["from_state"]) for row in entries] == [(SUPER, "granted")]


async def test_the_last_one_keeps_a_channel_until_somebody_else_has_it(world: World) -> None:
    """Nobody is left with nobody, not in an emergency either; somebody is asked in the same hour."""
    await one_account(world, Level.DIVISION)
    await world.put(a_designation(TEACHER))
    async with world.store.write() as session:
        alone = {"custodian_is_administrator": False, "vault_reference": None}
        await session.run(update(table_of(Account)).values(**alone))
    ended = await acts(world, "end-a-designation", SUPER, person=mail(TEACHER), reason=WHY, at_once=True)
    assert "Nobody else can reach account 1. There the access stays until somebody else has it" in ended.says
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED
    assert ("take hold of the account", None) in await world.asked()
    await leave(world.store, world.now)
    world.later(days=3)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED
    await acts(world, "take-hold-of-an-account", CO, account=1, custodian_is_administrator=True)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.REVOKED
    assert await lost_without_a_letter(world.store, world.policy) == []


@pytest.mark.parametrize("what", ["end-an-office", "end-a-designation"])
async def test_a_plain_end_is_told_with_its_day_before_it(world: World, what: str) -> None:
    await world.put(a_role(TEACHER, OFFICER, school=None), a_designation(TEACHER))
    office = {"office": OFFICER} if what == "end-an-office" else {}
    calendar = Calendar(world.policy)
    today = calendar.today(world.now)
    soon = today + timedelta(days=1)
    with pytest.raises(BadInput, match="told before"):
        await acts(world, what, SUPER, **office, person=mail(TEACHER), reason=WHY, last_day=soon)
    await acts(world, what, SUPER, **office, person=mail(TEACHER), reason=WHY)
    (letter,) = [row for row in await world.rows("notice") if row["kind"] == "office_ends"]
    last = calendar.due_after(today, school_days=world.policy.changes.notice_school_days)
    assert (letter["person_id"], letter["facts"]["reason"]) == (TEACHER, WHY)
    assert letter["facts"]["ends_on"] == last.isoformat()
    assert calendar.is_school_day(last)
    assert calendar.today(letter["not_before"]) < last
    with pytest.raises(AlreadyDone, match="already"):
        await acts(world, what, SUPER, **office, person=mail(TEACHER), reason=WHY)


async def test_an_office_ended_at_once_is_told_to_who_runs_accounts_with_them(world: World) -> None:
    await one_account(world, Level.SCHOOL, PRINCIPAL, VICE)
    given = {"office": RoleKind.SCHOOL_ADMINISTRATOR, "person": mail(PRINCIPAL), "school": "Sample School 1"}
    await acts(world, "end-an-office", SUPER, **given, reason=WHY, at_once=True)
    told = [row for row in await world.rows("notice") if row["kind"] == "office_ended"]
    assert {row["person_id"] for row in told} == {PRINCIPAL, TEACHER, VICE, CO}
    assert {row["not_before"] for row in told} == {world.now}
