"""A shared password from being due to being confirmed, on both databases (11)."""

from datetime import timedelta

import pytest

from policy.calendar import Calendar
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow, StewardError, Unknown
from schemas.evidence import RotationConfirmation
from tests.lifecycles.rotation_helpers import confirm, findings, open_items, rotate
from tests.support.stages import leaves, live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, TEACHER, World


async def test_due_asked_changed_announced_confirmed(world: World) -> None:
    await live(world)
    knows = {row["person_id"]: row["knows_secret_since"] for row in await world.rows("access")}
    assert set(knows) == {PRINCIPAL, TEACHER}
    assert None not in knows.values()
    due = Calendar(world.policy).today(world.now) + timedelta(days=365)
    world.now += timedelta(days=334)
    await world.drain()
    assert await open_items(world, "change the password") == []
    world.now += timedelta(days=1)
    await world.drain()
    assert await open_items(world, "change the password") == [(PRINCIPAL, due), (TEACHER, due)]
    await rotate(world)
    assert await open_items(world, "change the password") == []
    assert [person for person, _ in await open_items(world, "confirm the new password")] == [CO, PRINCIPAL]
    told = [row["person_id"] for row in await world.rows("notice") if row["kind"] == "rotated"]
    assert sorted(told) == [CO, PRINCIPAL]
    await confirm(world, PRINCIPAL)
    await confirm(world, CO)
    assert await open_items(world, "confirm the new password") == []
    assert len(await world.rows(str(RotationConfirmation.__tablename__))) == 2
    with pytest.raises(AlreadyDone):
        await confirm(world, CO)
    await world.drain()
    assert await open_items(world, "change the password") == []


async def test_who_leaves_makes_it_due_and_a_change_without_them_ends_it(world: World) -> None:
    await live(world)
    world.now += timedelta(days=10)
    await leaves(world, TEACHER)
    await world.drain()
    due = Calendar(world.policy).today(world.now) + timedelta(days=7)
    assert await open_items(world, "change the password") == [(PRINCIPAL, due)]
    assert await findings(world) == 1
    world.now += timedelta(days=2)
    await rotate(world, PRINCIPAL)
    day = Calendar(world.policy).today(world.now)
    until = {row["person_id"]: row["knows_secret_until"] for row in await world.rows("access")}
    assert until == {TEACHER: day, PRINCIPAL: None}
    assert await findings(world) == 0
    await world.drain()
    assert await open_items(world, "change the password") == []


@pytest.mark.parametrize("secret", ["", "password: hunter2", "xK9!vLp27#q"])
async def test_no_secret_is_taken_as_evidence_or_reason(world: World, secret: str) -> None:
    await live(world)
    before = await world.everything()
    with pytest.raises(BadInput):
        await rotate(world, evidence=secret)
    if secret:
        with pytest.raises(BadInput):
            await rotate(world, reason=secret)
    assert await world.everything() == before


async def test_what_is_refused_leaves_every_table_as_it_was(world: World) -> None:
    await live(world)
    before = await world.everything()
    tomorrow = Calendar(world.policy).today(world.now) + timedelta(days=1)
    tries: list[tuple[dict[str, object], type[StewardError]]] = [
        ({"on": tomorrow}, BadInput),
        ({"by": OTHER_PRINCIPAL}, NotAllowed),
        ({"by": 99}, Unknown),
    ]
    for changes, error in tries:
        with pytest.raises(error):
            await rotate(world, **changes)  # type: ignore[arg-type]
        assert await world.everything() == before
    for person, refusal in ((TEACHER, NotNow), (OTHER_PRINCIPAL, NotAllowed)):
        with pytest.raises(refusal):
            await confirm(world, person)
        assert await world.everything() == before
    await rotate(world)
    before = await world.everything()
    with pytest.raises(AlreadyDone):
        await rotate(world)
    with pytest.raises(AlreadyDone):
        await confirm(world, TEACHER)
    assert await world.everything() == before
