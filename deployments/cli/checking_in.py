"""`steward check-in`: you looked at the comments and posts of your accounts today (9)."""

from typing import Annotated

import typer

from deployments.cli.days import day
from deployments.cli.handing_in import Email, hand_in
from deployments.cli.output import Json
from schemas.errors import BadInput
from schemas.receipt import Receipt
from schemas.words import Via
from tasks import clock
from tasks.monitoring import check_in as check_ins
from tasks.runtime import Runtime


def check_in(
    person: Email,
    accounts: Annotated[list[int] | None, typer.Argument(help="The accounts' numbers.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every account in use that you have access to.")
    ] = False,
    on: Annotated[str | None, typer.Option("--on", help="The day you looked; today if left out.")] = None,
    as_json: Json = False,
) -> None:
    """You looked at the comments, posts and messages of these accounts, or of all of yours (9)."""
    if bool(accounts) == everything:
        raise BadInput("Say which accounts you looked at, by number, or --all for all of yours.")
    looked_on = day(on, "--on") if on is not None else None

    async def intake(runtime: Runtime) -> Receipt:
        return await check_ins.check_in(
            runtime.store,
            runtime.policy,
            accounts or (),
            by=person,
            on=looked_on,
            via=Via.COMMAND,
            now=clock.now(),
        )

    hand_in(intake, as_json=as_json)
