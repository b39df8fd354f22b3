"""`steward doctor`: whether an installation is set up as it should be."""

import asyncio

import typer

from deployments.cli.output import All, Json, Limit, how_many, more, say_json
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from deployments.local.health import look as look_at_everything
from deployments.local.rights_listed import look
from schemas.settings import load as load_settings
from tasks import clock


def examine(as_json: Json = False) -> None:
    """Look at clock, disk, rights, mail server, Prefect, store, calendar and offices; say what to do.

    Exit code 1 where there is something to do. Nothing is changed, and nothing is sent.
    """
    found = asyncio.run(look_at_everything(load_settings(), clock.now()))
    if as_json:
        say_json(found)
    else:
        for one in found:
            echo(f"{'look:' if one.do else 'good:'} {one.says}")
            if one.do:
                echo(f"      {one.do}")
    if any(one.do for one in found):
        raise typer.Exit(1)


def rights(limit: Limit = None, everything: All = False, as_json: Json = False) -> None:
    """Who may use which file, folder and socket; what is too open comes first, with exit code 1."""
    found = look(load_settings())
    faults = [one for one in found if one.fault]
    if as_json:
        say_json(found)
    else:
        shown = found[: how_many(limit, everything=everything, as_json=False)]
        rows = [(one.kind, one.where, one.owner, one.mode) for one in shown]
        table(("", Column("where", wraps=True, least=20), "owner", "mode"), rows)
        more(len(shown), len(found))
        echo()
        for one in faults:
            echo(f"{one.where}: {one.fault}")
        if not any(one.kind == "listens" for one in found):
            echo("Nothing of Steward listens: the stack does not run here.")
        too_open = "1 is" if len(faults) == 1 else f"{len(faults)} are"
        echo(f"Of {len(found)}, {too_open} too open." if faults else "Nothing is too open.")
    if faults:
        raise typer.Exit(1)
