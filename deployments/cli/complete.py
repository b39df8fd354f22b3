"""`steward complete`: a completion of the course is recorded, voided or restored (5.2)."""

from datetime import date
from typing import Annotated

import typer

from deployments.cli.output import Json, say
from deployments.cli.running import run
from schemas.errors import BadInput
from schemas.forms import CompletionForm, read
from schemas.receipt import Receipt
from schemas.words import Via
from tasks import clock
from tasks.prefect.relay import relay
from tasks.runtime import Runtime
from tasks.training import completions

_DAY = "A day as 2026-09-30."


def day(text: str, option: str) -> date:
    """A day given on the command line. Raises BadInput naming the option."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{option} {text!r} is not a day: write it as 2026-09-30.") from None


def complete(
    person: Annotated[str, typer.Argument(help="E-mail address of who completed the course.")],
    on: Annotated[str | None, typer.Option("--on", help=f"Completed on. {_DAY}")] = None,
    void: Annotated[
        str | None, typer.Option(help=f"The completion of this day does not count. {_DAY}")
    ] = None,
    restore: Annotated[str | None, typer.Option(help=f"A voided one counts after all. {_DAY}")] = None,
    reason: Annotated[str, typer.Option(help="Why it is voided or restored.")] = "",
    by: Annotated[str | None, typer.Option("--by", help="E-mail address of who saw the evidence.")] = None,
    as_json: Json = False,
) -> None:
    """Record that somebody completed the privacy course, or void or restore a completion (5.2)."""
    if [on, void, restore].count(None) != 2:  # noqa: PLR2004 - one of the three
        raise BadInput("Give exactly one of --on, --void and --restore.")
    if reason and on is not None:
        raise BadInput("--reason belongs to --void and --restore: a completion needs none.")
    form = None
    if on is not None:
        values: dict[str, object] = {"person": person, "completed_on": day(on, "--on"), "recorded_by": by}
        form = read(CompletionForm, values)

    async def work(runtime: Runtime) -> Receipt:
        store, policy, now = runtime.store, runtime.policy, clock.now()
        if form is not None:
            receipt = await completions.record_completion(store, policy, form, via=Via.COMMAND, now=now)
        elif void is not None:
            receipt = await completions.void_completion(
                store, policy, person, day(void, "--void"), reason, by=by, via=Via.COMMAND, now=now
            )
        else:
            receipt = await completions.restore_completion(
                store,
                policy,
                person,
                day(restore or "", "--restore"),
                reason,
                by=by,
                via=Via.COMMAND,
                now=now,
            )
        await relay(store, runtime.settings, now)
        return receipt

    receipt = run(work)
    say(receipt, receipt.says, as_json=as_json)
