"""All commands in one place, and the one way in which every error is told.

Bad input: one sentence on standard error, exit code 2, nothing half done. Anything else of ours: one
sentence, exit code 1. What is not ours is a defect: it shows its trace.
"""

import asyncio
import logging
import sys

import structlog
import typer

from deployments.cli.accounts import account_app
from deployments.cli.asking import decide, request_app
from deployments.cli.attesting import attest_app
from deployments.cli.audit import audit_app
from deployments.cli.checking_in import check_in
from deployments.cli.clauses import clauses
from deployments.cli.complete import complete
from deployments.cli.finding import finding_app
from deployments.cli.import_accounts import accounts
from deployments.cli.import_roster import import_roster_command
from deployments.cli.import_training import settle, training, unmatched
from deployments.cli.mail import mail
from deployments.cli.people import absence, designate, role_end, role_grant
from deployments.cli.rotating import rotate_app
from deployments.cli.status import status
from deployments.cli.suspending import suspensions
from deployments.cli.sweep import sweep
from deployments.cli.up import up
from schemas.errors import MovedMeanwhile, StewardError
from schemas.people import Person
from schemas.settings import load as load_settings
from tasks.store import Store, lookup

app = typer.Typer(
    name="steward",
    help="Keeps a school division's official accounts the way its policy AP 151 asks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

import_app = typer.Typer(help="Take files in: the roster, training completions, existing accounts.")
import_app.command("roster")(import_roster_command)
import_app.command("training")(training)
import_app.command("accounts")(accounts)
import_app.command("unmatched")(unmatched)
import_app.command("settle")(settle)

role_app = typer.Typer(help="Offices that no roster tells: Communications Officer, Superintendent.")
role_app.command("grant")(role_grant)
role_app.command("end")(role_end)

app.command()(up)
app.command()(status)
app.add_typer(request_app, name="request", no_args_is_help=True)
app.command()(decide)
app.command()(complete)
app.add_typer(attest_app, name="attest", no_args_is_help=True)
app.add_typer(rotate_app, name="rotate", no_args_is_help=True)
app.add_typer(account_app, name="account", no_args_is_help=True)
app.add_typer(finding_app, name="finding", no_args_is_help=True)
app.command("check-in")(check_in)
app.command()(suspensions)
app.command()(sweep)
app.command()(clauses)
app.add_typer(audit_app, name="audit", no_args_is_help=True)
app.add_typer(mail, name="mail", no_args_is_help=True)
app.add_typer(import_app, name="import", no_args_is_help=True)
app.add_typer(role_app, name="role", no_args_is_help=True)
app.command()(absence)
app.command()(designate)


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
        typer.echo(f"steward: {error.shown}{who}", err=True)
        raise SystemExit(error.exit_code) from None
    except StewardError as error:
        typer.echo(f"steward: {error.shown}", err=True)
        raise SystemExit(error.exit_code) from None
