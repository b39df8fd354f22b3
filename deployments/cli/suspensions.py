"""`steward suspensions`: what would be suspended or closed if nobody mended anything."""

from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from tasks import clock
from tasks.runtime import Runtime
from tasks.store import lookup
from tasks.suspension.preview import Ahead, preview


def suspensions(
    account: Annotated[
        str | None, typer.Option("--account", help="Only this account: its number or its @handle.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What would be suspended or closed on which day if nobody mended anything. Changes nothing."""

    async def work(runtime: Runtime) -> tuple[Ahead, ...]:
        only = None
        if account is not None:
            async with runtime.store.read() as session:
                only = (await lookup.account(session, account)).id
        return await preview(runtime.store, runtime.policy, account_id=only, now=clock.now())

    ahead = run(work)
    if as_json:
        say_json(ahead)
        return
    if not ahead:
        echo(
            "No finding leads to a suspension as things are.\n"
            "Access that ends for a course, or because somebody leaves, is not shown here."
        )
        return
    rows = [
        (one.after, one.what, one.account, one.handle, one.whose, one.because, one.stands) for one in ahead
    ]
    table(
        (
            "after",
            Column("what", wraps=True),
            "account",
            Column("handle", drop=1),
            Column("whose", wraps=True),
            Column("because of", wraps=True),
            Column("so far", wraps=True, drop=2),
        ),
        rows,
    )
