"""Two requests wait for one handle: whoever decides knows of both, and only one of them is approved."""

import pytest

from policy.notices.base import NoticeContext
from schemas.errors import BadInput
from schemas.machinery import Notice
from schemas.states import RequestState
from tasks.mail import rows
from tasks.mail.mime import sender_of
from tasks.mail.writing import entry, letter
from tasks.store.lookup import by_id
from tests.support.world import CO, World

SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")
CANT = "It can't be approved: an account has this handle, or one that looks the same."


async def two_wait(world: World) -> None:
    """The second is written with a one for an l: people can't tell them apart."""
    for handle in ("@lakeside.school", "@1akeside.school", "@another"):
        await world.submit(handle=handle)
    await world.drain()


async def letters(world: World) -> list[str]:
    """What asks for a decision, as it would leave now."""
    asking = [row["id"] for row in await world.rows("notice") if row["kind"] == "decision_wanted"]
    async with world.store.read() as session:
        notices = [await by_id(session, Notice, one) for one in asking]
        known = await rows.load(session, notices, world.now.astimezone(world.policy.zone).date())
        contexts = [NoticeContext(one, known, world.policy, world.now) for one in notices]
        return [" ".join(letter([entry(one, SENDER)], one, SENDER).text.split()) for one in contexts]


async def test_both_letters_say_that_the_other_waits(world: World) -> None:
    await two_wait(world)
    first, second, alone = await letters(world)
    assert "Request 2 asks for the same handle" in first
    assert "Request 1 asks for the same handle" in second
    assert "same handle" not in alone
    assert all("approve, decline or send back" in one for one in (first, second, alone))


async def test_once_one_is_approved_the_other_s_letter_offers_no_approval(world: World) -> None:
    await two_wait(world)
    before = (await letters(world))[1]
    await world.decide(1, CO)
    _, second, alone = await letters(world)
    assert CANT in second
    assert CANT not in alone
    assert "decline or send back" in second
    assert "approve, decline" not in second
    assert [one.count("approve this request") for one in (before, second)] == [1, 0]


async def test_the_other_is_refused_with_the_reason_and_can_be_sent_back(world: World) -> None:
    await two_wait(world)
    await world.decide(1, CO)
    with pytest.raises(BadInput, match="Choose another handle: an official account"):
        await world.decide(2, CO)
    assert await world.request(2) is RequestState.AWAITING_DECISION
    await world.decide(2, CO, "send back")
    assert await world.request(2) is RequestState.SENT_BACK
