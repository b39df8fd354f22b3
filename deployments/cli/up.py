"""`steward up`: the whole stack on this machine, until Ctrl-C."""

import typer

from deployments.local.supervisor import up as run_stack
from schemas.settings import load as load_settings


def up() -> None:
    """Start everything on this machine, load a sample division on first start, and stay until Ctrl-C."""
    raise typer.Exit(run_stack(load_settings()))
