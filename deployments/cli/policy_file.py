"""`steward policy check`: what is wrong in a policy file, and what is probably a slip."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.text import echo
from policy.model import load, warnings


def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy file to look at; nothing else is.")],
    as_json: Json = False,
) -> None:
    """Whether a policy file can be used, and what in it is probably a slip. Nothing is changed.

    A file that can't be used is refused with all its problems, each with its line. A slip is a warning: the
    file can be used as it is.
    """
    policy = load(file)
    found = warnings(file)
    if as_json:
        say_json({"policy": policy.document.id, "version": policy.document.version, "warnings": found})
        return
    echo(f"{file.name}: {policy.document.id}, version {policy.document.version}. It can be used.")
    for one in found:
        echo(str(one))
    echo(f"{len(found)} {'warning' if len(found) == 1 else 'warnings'}.")
