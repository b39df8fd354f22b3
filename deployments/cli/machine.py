"""`steward machine`: one part of Steward on a machine of its own, in the foreground."""

import asyncio
import subprocess
from typing import Annotated

import typer

from deployments.cli.text import echo
from deployments.local import environment, machines, prefect_setup, store_work
from deployments.local.starting import WORKER_LIMIT
from schemas.errors import StewardError
from schemas.settings import Settings
from schemas.settings import load as load_settings
from tasks.prefect.api import PrefectApi

Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="How many runs at a time.")]
Queues = Annotated[
    list[str] | None,
    typer.Option("--queue", help="Serve this queue; more than one may be said. Left out: all of them."),
]

_SETUP_TIMEOUT_SECONDS = 30.0


def prepare() -> None:
    """Bring both databases up to date, once, before any part is started or after an upgrade.

    Prefect's own first, then Steward's store; a store without a policy takes in the file of the settings.
    """
    settings = load_settings().model_copy(update={"sample": False})
    machines.require(settings, "prepare")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _run(machines.database(settings), "Prefect's database could not be brought up to date")
    echo(f"The store: {asyncio.run(store_work.prepare(settings))}.")


def deploy() -> None:
    """Tell Prefect what it may run: once an API server answers, and again after an upgrade."""
    settings = load_settings()
    machines.require(settings, "deploy")
    asyncio.run(_pool(settings))
    _run(machines.deployed(settings), "Prefect did not take the deployments")
    echo("The pool, its queues and the deployments are there. Workers may start.")


def serve_api() -> None:
    """Be one of Prefect's API servers. Two or more are behind one address: STEWARD_PREFECT_URL."""
    machines.api(load_settings()).become()


def run_services() -> None:
    """Be Prefect's services: schedules, automations, late runs. Two share the work over Redis."""
    machines.services(load_settings()).become()


def work(limit: Limit = WORKER_LIMIT, queue: Queues = None) -> None:
    """Be a worker: start runs, here, as processes. Each machine's has the name of its STEWARD_MACHINE."""
    known = [one for one in queue or [] if one not in prefect_setup.QUEUES]
    if known:
        raise typer.BadParameter(
            f"there is no queue {known[0]}: choose from {', '.join(prefect_setup.QUEUES)}"
        )
    machines.worker(load_settings(), limit, queue or []).become()


def serve_pages() -> None:
    """Be the web pages. Two or more are behind one address: STEWARD_PORTAL_URL."""
    machines.pages(load_settings()).become()


async def _pool(settings: Settings) -> None:
    url, auth = environment.api_url(settings), environment.auth_string(settings)
    async with PrefectApi(url, auth, _SETUP_TIMEOUT_SECONDS) as api:
        await prefect_setup.ensure_pool(api)


def _run(program: machines.Program, otherwise: str) -> None:
    """Run it to its end, its output for people to see. Raises StewardError."""
    done = subprocess.run(  # noqa: S603 - our own program
        program.command, env=dict(program.env), cwd=environment.workplace(), check=False
    )
    if done.returncode:
        raise StewardError(f"{otherwise} (exit code {done.returncode}): its own words are above.")
