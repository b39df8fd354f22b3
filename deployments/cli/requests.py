"""`steward request list` and `request show`: what schools ask for, and what was decided."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from deployments.cli.listing import listed
from deployments.cli.output import All, Json, Limit, how_many, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column
from deployments.cli.text import echo
from schemas.states import RequestState
from schemas.words import ALL_SCHOOLS
from tasks.requests.listing import Listed, Shown, list_requests, show_request
from tasks.runtime import Runtime
from tasks.store.page import Page


def request_list(
    state: Annotated[RequestState | None, typer.Option(help="Only those in this state.")] = None,
    school: Annotated[str | None, typer.Option(help="Only those of this school: name or number.")] = None,
    limit: Limit = None,
    everything: All = False,
    as_json: Json = False,
) -> None:
    """Every request, the newest first."""
    at_most = how_many(limit, everything=everything, as_json=as_json)

    async def work(runtime: Runtime) -> tuple[Page[Listed], ZoneInfo]:
        async with runtime.store.read() as session:
            found = await list_requests(session, state=state, school=school, at_most=at_most)
        return found, runtime.policy.zone

    found, zone = run(work)
    listed(
        found,
        (
            "request",
            Column("handle"),
            "platform",
            "level",
            Column("school", wraps=True, drop=1),
            Column("state", wraps=True),
            Column("since", drop=2),
        ),
        lambda one: (
            *(one.request, one.handle, one.platform, one.level, one.school_name or ALL_SCHOOLS),
            *(one.state, one.state_since.astimezone(zone).date()),
        ),
        empty="No requests.",
        as_json=as_json,
    )


def request_show(
    request: Annotated[int, typer.Argument(help="The request's number.")], as_json: Json = False
) -> None:
    """One request: what was asked, where it stands, what is missing, what was decided and why."""

    async def work(runtime: Runtime) -> tuple[Shown, ZoneInfo]:
        async with runtime.store.read() as session:
            return await show_request(session, request), runtime.policy.zone

    shown, zone = run(work)
    if as_json:
        say_json(shown)
    else:
        echo("\n".join(_lines(shown, zone)))


def _lines(one: Shown, zone: ZoneInfo) -> list[str]:
    administrators = ", ".join(f"{who.name} ({who.position})" for who in one.administrators)
    return [
        f"Request {one.request}: {one.handle} on {one.platform}, a {one.level} {one.channel}",
        *([f"revision {one.revision}: decide it with --revision {one.revision}"] if one.revision > 1 else []),
        f"asked for by {one.requested_by_name} ({local(one.handed_in_at, zone)}, {one.recorded_via})",
        f"for: {one.school_name or ALL_SCHOOLS}",
        f"purpose: {one.purpose or 'not said'}",
        f"audience: {one.audience or 'not said'}",
        f"provided tools considered: {', '.join(one.tools_considered) or 'none'}",
        f"why they do not serve: {one.why_not or 'not said'}",
        f"administrators: {administrators or 'none'}",
        f"custody: {one.custody}",
        f"state: {one.state}, since {local(one.state_since, zone)}",
        *(f"  missing: {reason}" for reason in one.reasons),
        *(
            f"decision: {made.verdict} by {made.decided_by_name}, "
            f"{local(made.decided_at, zone)}: {made.reason}"
            for made in one.decisions
        ),
        *([f"account: {one.account}"] if one.account else []),
    ]
