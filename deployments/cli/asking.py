"""`steward request` and `steward decide`: what schools ask for, and what is decided (5, 6, 14)."""

from typing import Annotated, Any

import typer
from sqlalchemy import select
from sqlmodel import col

from deployments.cli.handing_in import Email, hand_in, read_form
from deployments.cli.output import Json, local, say, say_json
from deployments.cli.running import run
from deployments.cli.tables import table
from schemas.accounts import AccountRequest, Decision
from schemas.forms import (
    DecisionForm,
    RequestForm,
)
from schemas.people import Person, School
from schemas.receipt import Receipt
from schemas.states import RequestState
from schemas.words import (
    ChannelKind,
    CustodyMode,
    Level,
    Platform,
    ProvidedTool,
    Verdict,
    Via,
)
from tasks import clock
from tasks.requests import decide as decisions
from tasks.requests import hand_in as requests
from tasks.runtime import Runtime
from tasks.store import lookup


def request_new(
    requester: Email,
    level: Annotated[Level, typer.Option(help="Whose account: decides who decides (5, 6, 14).")],
    platform: Annotated[Platform, typer.Option(help="Where it is to be.")],
    handle: Annotated[str, typer.Option(help="The handle you wish for.")],
    channel: Annotated[ChannelKind, typer.Option(help="What kind of channel.")] = ChannelKind.SOCIAL_MEDIA,
    school: Annotated[str, typer.Option(help="The school's name; none for the division.")] = "",
    purpose: Annotated[str, typer.Option(help="What it is for.")] = "",
    audience: Annotated[str, typer.Option(help="Who is to read it.")] = "",
    tool: Annotated[
        list[ProvidedTool] | None, typer.Option(help="A provided tool that you considered (2); repeat it.")
    ] = None,
    why_not: Annotated[str, typer.Option(help="Why the provided tools do not serve (2).")] = "",
    administrator: Annotated[
        list[str] | None, typer.Option(help="E-mail address of an administrator; repeat it (5.4).")
    ] = None,
    custody: Annotated[
        CustodyMode, typer.Option(help="How its administrators get in.")
    ] = CustodyMode.PERSONAL_ADMINISTRATORS,
    again: Annotated[int | None, typer.Option(help="The request that was sent back and is mended.")] = None,
    as_json: Json = False,
) -> None:
    """Ask for an account, website or channel (5, 6); what is missing is told all at once, by mail."""
    form = read_form(
        RequestForm,
        {
            "requester": requester,
            "level": level,
            "channel": channel,
            "platform": platform,
            "handle": handle,
            "school": school,
            "purpose": purpose,
            "audience": audience,
            "tools_considered": tuple(tool or ()),
            "why_not": why_not,
            "administrators": tuple(administrator or ()),
            "custody": custody,
        },
    )

    async def intake(runtime: Runtime) -> Receipt:
        now = clock.now()
        if again is not None:
            return await requests.resubmit_request(
                runtime.store, runtime.policy, again, form, via=Via.COMMAND, now=now
            )
        return await requests.submit_request(runtime.store, runtime.policy, form, via=Via.COMMAND, now=now)

    hand_in(intake, as_json=as_json)


def request_withdraw(
    request: Annotated[int, typer.Argument(help="The request's number.")],
    requester: Email,
    as_json: Json = False,
) -> None:
    """Take a request back, before it is decided or before its account is live."""

    async def intake(runtime: Runtime) -> Receipt:
        return await requests.withdraw_request(
            runtime.store, runtime.policy, request, requester, via=Via.COMMAND, now=clock.now()
        )

    hand_in(intake, as_json=as_json)


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


def decide(
    request: Annotated[int, typer.Argument(help="The request's number.")],
    verdict: Annotated[Verdict, typer.Argument(help="What you decide.")],
    decided_by: Email,
    reason: Annotated[str, typer.Option(help="The requester reads it.")],
    training_required: Annotated[
        bool | None,
        typer.Option(
            "--training/--no-training", help="Classroom accounts: whether the course is needed (6.1)."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide a request (5, 6): never your own, and only in an office that you hold today or deputize for."""
    form = read_form(
        DecisionForm,
        {
            "request": request,
            "decided_by": decided_by,
            "verdict": verdict,
            "reason": reason,
            "training_required": training_required,
        },
    )

    async def intake(runtime: Runtime) -> Receipt:
        return await decisions.record_decision(
            runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now()
        )

    hand_in(intake, as_json=as_json)
