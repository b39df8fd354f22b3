"""What `steward up` deploys is what `prefect deploy --all` does, on a real Prefect."""

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL
from ruamel.yaml import YAML

from deployments import NO_TELEMETRY
from deployments.local import deploy, environment, prefect_setup
from schemas.settings import ROOT
from tasks.prefect.api import PrefectApi

#: What a server gives, and what changes with it; and the version, for which Prefect's command takes the
#: commit where it sees a clone.
GIVEN = frozenset(
    {"created", "deployment_id", "flow_id", "id", "last_polled", "status", "updated", "version", "version_id"}
)


def without_given(found: Any, ids: frozenset[str]) -> Any:
    """As it is, without what a server gives: numbers and times."""
    if isinstance(found, dict):
        return {key: without_given(value, ids) for key, value in found.items() if key not in GIVEN}
    if isinstance(found, list):
        return [without_given(one, ids) for one in found]
    for one in ids if isinstance(found, str) else ():
        found = found.replace(one, "its id")
    return found


@pytest.fixture
async def pool(api: PrefectApi) -> AsyncIterator[None]:
    await prefect_setup.ensure_pool(api)
    yield
    await api.call("DELETE", f"work_pools/{environment.POOL}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An entry of each kind that our file has: of those with the same keys, the last."""
    kinds = {frozenset(entry): entry for entry in deploy.entries(ROOT / "prefect.yaml")}
    assert len(kinds) == 4  # with a limit, with a schedule, with triggers, and a form
    made = tmp_path / "prefect.yaml"
    YAML(typ="safe").dump({"name": "steward", "pull": [], "deployments": list(kinds.values())}, made)
    return made


def by_command(file: Path) -> None:
    env = {**os.environ, **NO_TELEMETRY, "PREFECT_API_URL": PREFECT_API_URL.value() or ""}
    command = [*environment.PREFECT, "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
    subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True)  # noqa: S603


async def taken_away(api: PrefectApi) -> Any:
    """What is deployed and which automations there are, without what a server gives; then it is deleted."""
    deployed = await api.call("POST", "deployments/filter", {"sort": "NAME_ASC"})
    owned = await api.call("POST", "automations/filter", {})
    ids = frozenset(one["id"] for one in deployed)
    for one in deployed:
        await api.call("DELETE", f"deployments/{one['id']}")
        await api.call("DELETE", f"automations/owned-by/prefect.deployment.{one['id']}")
    return without_given([deployed, sorted(owned, key=lambda one: str(one["name"]))], ids)


@pytest.mark.usefixtures("pool")
async def test_what_up_deploys_is_what_prefect_s_own_command_does(api: PrefectApi, file: Path) -> None:
    by_command(file)
    theirs = await taken_away(api)
    await deploy.main(file)
    await deploy.main(file)  # again: nothing is there twice
    ours = await taken_away(api)

    deployed, automations = ours
    assert len(deployed) == 4
    assert len(automations) == 2
    assert ours == theirs


@pytest.mark.usefixtures("pool")
async def test_triggers_that_are_taken_out_of_the_file_go(api: PrefectApi, file: Path) -> None:
    await deploy.main(file)
    without = [{**one, "triggers": []} for one in deploy.entries(file)]
    YAML(typ="safe").dump({"deployments": without}, file)
    await deploy.main(file)

    deployed, automations = await taken_away(api)
    assert len(deployed) == 4
    assert automations == []


@pytest.mark.usefixtures("pool")
async def test_a_schedule_that_was_paused_stays_paused(api: PrefectApi, file: Path) -> None:
    """As it does by Prefect's own command; what the file itself says counts for more."""
    for deployed in (by_command, deploy.main):
        await deploy.main(file)
        (one,) = await scheduled(api)
        (schedule,) = one["schedules"]
        path = f"deployments/{one['id']}/schedules/{schedule['id']}"
        await api.call("PATCH", path, {"active": False})
        if (done := deployed(file)) is not None:
            await done
        (one,) = await scheduled(api)
        assert [each["active"] for each in one["schedules"]] == [False], deployed
    said = deploy.entries(file)
    for entry in said:
        for each in entry.get("schedules", []):
            each["active"] = True
    YAML(typ="safe").dump({"deployments": said}, file)
    await deploy.main(file)
    (one,) = await scheduled(api)
    assert [each["active"] for each in one["schedules"]] == [True]
    await taken_away(api)


async def scheduled(api: PrefectApi) -> list[Any]:
    """The deployments that have a schedule."""
    found = await api.call("POST", "deployments/filter", {"sort": "NAME_ASC"})
    return [one for one in found if one["schedules"]]


def test_what_is_not_passed_on_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "prefect.yaml"
    one = {"name": "one", "entrypoint": "flows/one.py:one", "work_pool": {}}
    for entry, said in (
        ({**one, "parameters": {}}, "one has parameters, which"),
        ({**one, "schedules": [{"slug": "a", "interval": 3600}]}, "one has interval, which"),
        ({"name": "one", "work_pool": {}}, "one has no entrypoint"),
    ):
        YAML(typ="safe").dump({"deployments": [entry]}, file)
        with pytest.raises(deploy.NotDeployable, match=rf"prefect\.yaml: {said}"):
            deploy.entries(file)
