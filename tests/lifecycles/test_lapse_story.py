"""The course over time: asked to renew before it lapses, taken when it does, back when renewed (5.2)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from policy.calendar import Calendar
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import course_meant
from policy.model import Policy
from policy.training_lapse import asked_to_renew_from
from schemas.states import AccessState
from schemas.words import Via
from tasks.training.completions import CompletionForm, record_completion
from tests.support.changed_policies import known_for_long
from tests.support.letters import leave
from tests.support.stages import live
from tests.support.world import CO, TEACHER, World, mail


async def asked(world: World) -> dict[int, list[date]]:
    """Who is asked for the course, and until when."""
    found: dict[int, list[date]] = {}
    for row in await world.rows("action_item"):
        if row["kind"] == "complete the course" and row["state"] == "open" and "/renew/" in row["key"]:
            found.setdefault(row["person_id"], []).append(row["due_on"])
    return found


async def lapses(world: World) -> dict[int, date]:
    last: dict[int, date] = {}
    for row in await world.rows("completion"):
        day = course_meant(world.policy).counts_through(row["completed_on"])
        assert day is not None
        last[row["person_id"]] = max(day, last.get(row["person_id"], day))
    return last


async def test_asked_in_time_suspended_when_it_lapses_and_back_when_renewed(world: World) -> None:
    world.policy = known_for_long(world.policy)
    await live(world)
    calendar, last = Calendar(world.policy), (await lapses(world))[TEACHER]
    asked_on = asked_to_renew_from(last, world.policy.the(TrainingBeforeAccess), calendar)
    by = calendar.school_day_by(last)
    assert calendar.is_school_day(asked_on)
    world.on(asked_on - timedelta(days=1))
    await world.drain()
    assert await asked(world) == {}
    world.on(asked_on)
    for _ in range(2):
        await world.drain()
        assert (await asked(world))[TEACHER] == [by]
    risk = [row for row in await world.rows("notice") if row["kind"] == "access_at_risk"]
    assert [row["facts"]["because"] for row in risk if row["person_id"] == TEACHER] == ["lapses"]

    world.on(last)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED, "its last day counts"
    after = calendar.add_school_days(last, 1)
    world.on(after)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED, "no letter has left"
    await leave(world.store, datetime(asked_on.year, asked_on.month, asked_on.day, 15, tzinfo=UTC))
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.SUSPENDED
    form = CompletionForm(actor=mail(CO), person=mail(TEACHER), completed_on=after)
    await record_completion(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED
    assert TEACHER not in await asked(world)


async def test_renewed_in_time_nothing_happens(world: World) -> None:
    await live(world)
    last = (await lapses(world))[TEACHER]
    world.on(last - timedelta(days=10))
    await world.drain()
    assert TEACHER in await asked(world)
    form = CompletionForm(actor=mail(CO), person=mail(TEACHER), completed_on=last - timedelta(days=10))
    await record_completion(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    assert TEACHER not in await asked(world)
    world.on(last + timedelta(days=1))
    await world.drain()
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED


@pytest.mark.parametrize(
    ("last", "asked_on"),
    [
        (date(2027, 3, 17), date(2027, 2, 16)),  # the fifteenth is Family Day: see below
        (date(2027, 8, 20), date(2027, 5, 30)),  # in the summer: in time before it begins
        (date(2027, 9, 20), date(2027, 6, 29)),
    ],
)
def test_nobody_is_asked_in_the_holidays(policy: Policy, last: date, asked_on: date) -> None:
    calendar = Calendar(policy)
    day = asked_to_renew_from(last, policy.the(TrainingBeforeAccess), calendar)
    assert calendar.is_school_day(day)
    assert day <= last - timedelta(days=policy.the(TrainingBeforeAccess).asked_days_before_lapse)
    assert calendar.school_days_after(day, calendar.school_day_by(last) - timedelta(days=31)) == 0
    assert (day <= asked_on) is True
