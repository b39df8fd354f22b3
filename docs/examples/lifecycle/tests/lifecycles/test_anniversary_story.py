"""The anniversary of an account, told once."""

from datetime import datetime, timedelta

from flows.anniversaries import anniversaries
from schemas.settings import Settings
from tasks.anniversaries.lifecycle import LIFECYCLE
from tasks.lifecycles import every, swept
from tasks.runtime import Runtime
from tests.factories.division import an_access, an_account
from tests.support.world import PRINCIPAL, TEACHER, World


async def test_its_administrators_are_told_once_on_the_day(world: World) -> None:
    since = world.now.replace(year=world.now.year - 3)
    await world.put(an_account(1, live_since=since))
    await world.put(an_access(1, PRINCIPAL), an_access(1, TEACHER))
    runtime = Runtime(Settings(), world.policy, world.store)
    (stage,) = LIFECYCLE.stages

    async def day(now: datetime) -> list[tuple[str, ...]]:
        return [await stage.move(runtime, case, now) for case in await stage.due(runtime, now)]

    assert await day(world.now - timedelta(days=1)) == []
    assert await day(world.now) == [("told of its anniversary",)]
    assert await world.told() == [("account_anniversary", PRINCIPAL), ("account_anniversary", TEACHER)]
    assert await day(world.now) == []
    assert await day(world.now + timedelta(days=1)) == []


def test_the_sweep_and_the_flow_read_the_declaration() -> None:
    assert LIFECYCLE in every()
    assert LIFECYCLE in swept()
    assert anniversaries.name == LIFECYCLE.name
