"""A suspended account says so wherever it is looked at: why, by whom, since when, and the way back."""

from sqlalchemy import insert, update

from schemas.accounts import Account
from schemas.columns import table_of
from schemas.findings import Finding, Suspension
from schemas.states import AccountState
from schemas.words import Via
from tasks.accounts.listing import show_account
from tasks.accounts.suspended import SuspensionShown
from tasks.suspension.suspend import SuspensionForm, suspend_account
from tests.support.stages import live
from tests.support.world import CO, World, mail


async def shown(world: World) -> SuspensionShown | None:
    async with world.store.read() as session:
        return (await show_account(session, world.policy, "1")).suspension


async def test_of_an_order_its_reason_and_who_gave_it(world: World) -> None:
    await live(world)
    assert await shown(world) is None
    form = SuspensionForm(account=1, actor=mail(CO), reason="Somebody else posts there.")
    await suspend_account(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    stands = await shown(world)
    assert stands is not None
    assert (stands.since, stands.by) == (world.now, "Given1 Sample1")
    assert "Somebody else posts there." in stands.why
    assert "steward account ask-back 1" in stands.way_back
    assert "steward account reinstate 1" in stands.way_back


async def test_of_a_finding_what_is_to_be_mended(world: World) -> None:
    await live(world)
    await world.put(
        Finding(control="notice-on-page", account_id=1, due_on=world.now.date(), opened_at=world.now)
    )
    async with world.store.write() as session:
        await session.run(update(table_of(Account)).values(state=AccountState.SUSPENDED))
        made = {"control": "notice-on-page", "reason": "It was not mended.", "recorded_via": Via.STEWARD}
        await session.run(insert(table_of(Suspension)).values(account_id=1, suspended_at=world.now, **made))
    stands = await shown(world)
    assert stands is not None
    assert (stands.clause, stands.by) == ("8", "Steward")
    assert "mend finding 1" in stands.way_back
    assert "steward account reinstate 1" in stands.way_back
