"""`steward up`: the whole stack on this machine, until Ctrl-C."""

from typing import Annotated

import typer

from deployments.local.supervisor import up as run_stack
from schemas.settings import load as load_settings

Sample = Annotated[
    bool | None,
    typer.Option(
        "--sample/--empty",
        help="Load made-up people and accounts where nobody is stored yet, or begin empty. Left out: as the "
        "setting STEWARD_SAMPLE says, which `steward init` turns off.",
        show_default=False,
    ),
]


def up(sample: Sample = None) -> None:
    """Start everything on this machine, and stay until Ctrl-C.

    In a store that is empty a made-up organization is loaded, to look around in. For a real one: `steward
    init` first, or `--empty`.
    """
    settings = load_settings()
    if sample is not None:
        settings = settings.model_copy(update={"sample": sample})
    raise typer.Exit(run_stack(settings))
