"""`steward import pull`: the roster from OneRoster's REST service, by hand or each night by cron."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.acts import who_types
from deployments.cli.import_roster import shown
from deployments.cli.output import Json, say
from deployments.cli.running import run
from schemas.errors import BadSettings
from schemas.settings import Settings
from schemas.words import Via
from tasks import clock
from tasks.files.oneroster_rest import Service, pull_roster
from tasks.people.roster import RosterForm, import_roster
from tasks.prefect.relay import relay
from tasks.runtime import Runtime


def pull(
    actor: Annotated[str, typer.Option("--as", help="Who takes it in: e-mail address, number or name.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
    students: Annotated[bool, typer.Option("--students", help="Take in students too.")] = False,
    as_json: Json = False,
) -> None:
    """Pull the roster from OneRoster's REST service and take it in, with the same brakes as a file."""

    async def work(runtime: Runtime) -> tuple[Any, str]:
        files = await pull_roster(service_of(runtime.settings))
        runtime.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=runtime.settings.data_dir) as folder:
            await asyncio.to_thread(_write, Path(folder), files)
            form = RosterForm(actor=actor, path=Path(folder), dry_run=dry_run, students=students)
            now = clock.now()
            typed_by = who_types()
            done = await import_roster(
                runtime.store, runtime.policy, form, via=Via.COMMAND, now=now, typed_by=typed_by
            )
        await relay(runtime.store, runtime.settings, now)
        return shown(done, runtime.policy)

    value, text = run(work)
    say(value, text, as_json=as_json)


def service_of(settings: Settings) -> Service:
    """The service of the settings. Raises BadSettings where one of them is missing."""
    url, token_url, secret = (
        settings.oneroster_url,
        settings.oneroster_token_url,
        settings.oneroster_client_secret,
    )
    if not (url and token_url and settings.oneroster_client_id and secret):
        raise BadSettings(
            "To pull a roster, STEWARD_ONEROSTER_URL, _TOKEN_URL, _CLIENT_ID and _CLIENT_SECRET are needed."
        )
    return Service(url, token_url, settings.oneroster_client_id, secret)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
