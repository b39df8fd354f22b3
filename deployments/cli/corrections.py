"""`steward correction list`: what was reported as misleading, and how far it is put right."""

from typing import Annotated

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many, local
from deployments.cli.running import run
from deployments.cli.tables import Column
from policy.model import Policy
from tasks import clock
from tasks.public.correction_listing import Reported, corrections
from tasks.runtime import Runtime
from tasks.store.page import Page


def correction_list(
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended too.")] = False,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """What was reported as misleading and waits, the earliest due first, with the dates of its steps."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[Reported], Policy]:
        today = runtime.policy.calendar.today(clock.now())
        async with runtime.store.read() as session:
            return await corrections(session, today, at_most, ended=ended), runtime.policy

    found, policy = run(work)
    listed(
        found,
        (
            "report",
            Column("what is said", wraps=True),
            "reported",
            "acknowledged",
            "next step by",
            Column("ended", drop=1),
        ),
        lambda one: (
            *(one.correction, one.says, local(one.reported_at, policy.zone)),
            *(local(one.acknowledged_at, policy.zone), f"{one.due_on}{' late' if one.late else ''}"),
            one.ended_as,
        ),
        empty="Nothing misleading waits to be put right.",
        as_json=as_json,
    )
