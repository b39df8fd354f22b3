"""`steward account suspend`, `ask-back`, `reinstate`, `hold`, and `steward suspensions` (5.5, 6.2, 9, 10)."""

from typing import Annotated

import typer

from deployments.cli.handing_in import Email, hand_in, read_form
from deployments.cli.output import Json
from schemas.forms import SuspensionForm
from schemas.receipt import Receipt
from schemas.standing_forms import HoldForm, ReturnForm
from schemas.words import Via
from tasks import clock
from tasks.runtime import Runtime
from tasks.suspension.returns import ask_back, take_hold
from tasks.suspension.suspend import reinstate_account, suspend_account

Number = Annotated[int, typer.Argument(help="The account's number.")]
Reason = Annotated[str, typer.Option(help="Why; its administrators read this.")]


def suspend(account: Number, decided_by: Email, reason: Reason, as_json: Json = False) -> None:
    """Suspend a live account at once (10). Nobody's access is taken; its administrators are told why."""
    form = read_form(SuspensionForm, {"account": account, "decided_by": decided_by, "reason": reason})

    async def intake(runtime: Runtime) -> Receipt:
        return await suspend_account(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)


def ask_back_command(
    account: Number,
    person: Email,
    reason: Annotated[str, typer.Option(help="What was wrong and what was done; Communications reads this.")],
    as_json: Json = False,
) -> None:
    """Ask Communications to bring a suspended account back (10)."""
    form = read_form(ReturnForm, {"account": account, "person": person, "reason": reason})

    async def intake(runtime: Runtime) -> Receipt:
        return await ask_back(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)


def hold_command(
    account: Number,
    person: Email,
    vault: Annotated[
        str, typer.Option("--vault", help="Name of its entry in the vault, never the password.")
    ] = "",
    custodian: Annotated[
        bool,
        typer.Option("--custodian-is-administrator", help="Communications (or the principal) is one of it."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Communications, or the principal of a classroom account, can reach it from now on (5.5, 6.2)."""
    form = read_form(
        HoldForm,
        {
            "account": account,
            "person": person,
            "vault_reference": vault,
            "custodian_is_administrator": custodian,
        },
    )

    async def intake(runtime: Runtime) -> Receipt:
        return await take_hold(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)


def reinstate(account: Number, decided_by: Email, reason: Reason, as_json: Json = False) -> None:
    """Bring a suspended account back (10)."""
    form = read_form(SuspensionForm, {"account": account, "decided_by": decided_by, "reason": reason})

    async def intake(runtime: Runtime) -> Receipt:
        return await reinstate_account(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())

    hand_in(intake, as_json=as_json)
