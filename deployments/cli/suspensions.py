"""`steward suspensions`: which access, account or office would be lost if nobody did anything."""

from typing import Annotated

import typer

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from schemas.ahead import Ahead
from tasks import clock
from tasks.access.preview import preview as of_access
from tasks.people.preview import preview as of_people
from tasks.runtime import Runtime
from tasks.store import lookup
from tasks.suspension.preview import preview as of_findings


def suspensions(
    account: Annotated[
        str | None, typer.Option("--account", help="Only this account: its number or its @handle.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Which access, account or office would be lost on which day if nobody did anything. Changes nothing."""

    async def work(runtime: Runtime) -> tuple[tuple[Ahead, ...], Policy]:
        only = None
        if account is not None:
            async with runtime.store.read() as session:
                only = (await lookup.account(session, account)).id
        now, given = clock.now(), (runtime.store, runtime.policy)
        found = await of_findings(*given, account_id=only, now=now)
        known = {(one.control, one.account, one.person) for one in found}
        found += tuple(
            one
            for one in await of_access(*given, account_id=only, now=now)
            if (one.control, one.account, one.person) not in known  # its finding says the same
        )
        found += await of_people(*given, account_id=only, today=runtime.policy.calendar.today(now))
        return tuple(sorted(found, key=lambda one: one.in_order)), runtime.policy

    ahead, policy = run(work)
    if as_json:
        say_json(ahead)
        return
    if not ahead:
        echo("Nobody loses access, and no account is suspended, as things are.")
        return
    rows = [
        (
            *(one.after, one.what, one.account),
            policy.says_account(one.platform, one.handle) if one.handle else "",
            *(one.whose, one.because, one.stands),
        )
        for one in ahead
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
