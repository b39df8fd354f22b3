"""`steward role`, `absence` and `designate`: what no roster tells."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated

import typer

from deployments.cli.output import Json, say
from deployments.cli.running import run
from schemas.words import RoleKind
from tasks import clock
from tasks.people import offices as people
from tasks.people.offices import Noted
from tasks.prefect.relay import relay
from tasks.runtime import Runtime

Email = Annotated[str, typer.Argument(help="E-mail address of the person.")]
School = Annotated[str | None, typer.Option(help="The school's name; none for an office of the division.")]
From = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; without it today.")
]
Until = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day, included.")]


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


def _note(work: Callable[[Runtime, datetime], Awaitable[Noted]], *, as_json: bool) -> None:
    async def inside(runtime: Runtime) -> Noted:
        now = clock.now()
        noted = await work(runtime, now)
        await relay(runtime.store, runtime.settings, now)
        return noted

    noted = run(inside)
    say({"noted": noted.id, "says": noted.says}, noted.says, as_json=as_json)


def role_grant(
    kind: Annotated[RoleKind, typer.Argument(help="The office.")],
    email: Email,
    school: School = None,
    first: From = None,
    last: Until = None,
    as_json: Json = False,
) -> None:
    """Give somebody an office: Communications Officer, Superintendent, or administrator of a school."""
    _note(
        lambda runtime, now: people.grant_role(
            runtime.store,
            runtime.policy,
            kind,
            email,
            school=school,
            starts_on=_day(first),
            ends_on=_day(last),
            now=now,
        ),
        as_json=as_json,
    )


def role_end(
    kind: Annotated[RoleKind, typer.Argument(help="The office.")],
    email: Email,
    school: School = None,
    last: Until = None,
    as_json: Json = False,
) -> None:
    """End an office after a day (without --until: today)."""
    _note(
        lambda runtime, now: people.end_role(
            runtime.store, runtime.policy, kind, email, school=school, last_day=_day(last), now=now
        ),
        as_json=as_json,
    )


def absence(
    email: Email,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day away.")],
    last: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day away.")],
    deputy: Annotated[
        str | None,
        typer.Option(help="E-mail address of who decides meanwhile; the policy's default if left out."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Note that somebody is away, and who deputizes."""
    _note(
        lambda runtime, now: people.note_absence(
            runtime.store,
            runtime.policy,
            email,
            deputy=deputy,
            starts_on=first.date(),
            ends_on=last.date(),
            now=now,
        ),
        as_json=as_json,
    )


def designate(
    email: Email,
    designated_by: Annotated[str, typer.Option("--by", help="E-mail address of the Superintendent.")],
    account: Annotated[int | None, typer.Option(help="Only for this account; without it for all.")] = None,
    first: From = None,
    last: Until = None,
    as_json: Json = False,
) -> None:
    """Designate somebody to administer division-wide channels (1)."""
    _note(
        lambda runtime, now: people.designate(
            runtime.store,
            runtime.policy,
            email,
            designated_by=designated_by,
            account=account,
            starts_on=_day(first),
            ends_on=_day(last),
            now=now,
        ),
        as_json=as_json,
    )
