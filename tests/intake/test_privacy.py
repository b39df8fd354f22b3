"""Privacy settings are attested anew, and what is not set is said (7)."""

import pytest
from sqlalchemy import update

from policy.calendar import Calendar
from policy.controls.attested import Attested
from schemas.accounts import Account
from schemas.errors import BadInput, NotAllowed, NotNow, StewardError, Unknown
from schemas.states import AccountState
from schemas.words import Via
from tasks.findings.evaluation import evaluate
from tasks.privacy.attest import PrivacyForm, attest_privacy
from tests.support.rules import RULES
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, TEACHER, World, mail


async def attest(world: World, *done: str, by: int = TEACHER, account: int = 1) -> str:
    form = PrivacyForm(actor=mail(by), account=account, privacy=done or ("all",))
    receipt = await attest_privacy(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return receipt.says


async def violated(world: World) -> int:
    today = Calendar(world.policy).today(world.now)
    async with world.store.write() as session:
        return (await evaluate(session, RULES["privacy-settings"], world.policy, today, world.now)).violated


async def test_a_finding_of_clause_7_is_mended_by_attesting_anew(world: World) -> None:
    await live(world)
    world.later(days=world.policy.the(Attested).attest_every_days + 1)
    assert await violated(world) == 1
    assert "Still to be set" in await attest(world, "two-step")
    assert await violated(world) == 1
    assert "Good for" in await attest(world, by=CO)
    assert await violated(world) == 0


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"by": OTHER_PRINCIPAL}, NotAllowed),
        ({"by": 77}, Unknown),
        ({"account": 99}, Unknown),
    ],
)
async def test_who_may_not(world: World, given: dict[str, int], error: type[StewardError]) -> None:
    await live(world)
    with pytest.raises(error):
        await attest(world, **given)


async def test_what_is_refused(world: World) -> None:
    await live(world)
    with pytest.raises(BadInput):
        await attest(world, "no-such-item")
    async with world.store.write() as session:
        await session.run(update(Account).values(state=AccountState.CLOSED))
    with pytest.raises(NotNow):
        await attest(world)
