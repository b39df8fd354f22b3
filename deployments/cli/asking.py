"""`steward request list` and `show`: what was asked for, and what was decided."""

from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlmodel import col

from deployments.cli.output import Json, local, say, say_json
from deployments.cli.running import run
from deployments.cli.tables import table
from schemas.accounts import AccountRequest, Decision
from schemas.people import Person, School
from schemas.states import RequestState
from tasks.runtime import Runtime
from tasks.store import lookup


def request_list(
    state: Annotated[RequestState | None, typer.Option(help="Only those in this state.")] = None,
    as_json: Json = False,
) -> None:
    """Every request, the newest first."""

    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        asked = select(AccountRequest).order_by(col(AccountRequest.id).desc())
        if state is not None:
            asked = asked.where(col(AccountRequest.state) == state)
        async with runtime.store.read() as session:
            rows = (await (await session.connection()).execute(asked)).mappings().all()
        return [
            {key: row[key] for key in ("id", "handle", "platform", "level", "state", "state_since")}
            for row in rows
        ]

    rows = run(work)
    if as_json:
        say_json(rows)
    else:
        table(
            ("request", "handle", "platform", "level", "state", "since"),
            [(*list(row.values())[:5], row["state_since"].date()) for row in rows],
        )


def request_show(
    request: Annotated[int, typer.Argument(help="The request's number.")], as_json: Json = False
) -> None:
    """One request: what was asked, where it stands, what is missing, what was decided and why."""

    async def work(runtime: Runtime) -> tuple[dict[str, Any], str]:
        async with runtime.store.read() as session:
            row = await lookup.by_id(session, AccountRequest, request)
            requester = await lookup.by_id(session, Person, row.requester_id)
            connection = await session.connection()
            decided = (
                (
                    await connection.execute(
                        select(Decision, col(Person.given_name), col(Person.family_name))
                        .join(Person, col(Person.id) == col(Decision.decided_by_id))
                        .where(col(Decision.request_id) == request)
                        .order_by(col(Decision.id))
                    )
                )
                .mappings()
                .all()
            )
            named = [await lookup.by_id(session, Person, number) for number in row.wish["administrators"]]
            school = await lookup.by_id(session, School, row.school_id) if row.school_id else None
        zone = runtime.policy.zone
        lines = [
            f"Request {request}: {row.handle} on {row.platform}, a {row.level} {row.channel}",
            f"asked for by {requester.name} ({local(row.handed_in_at, zone)}, {row.recorded_via})",
            f"for: {school.name if school else 'the whole division'}",
            f"purpose: {row.wish['purpose'] or 'not said'}",
            f"audience: {row.wish['audience'] or 'not said'}",
            f"provided tools considered: {', '.join(row.wish['tools_considered']) or 'none'}",
            f"why they do not serve: {row.wish['why_not'] or 'not said'}",
            f"administrators: {', '.join(f'{one.name} ({one.position})' for one in named) or 'none'}",
            f"custody: {row.wish['custody']}",
            f"state: {row.state}, since {local(row.state_since, zone)}",
            *(f"  missing: {reason}" for reason in row.reasons),
            *(
                f"decision: {one['verdict']} by {one['given_name']} {one['family_name']}, "
                f"{local(one['decided_at'], zone)}: {one['reason']}"
                for one in decided
            ),
            *([f"account: {row.account_id}"] if row.account_id else []),
        ]
        return {**row.model_dump(), "decisions": [dict(one) for one in decided]}, "\n".join(lines)

    value, text = run(work)
    say(value, text, as_json=as_json)
