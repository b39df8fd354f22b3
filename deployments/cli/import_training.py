"""`steward import training`, `import unmatched` and `import settle`: completions from Moodle (5.2)."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import Json, local, say, say_json, say_receipt
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from schemas.receipt import Receipt
from schemas.words import Via
from tasks import clock
from tasks.files.dates import Order
from tasks.prefect.relay import relay
from tasks.runtime import Runtime
from tasks.training.import_completions import TrainingImport, import_training
from tasks.training.unmatched import Unmatched, settle_row, unmatched_rows

By = Annotated[str | None, typer.Option("--by", help="E-mail address of who does this.")]


def training(
    file: Annotated[Path, typer.Argument(help="Moodle's course completion or activity progress report.")],
    dates: Annotated[
        Order | None,
        typer.Option(help="Which comes first in dates such as 03/04/26, when the file leaves it open."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; keep nothing.")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Take in completions of the course from a Moodle report (5.2); the same file twice changes nothing."""

    async def work(runtime: Runtime) -> tuple[TrainingImport, str]:
        now = clock.now()
        done = await import_training(
            runtime.store,
            runtime.policy,
            file,
            name=file.name,
            now=now,
            dates=dates,
            by=by,
            dry_run=dry_run,
        )
        if not dry_run:
            await relay(runtime.store, runtime.settings, now)
        return done, told(done, local(done.imported_before, runtime.policy.zone))

    done, text = run(work)
    say(done, text, as_json=as_json)


def told(done: TrainingImport, before: str) -> str:
    """The outcome for people; `before` is when the same file came in, as text."""
    if done.imported_before is not None:
        return f"{done.file} was imported before, on {before} (import {done.import_id}): nothing was changed."
    lines = [
        f"{done.file}: {_rows(done.rows)}, completed by the column {done.column!r}",
        *(f"  note: {note}" for note in done.notes),
        f"  {done.new:>6}  new {'completion' if done.new == 1 else 'completions'}",
        f"  {done.known:>6}  known already",
        *([f"  {done.voided:>6}  known and voided before: they stay voided"] if done.voided else []),
        *([f"  {done.repeated:>6}  repeated within the file"] if done.repeated else []),
        f"  {done.blank:>6}  not completed (no date)",
        f"  {done.unmatched:>6}  that fit nobody here"
        + (f", {done.to_settle} of them new: see `steward import unmatched`" if done.to_settle else ""),
    ]
    if not done.has_email:
        lines.append(
            "The report has no column with e-mail addresses: let Moodle show them (showuseridentity) and "
            "export it again, or settle each row."
        )
    lines.append("Nothing was kept: a dry run." if done.dry_run else f"Kept as import {done.import_id}.")
    return "\n".join(lines)


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def unmatched(as_json: Json = False) -> None:
    """The rows of training reports that fit nobody, to be settled by a person."""

    async def work(runtime: Runtime) -> tuple[Unmatched, ...]:
        return await unmatched_rows(runtime.store)

    rows = run(work)
    if as_json:
        say_json(rows)
    elif not rows:
        echo("Every row is settled.")
    else:
        table(
            (
                "row",
                Column("import", drop=2),
                Column("line", drop=1),
                Column("e-mail address", wraps=True),
                Column("name", wraps=True),
                "completed on",
                Column("perhaps", wraps=True),
            ),
            [
                (one.row, one.import_id, one.line, one.email, one.name, one.completed_on, ", ".join(one.near))
                for one in rows
            ],
        )
        echo("\nSettle each: steward import settle ROW --person EMAIL, or --ignore REASON")


def settle(
    row: Annotated[int, typer.Argument(help="The row's number, from `steward import unmatched`.")],
    person: Annotated[str | None, typer.Option(help="E-mail address of whose it is.")] = None,
    ignore: Annotated[str | None, typer.Option(help="Why it is nobody's.")] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Say whose an unmatched row is, or why it is nobody's (5.2)."""

    async def work(runtime: Runtime) -> Receipt:
        now = clock.now()
        receipt = await settle_row(
            runtime.store, runtime.policy, row, person=person, ignore=ignore, by=by, via=Via.COMMAND, now=now
        )
        await relay(runtime.store, runtime.settings, now)
        return receipt

    receipt = run(work)
    say_receipt(receipt, as_json=as_json)
