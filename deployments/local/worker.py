"""Prefect's process worker, which starts nothing but Steward's own flows, and always in the same way.

    python -m deployments.local.worker PREFECT_FILE LIMIT [MACHINE [QUEUE …]]

Prefect's own worker takes command, environment and folder from a run, from its deployment and from the
pool, and runs the "pull steps" of a deployment. Whoever may write to Prefect would run commands here, or move
the clock. This one takes none of it. A run says which of our flows it is, by its deployment's entrypoint, and
brings the parameters, which the flows check.

With a machine's name it is one of several workers: it has a name of its own, may serve some queues only, and
looks after the runs of those that are gone (`heirs`).
"""

import abc
import asyncio
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import anyio.abc
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.processutils import setup_signal_handlers_worker
from prefect.workers import process
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from deployments.local import heirs
from deployments.local.environment import POOL
from deployments.local.forks import Forks
from deployments.migrations import require_newest
from schemas.errors import BadInput, NotAllowed
from schemas.settings import ROOT
from schemas.settings import load as load_settings

NAME = "steward-local"

_SHOWN = 40  # characters of a parameter's name


def entrypoints(file: Path) -> frozenset[str]:
    """The entrypoints of a file of deployments."""
    return frozenset(re.findall(r"^    entrypoint: (\S+)$", file.read_text(), flags=re.MULTILINE))


class FixedJob(ProcessJobConfiguration):
    """What is started for a run, whatever the run, its deployment and the pool on the server say."""

    @classmethod
    async def from_template_and_values(
        cls, base_job_template: dict[str, Any], values: dict[str, Any], client: Any = None
    ) -> "FixedJob":
        """A fork with all loaded (see start_run.py), in the checkout, with the environment of the worker."""
        _ = base_job_template, values, client
        return cls(command=FixedWorker.forks.command, working_dir=ROOT)


class FixedWorker(ProcessWorker, abc.ABC):
    """A process worker for the flows of one file. Being an ABC keeps it out of Prefect's list of types."""

    job_configuration: type[ProcessJobConfiguration] = FixedJob
    ours: ClassVar[frozenset[str]] = frozenset()
    forks: ClassVar[Forks] = Forks()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: "anyio.abc.TaskStatus[int] | None" = None,
    ) -> ProcessWorkerResult:
        """Start a run of one of our flows; Prefect marks it as crashed where it is not started.

        Raises NotAllowed for another flow, BadInput for a parameter that it does not take; StoreIsNewer or
        StoreNotPrepared where this code does not fit the store: a worker that was not upgraded with the
        others must not write to it.
        """
        await asyncio.to_thread(require_newest, load_settings().store_url)
        deployment = await self.deployment(flow_run)
        check_parameters(flow_run, deployment)
        configuration.env["PREFECT__FLOW_ENTRYPOINT"] = deployment.entrypoint
        environ = {name: said for name, said in configuration.env.items() if said is not None}
        await self.forks.ready(environ)
        return await super().run(flow_run, configuration, task_status)

    async def deployment(self, flow_run: FlowRun) -> DeploymentResponse:
        """The deployment of a run, which is of one of our flows. Raises NotAllowed."""
        if flow_run.deployment_id is not None:
            found = await self.client.read_deployment(flow_run.deployment_id)
            if found.entrypoint in self.ours:
                return found
        raise NotAllowed("This run is of no flow of Steward's: it is not started. Remove its deployment.")

    async def load(self, flow_run: FlowRun, **_: object) -> Flow[..., Any]:
        """The flow of a run for its hooks, from our own code and by no pull step."""
        return load_flow_from_entrypoint(str((await self.deployment(flow_run)).entrypoint))


def check_parameters(flow_run: FlowRun, deployment: DeploymentResponse) -> None:
    """Raise BadInput where a run has a parameter that its flow does not take.

    Prefect would call the flow with it in the run's own process, and only say that this ended badly.
    """
    taken = (deployment.parameter_openapi_schema or {}).get("properties", {})
    if unknown := sorted(flow_run.parameters.keys() - taken.keys()):
        raise BadInput(
            f"This run has {', '.join(repr(one[:_SHOWN]) for one in unknown)}, which its flow does not take: "
            f"it is not started. The flow takes {', '.join(sorted(taken)) or 'nothing'}."
        )


def main(file: Path, limit: int, machine: str | None = None, queues: Sequence[str] = ()) -> None:
    """Work for the pool until told to end; on a machine of several, for these queues of it or for all."""
    setup_signal_handlers_worker(os.getpid(), "the worker", print)
    FixedWorker.ours = entrypoints(file)
    name = NAME if machine is None else f"steward-{machine}"
    worker = FixedWorker(
        name=name,
        work_pool_name=POOL,
        work_queues=list(queues) or None,
        limit=limit,
        create_pool_if_not_found=False,
    )
    # for a run's hooks Prefect loads its flow here, and runs a deployment's pull steps on the way
    setattr(process, "load_flow_from_flow_run", worker.load)  # noqa: B010 - mypy sees no export
    asyncio.run(worker.start() if machine is None else _among_others(worker))


async def _among_others(worker: FixedWorker) -> None:
    settings = load_settings()
    await heirs.begin(settings, worker.name)
    looking = asyncio.create_task(heirs.keep_looking(settings, worker.name))
    try:
        await worker.start()
    finally:
        looking.cancel()


if __name__ == "__main__":
    file, limit, *others = sys.argv[1:]
    main(Path(file), int(limit), others[0] if others else None, others[1:])
