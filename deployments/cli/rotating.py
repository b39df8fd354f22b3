"""`steward rotate`: a shared password was changed, and each who must have the new one has it (11).

Where none is shared, the list of administrators was looked at instead.
"""

from typing import Annotated

import typer

from deployments.cli.days import day
from deployments.cli.handing_in import Email, hand_in
from deployments.cli.output import Json
from schemas.receipt import Receipt
from schemas.words import Via
from tasks import clock
from tasks.credentials import review_list as list_reviews
from tasks.credentials import rotate as rotations
from tasks.runtime import Runtime

_Account = Annotated[int, typer.Argument(help="The account's number.")]


def rotate_record(
    account: _Account,
    by: Email,
    evidence: Annotated[
        str, typer.Option(help="Name of the vault's entry that holds the new one, never the password.")
    ],
    on: Annotated[str | None, typer.Option("--on", help="Changed on; today if left out.")] = None,
    reason: Annotated[str, typer.Option(help="Why, where it is not for the year.")] = "",
    as_json: Json = False,
) -> None:
    """The shared password of an account was changed; everybody who must have it is told (11)."""
    changed_on = day(on, "--on") if on is not None else None

    async def intake(runtime: Runtime) -> Receipt:
        return await rotations.record_rotation(
            runtime.store,
            runtime.policy,
            account,
            by=by,
            evidence=evidence,
            on=changed_on,
            reason=reason,
            via=Via.COMMAND,
            now=clock.now(),
        )

    hand_in(intake, as_json=as_json)


def rotate_confirm(account: _Account, by: Email, as_json: Json = False) -> None:
    """You have the new password of an account (11)."""

    async def intake(runtime: Runtime) -> Receipt:
        return await rotations.confirm_rotation(
            runtime.store, runtime.policy, account, by=by, via=Via.COMMAND, now=clock.now()
        )

    hand_in(intake, as_json=as_json)


def rotate_review(
    account: _Account,
    by: Email,
    remove: Annotated[
        list[str] | None,
        typer.Option(help="E-mail address of somebody who no longer administers it; repeat it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """You looked on the platform at who administers an account without a shared password (11)."""

    async def intake(runtime: Runtime) -> Receipt:
        return await list_reviews.record_review(
            runtime.store,
            runtime.policy,
            account,
            by=by,
            remove=tuple(remove or ()),
            via=Via.COMMAND,
            now=clock.now(),
        )

    hand_in(intake, as_json=as_json)
