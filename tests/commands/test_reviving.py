"""How often a part may die, and which runs are lost: without a stack."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

from deployments.local.parts import Part, PartFailed
from deployments.local.reviving import DEATHS, LOOKS, PAUSES_SECONDS, WITHIN_SECONDS, Deaths, LostRuns
from tasks.prefect.api import PrefectApi, Run


def part(name: str, folder: Path) -> Part:
    log = folder / f"{name}.log"
    log.write_text("last words\n")
    return Part(name, [], {}, log, folder)


def test_pauses_grow_and_the_fifth_death_in_a_minute_is_the_last(tmp_path: Path) -> None:
    deaths, worker = Deaths(), part("worker", tmp_path)
    pauses = [deaths.pause(worker, float(second)) for second in range(DEATHS - 1)]

    assert pauses == list(PAUSES_SECONDS)
    assert deaths.pause(part("server", tmp_path), 4.0) == PAUSES_SECONDS[0]
    with pytest.raises(PartFailed, match=r"(?s)worker ended 5 times within a minute.*last words"):
        deaths.pause(worker, WITHIN_SECONDS)


def test_deaths_that_are_long_past_are_forgotten(tmp_path: Path) -> None:
    deaths, worker = Deaths(), part("worker", tmp_path)

    pauses = [deaths.pause(worker, number * (WITHIN_SECONDS + 1)) for number in range(DEATHS * 2)]

    assert pauses == [PAUSES_SECONDS[0]] * (DEATHS * 2)


class Runs:
    """Answers which runs Prefect believes to be alive."""

    def __init__(self, alive: Sequence[str]) -> None:
        self.alive = alive

    async def runs_in(self, _states: Sequence[str]) -> list[Run]:
        return [Run(one, one, None, "RUNNING", "Running", None, False) for one in self.alive]


async def test_a_run_is_lost_when_it_has_no_process_for_several_looks() -> None:
    looks, api = LostRuns(), cast(PrefectApi, Runs(["alive", "gone"]))
    here: dict[str, Any] = {"alive": psutil.Process()}

    found = [[run.id for run in await looks.look(api, here)] for _ in range(LOOKS)]

    assert found == [*[[]] * (LOOKS - 1), ["gone"]]


async def test_a_run_whose_process_comes_late_is_not_lost() -> None:
    looks, api = LostRuns(), cast(PrefectApi, Runs(["late"]))
    for _ in range(LOOKS - 1):
        await looks.look(api, {})

    assert await looks.look(api, {"late": psutil.Process()}) == []
    assert await looks.look(api, {}) == []
