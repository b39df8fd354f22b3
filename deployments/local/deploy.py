"""Deploys what a prefect.yaml says, as `prefect deploy --all` does, in two requests for each deployment.

    python -m deployments.local.deploy FILE        (`steward up` starts it)

Prefect's own command opens a connection anew for each deployment and sends eight requests, which is most of a
first start. It works on this file too, and a test compares what the two leave on a server.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.events import DeploymentTriggerTypes
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import Automation
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from schemas.errors import StewardError

_TRIGGERS: TypeAdapter[DeploymentTriggerTypes] = TypeAdapter(DeploymentTriggerTypes)
#: What an entry of the file may have. More would be passed over without a word.
_KNOWN = frozenset(
    {"concurrency_limit", "description", "entrypoint", "name", "schedules", "tags", "triggers", "work_pool"}
)
_WANTED = ("name", "entrypoint", "work_pool")
_OF_A_SCHEDULE = frozenset({"active", "cron", "slug", "timezone"})
_PAGE = 100

#: Schedules that somebody paused, by their deployment's name and their slug.
Paused = frozenset[tuple[str, str]]


class NotDeployable(StewardError):
    """An entry of the file has something that is not passed on to Prefect here."""


def entries(file: Path) -> list[dict[str, Any]]:
    """The file's deployments. Raises NotDeployable where one lacks something or has what is not passed on."""
    found: list[dict[str, Any]] = YAML(typ="safe").load(file)["deployments"]
    for entry in found:
        if lacking := [one for one in _WANTED if one not in entry]:
            raise NotDeployable(f"{file.name}: {entry.get('name')} has no {', '.join(lacking)}: add it.")
        of_schedules = {key for one in entry.get("schedules") or [] for key in one}
        if unknown := sorted((entry.keys() - _KNOWN) | (of_schedules - _OF_A_SCHEDULE)):
            raise NotDeployable(
                f"{file.name}: {entry.get('name')} has {', '.join(unknown)}, which "
                "deployments/local/deploy.py does not pass on: add it there."
            )
    return found


async def deploy(
    client: PrefectClient, entry: dict[str, Any], started: frozenset[UUID], paused: Paused
) -> None:
    """Make one deployment, or bring it up to the entry. `started`: those that an automation starts now.

    A schedule that somebody `paused` in Prefect stays so, unless the entry says whether it is active.
    """
    flow: Flow[..., Any] = load_flow_from_entrypoint(entry["entrypoint"])
    limit = entry.get("concurrency_limit", {})
    deployment = await client.create_deployment(
        flow_id=await client.create_flow_from_name(flow.name),
        name=entry["name"],
        version=flow.version,
        description=entry.get("description") or flow.description,
        tags=entry.get("tags"),
        entrypoint=entry["entrypoint"],
        work_pool_name=entry["work_pool"]["name"],
        work_queue_name=entry["work_pool"]["work_queue_name"],
        schedules=[_schedule(entry["name"], paused, **one) for one in entry.get("schedules") or []],
        concurrency_limit=limit.get("limit"),
        concurrency_options=ConcurrencyOptions(collision_strategy=limit["collision_strategy"])
        if limit
        else None,
        parameter_openapi_schema=parameter_schema(flow).model_dump(exclude_unset=True),
        enforce_parameter_schema=True,
        pull_steps=[],
    )
    if deployment in started:
        await client.delete_resource_owned_automations(f"prefect.deployment.{deployment}")
    for one in entry.get("triggers", []):
        trigger = _TRIGGERS.validate_python(one)
        trigger.set_deployment_id(deployment)
        await client.create_automation(trigger.as_automation())


async def _started(client: PrefectClient) -> frozenset[UUID]:
    """The deployments that automations start, ours or somebody's own."""
    found: list[Automation] = []
    while page := await client.read_automations(offset=len(found)):
        found += page
    actions = [action for one in found for action in one.actions if isinstance(action, RunDeployment)]
    return frozenset(action.deployment_id for action in actions if action.deployment_id)


async def _paused(client: PrefectClient) -> Paused:
    """The schedules that are paused now: making a deployment anew would begin them again."""
    found: list[DeploymentResponse] = []
    while page := await client.read_deployments(limit=_PAGE, offset=len(found)):
        found += page
    return frozenset(
        (one.name, schedule.slug)
        for one in found
        for schedule in one.schedules
        if schedule.slug and not schedule.active
    )


def _schedule(
    name: str, paused: Paused, slug: str, cron: str, timezone: str, *, active: bool | None = None
) -> DeploymentScheduleCreate:
    active = (name, slug) not in paused if active is None else active
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=cron, timezone=timezone), slug=slug, active=active
    )


async def main(file: Path) -> None:
    """Deploy all of a file."""
    async with get_client() as client:
        started, paused = await _started(client), await _paused(client)
        for entry in entries(file):
            await deploy(client, entry, started, paused)


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1])))
    except StewardError as error:
        sys.exit(str(error))
