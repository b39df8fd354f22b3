"""`steward service`: Steward as a service of the machine."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.text import echo
from deployments.local import service
from schemas.settings import ROOT
from schemas.settings import load as load_settings

User = Annotated[str, typer.Option("--user", help="The machine's user that runs it; not root.")]
Into = Annotated[Path, typer.Option("--into", help="The folder of the units.")]
Part = Annotated[
    str | None,
    typer.Option("--part", help="On one of several machines: api, services, worker or pages, and no more."),
]


def install(
    user: User = "steward",
    into: Into = Path("/etc/systemd/system"),
    part: Part = None,
    as_json: Json = False,
) -> None:
    """Write a systemd unit for this installation, and say what to do next.

    The service starts with the machine and again after a failure, and may write to the data directory alone.
    Nothing is started, and no user is made. It can be done again.
    """
    settings = load_settings()
    place = service.here(settings.data_dir, settings.heads_file, settings.files_dir, ROOT, sys.executable)
    said = service.install(place, user, into, os.environ, part)
    if as_json:
        say_json({"done": list(said)})
        return
    for one in said:
        echo(one)
