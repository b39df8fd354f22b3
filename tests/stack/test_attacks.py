"""What somebody with Prefect's auth string may not do: run a command, move the clock."""

from pathlib import Path
from typing import Any

import pytest

from deployments.local.environment import POOL
from deployments.local.prefect_setup import TEMPLATE, ensure_pool
from deployments.local.waiting import until
from tasks.prefect.api import PrefectApi, PrefectUnavailable, Run
from tests.stack.running import Place

#: The template that Prefect itself gives a pool: a run sets command and environment.
OPEN_TEMPLATE = {
    "job_configuration": {
        "command": "{{ command }}",
        "env": "{{ env }}",
        "name": "{{ name }}",
        "working_dir": "{{ working_dir }}",
    },
    "variables": {
        "type": "object",
        "properties": {name: {"title": name} for name in ("command", "env", "name", "working_dir")},
    },
}


async def ended(api: PrefectApi, run: Run) -> Run:
    """The run at its end."""

    async def look() -> bool:
        return (await api.run(run.id)).ended

    await until(look, "The run")
    return await api.run(run.id)


async def asked(api: PrefectApi, deployment: str, variables: dict[str, Any]) -> Run:
    """A run that brings variables of its own."""
    body = {"state": {"type": "SCHEDULED"}, "parameters": {}, "job_variables": variables}
    return Run.read(await api.call("POST", f"deployments/{deployment}/create_flow_run", body))


@pytest.mark.parametrize("name", ["command", "env", "working_dir", "name", "anything"])
def test_a_run_that_brings_variables_is_refused(stack: Place, name: str) -> None:
    async def attack(api: PrefectApi) -> None:
        deployment = await api.deployment_id("notice-delivery")
        with pytest.raises(PrefectUnavailable, match="422"):
            await asked(api, deployment, {name: {"A": "b"} if name == "env" else "touch stolen"})

    stack.ask(attack)


def test_a_pool_that_was_opened_again_changes_nothing(stack: Place, tmp_path: Path) -> None:
    """The pool's template belongs to whoever has the auth string; the worker goes by none of it."""
    stolen = tmp_path / "stolen"
    variables = {
        "command": f"touch {stolen}",
        "env": {"STEWARD_CLOCK_OFFSET_SECONDS": "not a number: a run that took it would fail"},
        "working_dir": str(tmp_path),
    }

    async def attack(api: PrefectApi) -> Run:
        await api.call("PATCH", f"work_pools/{POOL}", {"base_job_template": OPEN_TEMPLATE})
        try:
            run = await asked(api, await api.deployment_id("notice-delivery"), variables)
            return await ended(api, run)
        finally:
            await ensure_pool(api)

    assert stack.ask(attack).state_type == "COMPLETED", stack.log("worker")[-3000:]
    assert not stolen.exists()
    pool = stack.ask(lambda api: api.call("GET", f"work_pools/{POOL}"))
    assert pool["base_job_template"] == TEMPLATE


@pytest.mark.parametrize("entrypoint", ["os.system", "flows.notice_delivery.notice_delivery"])
def test_a_foreign_deployment_runs_nothing_of_its_own(stack: Place, tmp_path: Path, entrypoint: str) -> None:
    """Its pull steps are never run; with an entrypoint that is not ours nothing is."""
    stolen = tmp_path / "stolen"
    step = {"prefect.deployments.steps.run_shell_script": {"script": f"touch {stolen}"}}

    async def attack(api: PrefectApi) -> Run:
        there = await api.call("GET", f"deployments/{await api.deployment_id('notice-delivery')}")
        made = await api.call(
            "POST",
            "deployments/",
            {
                "name": "foreign",
                "flow_id": there["flow_id"],
                "entrypoint": entrypoint,
                "pull_steps": [step],
                "work_pool_name": POOL,
                "work_queue_name": "mail",
            },
        )
        try:
            return await ended(api, await asked(api, made["id"], {}))
        finally:
            await api.call("DELETE", f"deployments/{made['id']}")

    ours = entrypoint.startswith("flows.")
    assert stack.ask(attack).state_type == ("COMPLETED" if ours else "CRASHED"), stack.log("worker")[-3000:]
    assert not stolen.exists()
