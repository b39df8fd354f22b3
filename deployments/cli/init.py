"""`steward init`: what a new installation must say, asked one by one or read from a file."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.text import echo
from deployments.local.beginning import checked, read_answers, set_up
from policy.model import Policy, parse, text_of
from schemas.settings import ROOT
from schemas.settings import load as load_settings
from tasks import clock

AnswersFile = Annotated[
    Path | None,
    typer.Option("--answers", help="A TOML file that answers everything; docs/operations.md has one."),
]


def init(answers: AnswersFile = None, as_json: Json = False) -> None:
    """Begin a real installation: its settings, its policy, and who holds the first offices.

    Nothing is written before every answer is checked. It can be done again: settings are written anew, and
    what people have decided since stays.
    """
    given = read_answers(answers) if answers is not None else checked(_asked(), "the answers")
    done = asyncio.run(set_up(given, load_settings(), clock.now()))
    if as_json:
        say_json({"done": list(done)})
        return
    for one in done:
        echo(one)
    echo("Next: `steward up`, then the first roster: `steward import roster FILE --as ADDRESS --dry-run`.")


def _asked() -> dict[str, Any]:
    """Ask a person at the terminal; an empty answer takes what is shown in brackets."""
    source = typer.prompt("Policy file to begin from", default=str(ROOT / "policy" / "ap151.toml"))
    policy = parse(text_of(Path(source)), Path(source))
    own = policy.organization
    return {
        "policy": source,
        "organization": {
            "name": typer.prompt("Full name of the organization", default=own.name),
            "short_name": typer.prompt("Short name, as letters call it", default=own.short_name),
            "zone": typer.prompt("Time zone", default=own.zone),
            "country": typer.prompt("Country, two letters", default=own.country),
            "province": typer.prompt("Province or state, its code (for the holidays)", default=own.province),
            "domain": typer.prompt("Domain of its mail addresses", default=own.domain),
        },
        "mail": _mail(),
        "sign_in": _sign_in(),
        "offices": _offices(policy),
    }


def _mail() -> dict[str, Any]:
    echo("Letters leave by a mail server. Without one they are caught on this machine, for trying.")
    host = typer.prompt("Mail server", default="", show_default=False)
    found: dict[str, Any] = {"host": host}
    if host:
        found["port"] = typer.prompt("Its port", default=587, type=int)
        found["security"] = typer.prompt("none, starttls or tls", default="starttls")
        found["user"] = typer.prompt("Login, empty for none", default="", show_default=False)
        if found["user"]:
            found["password"] = typer.prompt("Password", hide_input=True)
        to = typer.prompt("Address for a test letter, empty for none", default="", show_default=False)
        found["test_letter_to"] = to or None
    found["sender"] = typer.prompt("Address that letters come from")
    found["reply_to"] = typer.prompt("Address that answers go to")
    return found


def _sign_in() -> dict[str, Any]:
    way = typer.prompt(
        "People sign in by a code in a mail (mail) or by your provider (provider)", default="mail"
    )
    address = typer.prompt("Address of the web pages, empty for this machine", default="", show_default=False)
    found: dict[str, Any] = {"ways": [way], "address": address}
    if way == "provider":
        found["provider"] = typer.prompt("Issuer, such as https://accounts.google.com")
        found["client_id"] = typer.prompt("Client id")
        found["client_secret"] = typer.prompt("Client secret", hide_input=True)
        found["domain"] = typer.prompt("With Google: your domain", default="", show_default=False)
    return found


def _offices(policy: Policy) -> dict[str, Any]:
    needed = {*policy.duties.gives_offices, policy.duties.keeps_policy}
    found = {}
    for office in (one for one in policy.offices if one.at == "division"):
        asked = f"E-mail address of the {office.label}" + (
            "" if office.id in needed else ", empty for nobody"
        )
        email = typer.prompt(asked, default=None if office.id in needed else "", show_default=False)
        if email:
            found[office.id] = {
                "email": email,
                "given_name": typer.prompt("Given name"),
                "family_name": typer.prompt("Family name"),
            }
    return found
