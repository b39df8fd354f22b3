"""Who corrects the purpose of an account."""

import pytest

from schemas.errors import AlreadyDone, NotAllowed
from schemas.words import Via
from tasks.accounts.correct_purpose import CorrectPurposeForm, correct_purpose
from tests.factories.division import an_access, an_account
from tests.support.world import CO, OTHER_PRINCIPAL, TEACHER, World, mail


async def correct(world: World, by: int, purpose: str) -> None:
    form = CorrectPurposeForm(actor=mail(by), account=1, purpose=purpose)
    await correct_purpose(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def test_its_administrators_and_communications_do(world: World) -> None:
    await world.put(an_account(1), an_access(1, TEACHER))
    await correct(world, TEACHER, "News of the band for its families.")
    await correct(world, CO, "News of the band, for everybody.")
    with pytest.raises(AlreadyDone):
        await correct(world, CO, "News of the band, for everybody.")
    with pytest.raises(NotAllowed):
        await correct(world, OTHER_PRINCIPAL, "News of another school.")
    (account,) = await world.rows("account")
    assert account["purpose"] == "News of the band, for everybody."
