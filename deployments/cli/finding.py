"""`steward finding list`: what the sweep found, by clause, account or school."""

from datetime import datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from deployments.cli.days import day
from deployments.cli.output import All, Json, Limit, how_many, local, more, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from schemas.errors import BadInput
from tasks.findings.listing import Asked, Listed, list_findings
from tasks.runtime import Runtime
from tasks.store import lookup
from tasks.store.page import Page


def finding_list(
    clause: Annotated[str | None, typer.Option(help="Only of this clause, such as 5.4.")] = None,
    account: Annotated[
        str | None, typer.Option(help="Only of this account: its number or its @handle.")
    ] = None,
    school: Annotated[
        str | None, typer.Option(help="Only of this school's accounts, name or number.")
    ] = None,
    new_since: Annotated[str | None, typer.Option(help="Opened on this day or later.")] = None,
    mended_since: Annotated[str | None, typer.Option(help="Mended on this day or later.")] = None,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """Open findings, the longest due first; or those that are new, or were mended, since a day."""
    opened_on = day(new_since, "--new-since") if new_since else None
    mended_on = day(mended_since, "--mended-since") if mended_since else None

    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[Listed], ZoneInfo]:
        zone = runtime.policy.zone
        if clause is not None and clause not in {one.id for one in runtime.policy.clauses if one.asks}:
            document = runtime.policy.document.id
            raise BadInput(
                f"{document} has no clause {clause} that asks something: `steward clauses` lists them."
            )
        async with runtime.store.read() as session:
            asked = Asked(
                clause=clause,
                account=(await lookup.account(session, account)).id if account else None,
                school_id=(await lookup.school(session, school)).id if school else None,
                new_since=datetime.combine(opened_on, time(), zone) if opened_on else None,
                mended_since=datetime.combine(mended_on, time(), zone) if mended_on else None,
            )
            return await list_findings(session, asked, at_most), zone

    found, zone = run(work)
    if as_json:
        say_json(found.rows)
        return
    if not found.rows:
        echo("There is no such finding.")
        return
    rows = [
        (
            one.finding,
            one.clause,
            f"{one.account} {one.handle}",
            one.school_name or "division-wide",
            one.due_on,
            local(one.opened_at, zone),
            local(one.resolved_at, zone) or "open",
            one.detail,
        )
        for one in found.rows
    ]
    table(
        (
            "finding",
            "clause",
            Column("account", wraps=True),
            Column("school", wraps=True, drop=2),
            "due",
            Column("found", drop=3),
            Column("mended", drop=4),
            Column("what", wraps=True),
        ),
        rows,
    )
    more(len(found.rows), found.in_all)
