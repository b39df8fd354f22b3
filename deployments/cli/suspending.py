"""`steward account suspend` and `reinstate`: Communications' decisions on an account that is live (10)."""

from typing import Annotated

import typer

from deployments.cli.accounts import account_app
from deployments.cli.handing_in import Email, hand_in, read_form
from deployments.cli.output import Json
from schemas.forms import SuspensionForm
from schemas.words import Via
from tasks import clock
from tasks.intake.receipt import Receipt
from tasks.intake.suspensions import reinstate_account, suspend_account
from tasks.runtime import Runtime

Number = Annotated[int, typer.Argument(help="The account's number.")]
Reason = Annotated[str, typer.Option(help="Why; its administrators read this.")]


@account_app.command("suspend")
def suspend(account: Number, decided_by: Email, reason: Reason, as_json: Json = False) -> None:
    """Suspend a live account at once (10). Nobody's access is taken; its administrators are told why."""
    form = read_form(SuspensionForm, {"account": account, "decided_by": decided_by, "reason": reason})

    async def intake(runtime: Runtime) -> Receipt:
        return await suspend_account(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)


@account_app.command("reinstate")
def reinstate(account: Number, decided_by: Email, reason: Reason, as_json: Json = False) -> None:
    """Bring a suspended account back (10)."""
    form = read_form(SuspensionForm, {"account": account, "decided_by": decided_by, "reason": reason})

    async def intake(runtime: Runtime) -> Receipt:
        return await reinstate_account(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)
