"""All commands in one place, and the one way in which every error is told.

Bad input: one sentence on standard error, exit code 2, nothing half done. Anything else of ours: one
sentence, exit code 1. What is not ours is a defect: it shows its trace.
"""

import asyncio
import logging
import sys

import structlog
import typer
from typer.core import TyperGroup

from schemas.errors import MovedMeanwhile, StewardError
from schemas.people import Person
from schemas.settings import load as load_settings
from tasks.store import Store, lookup


class InOrder(TyperGroup):
    """Commands in the order in which they are added, not by the alphabet."""


app = typer.Typer(
    name="steward",
    cls=InOrder,
    help="Keeps a school division's official accounts the way its policy AP 151 asks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


async def _name_of(person_id: int) -> str:
    """The name behind a number, for the person at the terminal only."""
    store = Store.open(load_settings().store_url)
    try:
        async with store.read() as session:
            return (await lookup.by_id(session, Person, person_id)).name
    finally:
        await store.close()


def main() -> None:
    """Run the command line; errors of ours become one sentence and an exit code."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    try:
        app()
    except MovedMeanwhile as error:
        who = f" It was {asyncio.run(_name_of(error.by_id))}." if error.by_id else ""
        typer.echo(f"steward: {error}{who}", err=True)
        raise SystemExit(error.exit_code) from None
    except StewardError as error:
        typer.echo(f"steward: {error}", err=True)
        raise SystemExit(error.exit_code) from None
