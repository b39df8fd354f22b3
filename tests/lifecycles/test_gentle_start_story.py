"""The daily look begins gently: who reads of a suspension was asked to look first, by account and link."""

from collections import Counter
from datetime import date, datetime, time, timedelta

from schemas.settings import Settings
from schemas.words import Via
from tasks.adoption.modes import EnforceForm, enforce_control
from tasks.rehearsal import fetching, sweep
from tasks.store import adopted
from tests.support.letters import Taken, deliver_at
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail

BEGINS, ACTS, LAST = date(2027, 1, 11), date(2027, 1, 19), date(2027, 1, 26)
LOOK = "daily-look"


async def a_day(world: World, day: date) -> None:
    """The night's sweep under the policy as it counts that day, and the letters of the morning."""
    zone = world.policy.zone
    world.now = datetime.combine(day, time(2), zone)
    async with world.store.read() as session:
        world.policy = world.policy.with_modes(await adopted.set_modes(session), day)
    async for _ in sweep(world.runtime, world.now, Counter(), without=fetching()):
        pass
    world.now = datetime.combine(day, time(8, 30), zone)
    await deliver_at(world.store, world.policy, Settings(), world.now, Taken())


async def test_nobody_is_announced_who_was_not_asked_to_look_first(one_world: World) -> None:
    world = one_world
    await live(world)
    day = BEGINS
    while day <= LAST:
        if world.policy.calendar.is_school_day(day):
            await world.look(1)  # its page is as it should be
            await a_day(world, day)
        if day == BEGINS + timedelta(days=4):  # nights have found it, and done no more
            found = [row for row in await world.rows("finding") if row["control"] == LOOK]
            assert [row["resolved_at"] for row in found] == [None]
            assert not {"look_today", "suspension_ahead"} & {kind for kind, _ in await world.told()}
            form = EnforceForm(actor=mail(CO), control=LOOK, from_on=ACTS, reason="Everybody was shown how.")
            await enforce_control(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
        day += timedelta(days=1)
    notices = await world.rows("notice")
    announced = [
        row for row in notices if row["kind"] == "suspension_ahead" and LOOK in await of(world, row["facts"])
    ]
    assert {row["person_id"] for row in announced} == {PRINCIPAL, TEACHER}
    for one in announced:
        words = [
            row
            for row in notices
            if row["kind"] == "look_today"
            and row["person_id"] == one["person_id"]
            and row["state"] == "sent"
            and row["sent_at"] < one["created_at"]
            and one["subject_id"] in row["facts"]["account_ids"]
        ]
        assert len(words) >= 3, "asked on each of the days that were missed"
        ahead = [row for row in notices if row["kind"] == "control_ahead" and row["state"] == "sent"]
        assert one["person_id"] in {row["person_id"] for row in ahead}
        assert all(row["sent_at"].date() < ACTS for row in ahead)
    assert min(row["created_at"] for row in announced).date() > ACTS
    about_it = {"control_ahead", "suspension_ahead", "findings", "account_suspended"}
    once = Counter(
        (row["person_id"], row["kind"], row["subject_kind"], row["subject_id"])
        for row in notices
        if row["kind"] in about_it and row["created_at"].date() >= BEGINS
    )
    assert [one for one, count in once.items() if count > 1] == [], "told once each"


async def of(world: World, facts: dict[str, list[int]]) -> set[str]:
    return {row["control"] for row in await world.rows("finding") if row["id"] in facts["finding_ids"]}
