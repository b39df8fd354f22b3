"""Two runs of the gate at once: what one has moved, the other leaves without a turn at the audit chain."""

from typing import Any

import pytest

from schemas.states import AccessState
from tasks.access import lifecycle as gate
from tests.support.stages import approved
from tests.support.world import World


async def test_what_another_run_moved_keeps_no_writer_waiting(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await approved(one_world)
    await one_world.meet_gates(1, *people)
    runtime, turns = one_world.runtime, []
    (case,) = await gate.due(runtime, one_world.now)
    write = runtime.store.write

    def counted(*words: Any, **more: Any) -> Any:
        turns.append(case.label)
        return write(*words, **more)

    monkeypatch.setattr(runtime.store, "write", counted)
    assert len(await gate.move(runtime, case, one_world.now)) == len(case.ids) == 2
    assert turns == [case.label]
    assert await gate.move(runtime, case, one_world.now) == ()
    assert turns == [case.label]
    assert {row["state"] for row in await one_world.rows("access")} == {AccessState.GRANTED}
