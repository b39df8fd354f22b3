"""`steward request` and `steward decide`: what schools ask for, and what is decided (5, 6, 14)."""

from typing import Annotated

import typer

from deployments.cli.handing_in import Email, hand_in, read_form
from deployments.cli.output import Json
from schemas.forms import (
    DecisionForm,
    RequestForm,
)
from schemas.receipt import Receipt
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
