"""One call checks in one, several or all of a person's accounts (9)."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from policy.calendar import Calendar
from policy.controls.look import Cadence, Look
from policy.model import Policy
from schemas.accounts import Account
from schemas.errors import BadInput, NotAllowed, NotNow, StewardError, Unknown
from schemas.evidence import CheckIn
from schemas.states import AccountState
from schemas.words import Via
from tasks.findings.evaluation import evaluate
from tasks.monitoring.check_in import CheckInForm, check_in
from tests.support.rules import RULES
from tests.support.stages import live
from tests.support.world import OTHER_PRINCIPAL, PRINCIPAL, TEACHER, World, mail


async def say(world: World, by: int = TEACHER, accounts: Sequence[int] = (), on: date | None = None) -> str:
    form = CheckInForm(actor=mail(by), accounts=tuple(accounts), everything=not accounts, on=on)
    receipt = await check_in(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return receipt.says


def today(world: World) -> date:
    return Calendar(world.policy).today(world.now)


async def test_all_of_a_persons_accounts_at_once_and_again(world: World) -> None:
    await live(world)
    assert await say(world) == f"1 account checked in for {today(world)}: @lakeside.school on Instagram."
    assert (await say(world, PRINCIPAL, [1, 1])).endswith("1 had been already.")
    (row,) = await world.rows("check_in")
    assert (row["person_id"], row["day"]) == (TEACHER, today(world)), "who was first stands"
    entries = [row for row in await world.rows("audit_entry") if row["cause"] == "checked in"]
    assert [row["body"]["accounts"] for row in entries] == [[1]]


async def test_a_day_may_be_said_a_little_late(world: World) -> None:
    await live(world)
    late = world.policy.the(Look).said_late_days_at_most
    await say(world, on=today(world) - timedelta(days=late))
    assert len(await world.rows("check_in")) == 1


@pytest.mark.parametrize(
    ("by", "accounts", "days_ago", "error"),
    [
        (TEACHER, [1], -1, BadInput),
        (TEACHER, [1], 4, BadInput),
        (TEACHER, [1, 99], 0, Unknown),
        (OTHER_PRINCIPAL, [1], 0, NotAllowed),
        (OTHER_PRINCIPAL, [], 0, NotNow),
        (77, [1], 0, Unknown),
    ],
)
async def test_what_is_refused_leaves_nothing(
    world: World, by: int, accounts: list[int], days_ago: int, error: type[StewardError]
) -> None:
    await live(world)
    before = await world.everything()
    with pytest.raises(error):
        await say(world, by, accounts, today(world) - timedelta(days=days_ago))
    assert await world.everything() == before


async def test_a_suspended_account_is_looked_at_and_a_closed_one_is_not(world: World) -> None:
    """Suspended for missed days, it could never come back otherwise."""
    await live(world)
    for state, refused in ((AccountState.SUSPENDED, False), (AccountState.CLOSED, True)):
        async with world.store.write() as session:
            await session.run(update(Account).values(state=state))
        for accounts in ([1], []):
            if refused:
                with pytest.raises(NotNow):
                    await say(world, TEACHER, accounts)
            else:
                await say(world, TEACHER, accounts)


@pytest.mark.parametrize(
    ("on", "day", "since"),
    [
        (Cadence.SCHOOL_DAYS, date(2027, 1, 14), None),  # Monday to Wednesday only
        (Cadence.SCHOOL_DAYS, date(2027, 1, 15), date(2027, 1, 11)),
        (Cadence.SCHOOL_DAYS, date(2027, 1, 18), date(2027, 1, 12)),  # not the weekend
        (Cadence.ALL_DAYS, date(2027, 1, 18), date(2027, 1, 14)),
        (Cadence.SCHOOL_DAYS, date(2027, 8, 20), date(2027, 6, 24)),  # nothing new in the summer
    ],
)
def test_which_days_count(policy: Policy, on: Cadence, day: date, since: date | None) -> None:
    policy = policy.changed("daily-look", on=on, begins_on=date(2027, 1, 11))
    assert policy.the(Look).looked_at_since(policy.calendar, day) == since


async def test_missed_days_are_found_and_a_check_in_mends(world: World) -> None:
    await live(world)

    async def found() -> tuple[int, int]:
        async with world.store.write() as session:
            outcome = await evaluate(session, RULES["daily-look"], world.policy, today(world), world.now)
        return outcome.opened, outcome.resolved

    world.on(date(2027, 1, 14))
    assert await found() == (0, 0)
    world.on(date(2027, 1, 15))
    assert await found() == (1, 0)
    await say(world)
    assert await found() == (0, 1)
    async with world.store.write() as session:
        await session.run(delete(CheckIn))
    assert await found() == (1, 0)
