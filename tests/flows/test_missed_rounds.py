"""A machine that is off at the hour of the page round looks when it starts, on a real Prefect."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deployments.local.prefect_setup import catch_up, skip_missed
from tasks.prefect.api import PAGE_ROUND, PrefectApi, Run

STARTS = datetime(2026, 10, 20, 15, 0, tzinfo=UTC)
CRON = {"cron": "30 0 * * *", "timezone": "America/Edmonton"}


@pytest.fixture
async def deployment(api: PrefectApi) -> AsyncIterator[str]:
    flow = await api.call("POST", "flows/", {"name": "page round of a test"})
    asked: dict[str, Any] = {"name": PAGE_ROUND, "flow_id": flow["id"]}
    asked["schedules"] = [{"schedule": CRON, "active": True}]
    made = await api.call("POST", "deployments/", asked)
    yield str(made["id"])
    await api.call("DELETE", f"deployments/{made['id']}")


async def scheduled(api: PrefectApi, deployment: str) -> list[Run]:
    """What a server that is off makes of the nights before the start, once it is on."""
    nights = {"start_time": (STARTS - timedelta(days=4)).isoformat(), "end_time": STARTS.isoformat()}
    await api.call("POST", f"deployments/{deployment}/schedule", nights)
    return [run for run in await waiting(api, deployment) if run.auto_scheduled]


async def waiting(api: PrefectApi, deployment: str) -> list[Run]:
    return [run for run in await api.runs_in(["SCHEDULED"]) if run.deployment_id == deployment]


async def test_the_rounds_of_several_nights_are_one_round_at_the_start(
    api: PrefectApi, deployment: str
) -> None:
    nights = await scheduled(api, deployment)
    assert len(nights) > 1
    missed = [run for run in await skip_missed(api, STARTS) if run.deployment_id == deployment]
    assert {run.id for run in missed} == {run.id for run in nights}
    assert await catch_up(api, missed)
    (asked,) = [run for run in await waiting(api, deployment) if not run.auto_scheduled]
    assert await catch_up(api, missed), "a start that was cut off is made again"
    assert [run.id for run in await waiting(api, deployment) if not run.auto_scheduled] == [asked.id]
    assert await skip_missed(api, STARTS) == [], "what was asked for is never skipped"


async def test_nothing_is_asked_for_where_no_round_was_missed(api: PrefectApi, deployment: str) -> None:
    others = [run for run in await skip_missed(api, STARTS) if run.deployment_id != deployment]
    assert not await catch_up(api, others)
    assert [run for run in await waiting(api, deployment) if not run.auto_scheduled] == []
