"""`steward page list`: pages that nobody approved, and what became of them."""

from typing import Annotated

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many, local
from deployments.cli.running import run
from deployments.cli.tables import Column
from policy.model import Policy
from tasks import clock
from tasks.inventory.page_listing import ReportedPage, unapproved_pages
from tasks.runtime import Runtime
from tasks.store.page import Page


def page_list(
    ended: Annotated[bool, typer.Option("--ended", help="Those that are settled too.")] = False,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """Pages that were reported and wait, the earliest due first."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[ReportedPage], Policy]:
        today = runtime.policy.calendar.today(clock.now())
        async with runtime.store.read() as session:
            return await unapproved_pages(session, today, at_most, ended=ended), runtime.policy

    found, policy = run(work)
    listed(
        found,
        (
            "page",
            Column("address", wraps=True),
            Column("school", wraps=True),
            "reported",
            "settled by",
            Column("as", drop=1),
        ),
        lambda one: (
            *(one.page, one.address, one.school_name or "", local(one.reported_at, policy.zone)),
            *(f"{one.due_on}{' late' if one.late else ''}", one.ended_as or ""),
        ),
        empty="No page without approval waits.",
        as_json=as_json,
    )
