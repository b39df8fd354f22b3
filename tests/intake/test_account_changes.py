"""What is true of an account changes: its names, its school, its people, its end; each with its way back."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, Unknown
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import Via
from tasks.acts.table import ACTS
from tasks.store import lookup
from tests.factories.division import an_access, an_account
from tests.support.stages import live, prepared
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

WHY = "The school has a new name."


async def acts(world: World, name: str, actor: int = CO, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), "account": 1, "reason": WHY, **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def found_as(world: World, handle: str) -> int | None:
    async with world.store.read() as session:
        return (await lookup.account(session, handle)).id


async def test_a_renamed_account_is_found_by_both_handles(world: World) -> None:
    await live(world)
    new = "https://www.example.org/lakeside.news"
    await acts(world, "rename-an-account", TEACHER, handle="@lakeside.news", address=new)
    assert await found_as(world, "@lakeside.news") == await found_as(world, "Lakeside.School") == 1
    (row,) = await world.rows("account")
    assert (row["handle"], row["handle_key"], row["address"]) == ("@lakeside.news", "lakeside.news", new)
    kept = [(one["what"].value, one["before"]) for one in await world.rows("account_change")]
    assert kept == [("handle", "@lakeside.school"), ("address", "https://www.example.org/lakeside")]
    assert [who for kind, who in await world.told() if kind == "account_changed"] == [
        CO,
        CO,
        PRINCIPAL,
        PRINCIPAL,
    ]
    assert "disclaimer-verification" in await world.woken(), "its page is looked at where it is now"
    with pytest.raises(AlreadyDone):
        await acts(world, "rename-an-account", TEACHER, handle="@lakeside.news")


async def test_a_handle_of_another_account_is_refused_and_a_former_one_is_free(
    world: World,
) -> None:
    await live(world)
    await world.put(an_account(2), an_access(2, VICE))
    with pytest.raises(BadInput, match="Account 2 has this handle"):
        await acts(world, "rename-an-account", handle="@sample.2")
    with pytest.raises(BadInput, match="without spaces"):
        await acts(world, "rename-an-account", handle="lakeside news")
    await acts(world, "rename-an-account", handle="@lakeside.news")
    await acts(world, "rename-an-account", account=2, handle="@lakeside.school")
    assert await found_as(world, "@lakeside.school") == 2, "who has it now comes first"
    assert await found_as(world, "@sample.2") == 2


async def test_a_handle_is_kept_alike_however_it_is_written(one_world: World) -> None:
    """One account by its address, its handle and a link from an app; what names no account is refused."""
    world = one_world
    written = "https://instagram.com/lakeside.school/?hl=fr"
    await world.submit(handle=written)
    with pytest.raises(BadInput, match="names no account on Instagram"):
        await world.submit(handle="https://www.instagram.com/p/Cabc/")
    assert [one["handle"] for one in await world.rows("account_request")] == ["lakeside.school"]
    await world.put(an_account(1))
    await acts(world, "rename-an-account", handle=written)
    assert await found_as(world, "@lakeside.school") == 1
    with pytest.raises(BadInput, match="no address on Instagram"):
        await acts(world, "rename-an-account", handle="https://www.threads.net/@lakeside.school")


async def test_an_account_moves_and_both_schools_are_told(world: World) -> None:
    await live(world)
    await acts(world, "move-an-account", school="Sample School 2")
    (row,) = await world.rows("account")
    assert row["school_id"] == 2
    told = {who for kind, who in await world.told() if kind == "account_changed"}
    assert told == {PRINCIPAL, TEACHER, OTHER_PRINCIPAL}
    with pytest.raises(AlreadyDone):
        await acts(world, "move-an-account", school="Sample School 2")
    with pytest.raises(Unknown):
        await acts(world, "move-an-account", school="Nowhere")


async def test_an_account_is_handed_over_in_one_act(world: World) -> None:
    await live(world)
    people = [mail(OTHER_PRINCIPAL), mail(VICE)]
    await acts(world, "hand-an-account-over", school="Sample School 2", administrators=people)
    await world.drain()
    assert await world.accesses() == {
        PRINCIPAL: AccessState.GRANTED,
        TEACHER: AccessState.GRANTED,
        OTHER_PRINCIPAL: AccessState.WAITING,
        VICE: AccessState.WAITING,
    }
    assert {("access_ends", PRINCIPAL), ("access_ends", TEACHER)} <= set(await world.told())
    await world.meet_gates(1, OTHER_PRINCIPAL, VICE)
    await world.drain()
    world.later(days=14)
    await world.drain()
    assert await world.accesses() == {
        PRINCIPAL: AccessState.REVOKED,
        TEACHER: AccessState.REVOKED,
        OTHER_PRINCIPAL: AccessState.GRANTED,
        VICE: AccessState.GRANTED,
    }
    with pytest.raises(AlreadyDone):
        await acts(world, "hand-an-account-over", administrators=people)


async def test_nobody_is_cut_off_before_a_successor_has_access(world: World) -> None:
    await live(world)
    async with world.store.write() as session:  # nobody else keeps it
        account = await lookup.account(session, "1")
        account.vault_reference = None
        session.add(account)
    await acts(world, "hand-an-account-over", administrators=[mail(VICE)])
    world.later(days=30)
    await world.drain()
    found = await world.accesses()
    assert sorted(found[one].value for one in (PRINCIPAL, TEACHER)) == ["granted", "revoked"]
    await world.meet_gates(1, VICE)
    await world.drain()
    found = await world.accesses()
    assert (found[PRINCIPAL], found[TEACHER], found[VICE]) == (
        AccessState.REVOKED,
        AccessState.REVOKED,
        AccessState.GRANTED,
    )


async def test_a_closing_is_announced_and_can_be_taken_back(world: World) -> None:
    await live(world)
    await acts(world, "close-an-account", PRINCIPAL)
    assert {("account_closes", TEACHER), ("account_closes", CO)} <= set(await world.told())
    with pytest.raises(AlreadyDone):
        await acts(world, "close-an-account")
    await acts(world, "keep-an-account")
    world.later(days=60)
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
    with pytest.raises(NotNow):
        await acts(world, "keep-an-account")


async def test_after_its_last_day_it_is_closed_with_every_access(world: World) -> None:
    await live(world)
    await acts(world, "close-an-account")
    (row,) = await world.rows("account")
    assert isinstance(row["closes_on"], date)
    world.on(row["closes_on"])
    await world.drain()
    assert await world.account(1) is AccountState.LIVE
    world.on(row["closes_on"] + timedelta(days=1))
    await world.drain()
    assert await world.account(1) is AccountState.CLOSED
    assert set((await world.accesses()).values()) == {AccessState.REVOKED}
    with pytest.raises(NotNow):
        await acts(world, "close-an-account")


@pytest.mark.parametrize("stage", [live, prepared])
async def test_a_closed_account_is_opened_again_through_its_gates(world: World, stage: Any) -> None:
    await stage(world)
    await acts(world, "close-an-account", at_once=True)
    assert await world.account(1) is AccountState.CLOSED
    assert {("account_closed", TEACHER), ("account_closed", PRINCIPAL)} <= set(await world.told())
    world.later(hours=1)
    await acts(world, "open-an-account-again")
    await world.drain()
    assert set((await world.accesses()).values()) == {AccessState.GRANTED}
    assert await world.account(1) is AccountState.PREPARING
    if stage is live:
        await world.look(1)
        await world.drain()
        assert await world.account(1) is AccountState.LIVE, "once its page was looked at again"
    with pytest.raises(NotNow):
        await acts(world, "open-an-account-again")


async def test_a_suspended_account_is_closed_and_its_suspension_ends(world: World) -> None:
    await live(world)
    await acts(world, "suspend-an-account")
    await acts(world, "close-an-account", at_once=True)
    (row,) = await world.rows("suspension")
    assert row["ended_at"] is not None


async def test_it_is_not_opened_again_while_another_account_has_its_handle(world: World) -> None:
    await live(world)
    await acts(world, "close-an-account", at_once=True)
    await world.put(an_account(2, handle="@lakeside.school", handle_key="lakeside.school"))
    with pytest.raises(NotNow, match="steward account show 2"):
        await acts(world, "open-an-account-again")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("rename-an-account", {"handle": "@new"}),
        ("move-an-account", {"school": "Sample School 2"}),
        ("hand-an-account-over", {"administrators": [mail(VICE)]}),
        ("close-an-account", {}),
    ],
)
@pytest.mark.parametrize("by", [SUPER, OTHER_PRINCIPAL])
async def test_who_may_not(one_world: World, name: str, values: dict[str, Any], by: int) -> None:
    await live(one_world)
    before = await one_world.everything()
    with pytest.raises(NotAllowed, match="Only "):
        await acts(one_world, name, by, **values)
    assert await one_world.everything() == before
