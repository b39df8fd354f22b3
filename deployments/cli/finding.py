"""`steward finding list`: what the sweep found, by clause, account or school."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Annotated

import typer

from deployments.cli.days import day
from deployments.cli.output import All, Json, Limit, how_many, local, more, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from schemas.errors import BadInput
from schemas.words import ALL_SCHOOLS
from tasks import clock
from tasks.findings.listing import Asked, Listed, list_findings
from tasks.runtime import Runtime
from tasks.store import lookup
from tasks.store.page import Page


def finding_list(
    clause: Annotated[str | None, typer.Option(help="Only of this clause, such as 5.4.")] = None,
    control: Annotated[str | None, typer.Option(help="Only of this control, by its name.")] = None,
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
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[Listed], Policy]:
        policy = runtime.policy
        zone, controls = policy.zone, _controls(policy, clause, control)
        today = policy.calendar.today(clock.now())
        opened_on = day(new_since, "--new-since", today) if new_since else None
        mended_on = day(mended_since, "--mended-since", today) if mended_since else None
        async with runtime.store.read() as session:
            asked = Asked(
                controls=controls,
                account=(await lookup.account(session, account)).id if account else None,
                school_id=(await lookup.school(session, school)).id if school else None,
                new_since=datetime.combine(opened_on, time(), zone) if opened_on else None,
                mended_since=datetime.combine(mended_on, time(), zone) if mended_on else None,
            )
            return await list_findings(session, asked, at_most), policy

    found, policy = run(work)
    if as_json:
        say_json([{**asdict(one), "clause": policy.number_of(one.control)} for one in found.rows])
        return
    if not found.rows:
        echo("No findings.")
        return
    rows = [
        (
            one.finding,
            policy.number_of(one.control),
            f"{one.account} {policy.says_account(one.platform, one.handle)}",
            one.school_name or ALL_SCHOOLS,
            one.due_on,
            local(one.opened_at, policy.zone),
            local(one.resolved_at, policy.zone) or "open",
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


def _controls(policy: Policy, clause: str | None, control: str | None) -> tuple[str, ...] | None:
    """The controls of a clause, or the one that is named; None where neither is. Raises BadInput."""
    if control is not None:
        if control not in {one.name for one in policy.controls}:
            raise BadInput(f"The policy has no control {control}: `steward clauses` lists them.")
        return (control,)
    if clause is None:
        return None
    found = next((one for one in policy.clauses if one.id == clause and one.asks), None)
    if found is None:
        raise BadInput(
            f"{policy.document.id} has no clause {clause} that asks something: `steward clauses` lists them."
        )
    return tuple(one.name for one in found.controls)
