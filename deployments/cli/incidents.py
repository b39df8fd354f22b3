"""`steward incidents`: reports that a policy or a law was broken, and where they stand."""

from typing import Annotated

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many
from deployments.cli.running import run
from deployments.cli.tables import Column
from schemas.states import IncidentState
from tasks.incidents.listing import ListedIncident, list_incidents
from tasks.runtime import Runtime
from tasks.store.page import Page


def incidents(
    state: Annotated[IncidentState | None, typer.Option(help="Only those in this state.")] = None,
    account: Annotated[int | None, typer.Option(help="Only those at this account.")] = None,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """Every report, the newest first: what is said to be broken, and what was decided. Not who made it."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> Page[ListedIncident]:
        async with runtime.store.read() as session:
            return await list_incidents(session, state=state, account=account, at_most=at_most)

    found = run(work)
    listed(
        found,
        (
            *("report", Column("said to be broken", wraps=True), "person", "account"),
            *(Column("state", wraps=True), Column("decided", wraps=True), Column("appeal", drop=1)),
        ),
        lambda one: (
            *(one.incident, one.rule, one.person or "", one.account or "", one.state),
            *(one.verdict or "", one.appeal_verdict or ""),
        ),
        empty="No reports.",
        as_json=as_json,
    )
