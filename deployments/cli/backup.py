"""`steward backup` and `steward restore`."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import Json, say, say_json
from deployments.cli.text import echo
from deployments.local.backup import back_up
from deployments.local.backup import restore as bring_back
from schemas.settings import load as load_settings
from tasks import clock

To = Annotated[Path, typer.Argument(help="A file that is not there yet, or a folder.")]
From = Annotated[Path, typer.Argument(help="The backup's file.")]
Heads = Annotated[
    Path | None,
    typer.Option("--heads", help="Signed heads that left: they say what happened after the backup."),
]


def backup(to: To, as_json: Json = False) -> None:
    """Write everything of this installation into one file, while it runs; it is verified first.

    The file holds people's names, the key of the installation and the mail server's password. Keep it
    where few may read it, and on another machine.
    """
    made = back_up(load_settings(), to, clock.now())
    say(
        {"file": str(made.file), "bytes": made.size, "last_entry": made.manifest.seq},
        f"{made.file} has everything through audit entry {made.manifest.seq}, {made.size / 1e6:.1f} MB, "
        "and verifies. It holds names and secrets: keep it on another machine, where few may read it.",
        as_json=as_json,
    )


def restore(file: From, heads: Heads = None, as_json: Json = False) -> None:
    """Bring a backup back into an installation that holds nothing yet.

    Where it goes: STEWARD_DATA_DIR and STEWARD_DATABASE_URL. Nothing is changed where the backup is damaged
    or something is there already.
    """
    said = bring_back(load_settings(), file, clock.now(), heads=heads)
    if as_json:
        say_json({"done": list(said)})
        return
    for one in said:
        echo(one)
