"""A control that only observes acts from a day on that was told ahead; a gate can't only observe."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from policy.calendar import Calendar
from policy.controls.look import Look
from policy.model import Policy, SetMode
from policy.modes import first_day_to_enforce, said_anew, why_not
from policy.notices import NoticeContext, read
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.findings import Finding
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.receipt import Receipt
from schemas.words import Mode, Via
from tasks.adoption.modes import EnforceForm, ObserveForm, enforce_control, observe_control
from tasks.adoption.watching import met_now, watched
from tasks.mail.rows import load
from tasks.store import adopted, verifying
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, World, mail

CONTROL = "notice-on-page"
WHY = "Everybody had the course on it."
FIRST, THEN = date(2026, 11, 2), date(2026, 11, 16)
ENFORCE, OBSERVE = Mode.ENFORCE, Mode.OBSERVE


@pytest.mark.parametrize(
    ("filed", "modes", "on_first", "on_then"),
    [
        (OBSERVE, (), OBSERVE, OBSERVE),
        (OBSERVE, ((ENFORCE, THEN),), OBSERVE, ENFORCE),
        (ENFORCE, ((OBSERVE, FIRST),), OBSERVE, OBSERVE),
        (ENFORCE, ((OBSERVE, FIRST), (ENFORCE, THEN)), OBSERVE, ENFORCE),
        (ENFORCE, ((ENFORCE, FIRST), (OBSERVE, FIRST)), OBSERVE, OBSERVE),  # the later word of one day
        (Mode.OFF, ((ENFORCE, FIRST),), Mode.OFF, Mode.OFF),
    ],
)
def test_which_mode_counts_on_which_day(
    policy: Policy, filed: Mode, modes: tuple[tuple[Mode, date], ...], on_first: Mode, on_then: Mode
) -> None:
    policy = policy.changed(CONTROL, mode=filed)
    stand = tuple(SetMode(number, CONTROL, mode, day) for number, (mode, day) in enumerate(modes, start=1))
    for day, mode in ((FIRST, on_first), (THEN, on_then)):
        laid = policy.with_modes(stand, day)
        assert laid.control(CONTROL).mode is mode
        assert laid.as_filed == policy
        assert laid.set_modes == stand
        assert laid.with_modes((), day) == policy, "nothing is left of what was laid over"


def test_no_day_before_it_acts_is_a_day_that_was_missed(policy: Policy) -> None:
    acting = policy.with_modes([SetMode(1, "daily-look", ENFORCE, date(2027, 2, 1))], date(2027, 2, 1))
    look = acting.the(Look)
    assert look.begins_on == date(2027, 2, 1)
    assert look.looked_at_since(acting.calendar, date(2027, 2, 4)) is None
    assert look.looked_at_since(acting.calendar, date(2027, 2, 5)) == date(2027, 2, 1)


#: What it does to people follows from what it finds.
SETTABLE = {
    *("owner-is-named", "privacy-settings", CONTROL, "daily-look", "answers-in-time", "corrections"),
    *("principal-can-reach-it", "communications-can-reach-it"),
}


def test_what_is_a_gate_or_finds_nothing_cannot_only_observe(policy: Policy) -> None:
    assert {one.name for one in policy.controls if not why_not(one)} == SETTABLE
    said = {one.name: why_not(one) for one in policy.controls}
    assert "is a gate or asks ahead" in said["privacy-course"]
    assert "finds nothing" in said["compliance"]
    off = policy.changed(CONTROL, mode=Mode.OFF).control(CONTROL)
    assert "is off in the policy file" in why_not(off)


@pytest.mark.parametrize(
    ("day", "hour", "first"),
    [
        (date(2026, 10, 20), 16, date(2026, 10, 21)),  # a Tuesday morning of the division
        (date(2026, 10, 24), 16, date(2026, 10, 27)),  # Saturday: the letters leave on Monday
        (date(2026, 12, 19), 16, date(2027, 1, 5)),  # the holidays have begun
    ],
)
def test_nothing_acts_before_the_letters_that_say_so(
    policy: Policy, world: World, day: date, hour: int, first: date
) -> None:
    world.on(day)
    assert first_day_to_enforce(Calendar(policy), world.now.replace(hour=hour)) == first


def test_a_new_file_ends_what_it_speaks_of_anew_and_nothing_else(policy: Policy) -> None:
    assert said_anew(policy, policy.changed(CONTROL, look_every_days=8)) == frozenset()
    assert said_anew(policy, policy.changed(CONTROL, mode=OBSERVE)) == {CONTROL}


async def observes(world: World, control: str = CONTROL, by: int = CO) -> Receipt:
    form = ObserveForm(actor=mail(by), control=control, reason=WHY)
    done = await observe_control(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await read_anew(world)
    return done


async def enforces(world: World, from_on: date, by: int = CO, *, dry_run: bool = False) -> Receipt:
    form = EnforceForm(actor=mail(by), control=CONTROL, from_on=from_on, reason=WHY, dry_run=dry_run)
    done = await enforce_control(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    await read_anew(world)
    return done


async def read_anew(world: World) -> None:
    """The policy as the next run has it."""
    async with world.store.read() as session:
        modes = await adopted.set_modes(session)
    world.policy = world.policy.with_modes(modes, world.policy.calendar.today(world.now))


async def found(world: World) -> None:
    """The notice is missing at the one live account, which two people run."""
    await live(world)
    await world.put(Finding(control=CONTROL, account_id=1, due_on=world.now.date(), opened_at=world.now))


async def letters(world: World, kind: str) -> list[int]:
    return [person for what, person in await world.told() if what == kind]


async def test_from_observing_to_acting_with_everybody_told_first(world: World) -> None:
    await found(world)
    assert "only observes from now on" in (await observes(world)).says
    assert world.policy.control(CONTROL).mode is OBSERVE
    with pytest.raises(AlreadyDone, match="only observes already"):
        await observes(world)
    day = first_day_to_enforce(world.policy.calendar, world.now)
    with pytest.raises(BadInput, match=f"From {day} at the earliest"):
        await enforces(world, day - timedelta(days=1))
    before = await world.everything()
    tried = await enforces(world, day, dry_run=True)
    assert "found 1 account that does not hold to it:" in tried.says
    assert "2 people are told first." in tried.says
    assert "@lakeside.school on Instagram, Sample School 1" in tried.says
    assert await world.everything() == before, "only tried"
    await enforces(world, day)
    assert await letters(world, "control_ahead") == [PRINCIPAL, TEACHER]
    assert set(await letters(world, "control_set")) == {CO, SUPER}
    assert world.policy.control(CONTROL).mode is OBSERVE, "not before its day"
    (one,) = await watched(world.store, world.policy, world.now.date(), CONTROL)
    assert (one.mode, one.next_on, one.found, one.reason) == (OBSERVE, day, 1, WHY)
    ((names, people),) = [(one.names, one.people) for one in await met_now(world.store, CONTROL)]
    assert people == (PRINCIPAL, TEACHER)
    assert names == tuple(f"Given{one} Sample{one}" for one in people)
    with pytest.raises(AlreadyDone, match=f"is to act from {day} on"):
        await enforces(world, day + timedelta(days=7))
    world.on(day)
    await read_anew(world)
    assert world.policy.control(CONTROL).mode is ENFORCE
    with pytest.raises(AlreadyDone, match="acts already"):
        await enforces(world, day + timedelta(days=7))
    await verifying.verify(world.store)


async def test_what_was_told_is_called_off_by_a_letter(world: World) -> None:
    await found(world)
    await observes(world)
    day = first_day_to_enforce(world.policy.calendar, world.now)
    await enforces(world, day)
    async with world.store.write() as session:  # one of the two letters has left
        left = update(table_of(Notice)).where(
            col(Notice.kind) == "control_ahead", col(Notice.person_id) == TEACHER
        )
        await session.run(left.values(state=NoticeState.SENT, sent_at=world.now))
    assert "told that it is called off" in (await observes(world)).says
    assert await letters(world, "control_called_off") == [TEACHER]
    world.on(day)
    await read_anew(world)
    assert world.policy.control(CONTROL).mode is OBSERVE


async def test_a_day_that_was_called_off_before_it_was_told_is_not_told(world: World) -> None:
    """Set, called off, set for another day within a minute: two of the three letters were untrue."""
    await found(world)
    await observes(world)
    day = first_day_to_enforce(world.policy.calendar, world.now)
    await enforces(world, day)
    await observes(world)
    await enforces(world, day + timedelta(days=3))
    async with world.store.read() as session:
        asked = select(Notice).where(col(Notice.kind) == "control_set", col(Notice.person_id) == SUPER)
        told = (await session.exec(asked.order_by(col(Notice.id)))).all()
        rows = await load(session, told, world.now.date())
    stale = [read(one).stale(NoticeContext(one, rows, world.policy, world.now)) for one in told]
    assert stale == ["set anew", "set anew", None, None]


async def test_who_may_and_what_may_not(world: World) -> None:
    with pytest.raises(NotAllowed, match="Only the Communications Officer makes a control only observe"):
        await observes(world, by=PRINCIPAL)
    with pytest.raises(NotNow, match="is a gate"):
        await observes(world, "privacy-course")
    with pytest.raises(BadInput, match="none of the policy's words"):
        await observes(world, "notice-on-pages")
