"""A decision is on the revision that the person read: what was handed in again since is read again first."""

import pytest

from schemas.errors import ChangedMeanwhile
from schemas.states import RequestState
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail


async def handed_in_again(world: World) -> int:
    """A request that was sent back once and handed in with other administrators."""
    request = await world.submit()
    await world.drain()
    await world.decide(request, CO, "send back")
    await world.submit(again=request, administrators=[mail(PRINCIPAL), mail(TEACHER), mail(CO)])
    await world.drain()
    return request


@pytest.mark.parametrize("verdict", ["approve", "decline", "send back"])
async def test_who_read_the_first_decides_nothing_of_the_second(world: World, verdict: str) -> None:
    request = await handed_in_again(world)
    before = await world.everything()
    with pytest.raises(ChangedMeanwhile) as refused:
        await world.decide(request, CO, verdict, revision=1)
    assert str(refused.value) == (
        f"Request {request} stands at revision 2, and your decision is on revision 1: read it again "
        f"(`steward request show {request}`), then decide with --revision 2."
    )
    assert await world.everything() == before
    await world.decide(request, CO, verdict, revision=2)
    assert await world.request(request) is not RequestState.AWAITING_DECISION
    assert [row["revision"] for row in await world.rows("decision")] == [1, 2]


async def test_a_revision_that_is_not_there_yet_is_not_decided(world: World) -> None:
    request = await world.submit()
    await world.drain()
    with pytest.raises(ChangedMeanwhile, match="stands at revision 1, and your decision is on revision 2"):
        await world.decide(request, CO, revision=2)
