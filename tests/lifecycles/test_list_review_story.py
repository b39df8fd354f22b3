"""Accounts without a shared password: the list of administrators is looked at each year (11)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import update

from policy.calendar import Calendar
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, StewardError, Unknown
from schemas.states import AccessState, AccountState
from schemas.words import CustodyMode, Via
from tasks.credentials.review_list import ReviewForm, record_review
from tasks.credentials.rotate import RotationForm, record_rotation
from tasks.store import verifying
from tests.lifecycles.rotation_helpers import findings, night, open_items
from tests.support.stages import leaves
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, VICE, World, mail

KIND = "review the administrator list"
DUE = date(2027, 10, 20)


async def live(world: World, custody: CustodyMode = CustodyMode.PERSONAL_ADMINISTRATORS) -> None:
    """A live school account of a principal and a teacher, due to be reviewed on DUE."""
    await world.submit(custody=custody)
    await world.drain()
    await world.decide(1, CO)
    await world.drain()
    await world.meet_gates(1, PRINCIPAL, TEACHER)
    await world.drain()
    await world.report(1, TEACHER, vault_reference="", custodian_is_administrator=True)
    await world.look(1)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
    since = datetime.combine(DUE - timedelta(days=365), time(18), UTC)
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(live_since=since))


async def review(world: World, by: int = TEACHER, *remove: int) -> None:
    form = ReviewForm(actor=mail(by), account=1, remove=tuple(mail(one) for one in remove))
    await record_review(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def told(world: World, kind: str) -> list[int]:
    return sorted(row["person_id"] for row in await world.rows("notice") if row["kind"] == kind)


@pytest.mark.parametrize("custody", [CustodyMode.PERSONAL_ADMINISTRATORS, CustodyMode.SINGLE_SIGN_ON])
async def test_asked_reviewed_told_and_asked_again_a_year_later(world: World, custody: CustodyMode) -> None:
    await live(world, custody)
    await night(world, DUE - timedelta(days=31))
    assert await open_items(world, KIND) == []
    await night(world, DUE - timedelta(days=30))
    assert await open_items(world, KIND) == [(PRINCIPAL, DUE), (TEACHER, DUE)]
    assert await told(world, "list_review_due") == [PRINCIPAL, TEACHER]
    await night(world, DUE - timedelta(days=7))
    items = {row["id"] for row in await world.rows("action_item") if row["kind"] == KIND}
    reminders = [row for row in await world.rows("notice") if row["kind"] == "item_reminder"]
    assert sorted(row["person_id"] for row in reminders if row["subject_id"] in items) == [PRINCIPAL, TEACHER]
    await night(world, DUE)
    assert await findings(world) == 0
    await night(world, DUE + timedelta(days=1))
    assert await findings(world) == 1
    await review(world)
    assert await findings(world) == 0
    assert await open_items(world, KIND) == []
    assert await told(world, "list_reviewed") == [CO, PRINCIPAL]
    assert await world.accesses() == {PRINCIPAL: AccessState.GRANTED, TEACHER: AccessState.GRANTED}
    await verifying.verify(world.store)
    again = Calendar(world.policy).today(world.now) + timedelta(days=365)
    await night(world, again - timedelta(days=40))
    assert await open_items(world, KIND) == []
    await night(world, Calendar(world.policy).school_day_by(again - timedelta(days=30)))
    assert await open_items(world, KIND) == [(PRINCIPAL, again), (TEACHER, again)]


async def test_who_is_not_on_the_platforms_list_loses_access_and_is_told(world: World) -> None:
    await live(world)
    await night(world, DUE - timedelta(days=30))
    await world.woken()
    await review(world, CO, TEACHER)
    assert await world.accesses() == {PRINCIPAL: AccessState.GRANTED, TEACHER: AccessState.REVOKED}
    assert await told(world, "access_revoked") == [TEACHER]
    assert await told(world, "list_reviewed") == [PRINCIPAL]
    (row,) = await world.rows("list_review")
    assert (row["reviewed_by_id"], row["removed"]) == (CO, [TEACHER])
    assert "account-creation" in await world.woken()
    assert await open_items(world, KIND) == []
    await verifying.verify(world.store)
    assert "Sample" not in str(await world.rows("audit_entry"))


async def test_the_items_follow_who_has_access_and_end_with_the_custody(world: World) -> None:
    await live(world)
    await night(world, DUE - timedelta(days=30))
    await leaves(world, TEACHER)
    await night(world, DUE - timedelta(days=29))
    assert await open_items(world, KIND) == [(PRINCIPAL, DUE)]
    await leaves(world, PRINCIPAL)
    await night(world, DUE - timedelta(days=28))
    rows = [row for row in await world.rows("action_item") if row["kind"] == KIND and row["state"] == "open"]
    assert [(row["person_id"], row["role"]) for row in rows] == [(None, "communications officer")]
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(custody=CustodyMode.SHARED_PASSWORD))
    await night(world, DUE - timedelta(days=27))
    assert await open_items(world, KIND) == []


async def test_nobody_is_asked_on_a_day_without_school(world: World) -> None:
    await live(world)
    saturday = date(2027, 9, 25)
    await night(world, saturday)  # the sweep was away on the days before
    assert await open_items(world, KIND) == []
    await night(world, saturday + timedelta(days=2))
    assert await open_items(world, KIND) == [(PRINCIPAL, DUE), (TEACHER, DUE)]


@pytest.mark.parametrize(
    ("by", "remove", "error"),
    [
        (OTHER_PRINCIPAL, (), NotAllowed),
        (99, (), Unknown),
        (TEACHER, (99,), Unknown),
        (TEACHER, (VICE,), BadInput),  # has no access
        (TEACHER, (PRINCIPAL, VICE), BadInput),  # nothing half done
        (TEACHER, (PRINCIPAL,), NotAllowed),  # who is still here is not shut out by a colleague
        (CO, (PRINCIPAL, TEACHER), NotNow),  # nobody would be left
    ],
)
async def test_what_is_refused_leaves_every_table_as_it_was(
    world: World, by: int, remove: tuple[int, ...], error: type[StewardError]
) -> None:
    await live(world)
    before = await world.everything()
    with pytest.raises(error):
        await review(world, by, *remove)
    assert await world.everything() == before


async def test_one_may_go_by_their_own_word_and_the_principal_may_take_off(world: World) -> None:
    await live(world)
    await review(world, TEACHER, TEACHER)
    assert await world.accesses() == {PRINCIPAL: AccessState.GRANTED, TEACHER: AccessState.REVOKED}


async def test_the_last_who_is_here_is_not_taken_off(world: World) -> None:
    await live(world)
    await leaves(world, PRINCIPAL)
    with pytest.raises(NotNow, match="would be left"):
        await review(world, TEACHER, TEACHER)
    await review(world, TEACHER, PRINCIPAL)  # who has left may go
    assert (await world.accesses())[TEACHER] is AccessState.GRANTED


async def test_twice_a_day_is_once_and_an_account_that_ended_has_no_list(world: World) -> None:
    await live(world)
    await review(world)
    with pytest.raises(AlreadyDone):
        await review(world, PRINCIPAL)
    await review(world, PRINCIPAL, TEACHER)  # but who goes is always recorded
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(state=AccountState.CLOSED))
    world.later(days=1)
    with pytest.raises(NotNow, match="no list to look at"):
        await review(world, PRINCIPAL)


async def test_each_custody_has_its_own_command(world: World) -> None:
    await live(world)
    form = RotationForm(actor=mail(TEACHER), account=1, evidence="vault/x")
    with pytest.raises(NotNow, match="no shared password"):
        await record_rotation(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(custody=CustodyMode.SHARED_PASSWORD))
    with pytest.raises(NotNow, match="steward rotate record"):
        await review(world)
