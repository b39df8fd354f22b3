"""`steward leaves`: the register of leave."""

from typing import Annotated

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many
from deployments.cli.running import run
from deployments.cli.tables import Column
from schemas.states import LeaveState
from tasks.leave.listing import ListedLeave, list_leaves
from tasks.runtime import Runtime
from tasks.store.page import Page


def leaves(
    state: Annotated[LeaveState | None, typer.Option(help="Only those in this state.")] = None,
    control: Annotated[str | None, typer.Option("--for", help="Only of this control of the policy.")] = None,
    school: Annotated[str | None, typer.Option(help="Only of this school: name or number.")] = None,
    person: Annotated[
        str | None, typer.Option("--of", help="Only this person's: address, number or name.")
    ] = None,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """Every leave, the newest first: whose, for what, through which day, and who decided.

    With --json also the purpose, the circumstances and the reasons.
    """
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[ListedLeave], dict[str, str]]:
        async with runtime.store.read() as session:
            found = await list_leaves(
                session, state=state, control=control, school=school, person=person, at_most=at_most
            )
        return found, {one.control: runtime.policy.number_of(one.control) for one in found.rows}

    found, clauses = run(work)
    listed(
        found,
        (
            "leave",
            "clause",
            Column("for", wraps=True),
            Column("whose", wraps=True),
            Column("school", wraps=True, drop=1),
            "state",
            "from",
            "through",
            Column("decided by", wraps=True, drop=2),
        ),
        lambda one: (
            *(one.leave, clauses[one.control], one.control, one.name, one.school_name or ""),
            *(one.state, one.starts_on, one.ends_on, one.decided_by_name or ""),
        ),
        empty="No leave.",
        as_json=as_json,
    )
