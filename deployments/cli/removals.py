"""`steward removal list`: what was taken down, without its copies."""

from typing import Annotated

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many, local
from deployments.cli.running import run
from deployments.cli.tables import Column
from policy.model import Policy
from tasks.public.removal_listing import Listed, removals
from tasks.runtime import Runtime
from tasks.store.page import Page


def removal_list(
    school: Annotated[str | None, typer.Option(help="Only this school: name or number.")] = None,
    account: Annotated[str | None, typer.Option(help="Only this account: number or @handle.")] = None,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """What was taken down, when, by whom, on which ground, the newest first. `removal show` has copies."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[Listed], Policy]:
        async with runtime.store.read() as session:
            return await removals(session, at_most, school=school, account=account), runtime.policy

    found, policy = run(work)
    listed(
        found,
        (
            "removal",
            "account",
            Column("ground", wraps=True),
            "taken down",
            Column("by", wraps=True),
            "copy",
            "put back",
        ),
        lambda one: (
            *(one.removal, f"{one.account} {policy.says_account(one.platform, one.handle)}"),
            *(one.ground, local(one.removed_at, policy.zone)),
            *(one.removed_by, "kept" if one.kept else "gone", local(one.undone_at, policy.zone)),
        ),
        empty="Nothing was taken down.",
        as_json=as_json,
    )
