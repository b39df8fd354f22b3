"""What `steward import training` and `import unmatched` say of completions."""

from deployments.cli.output import Json, local, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.model import Policy
from tasks.people.same import Asked, open_questions
from tasks.runtime import Runtime
from tasks.training.import_completions import TrainingImport
from tasks.training.unmatched import Unmatched, crowds, unmatched_rows


def shown(done: TrainingImport, policy: Policy) -> tuple[TrainingImport, str]:
    """The report, and what people read of it."""
    return done, told(done, local(done.imported_before, policy.zone))


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
    if done.ignored:
        lines.append(f"  {done.ignored:>6}  passed over: of mail domains that are none of ours, or forgotten")
    if done.left_out:
        lines.append(f"  {done.left_out:>6}  left out and written to the file, to be mended")
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
    """The rows of files that fit nobody, and who may be the same, to be settled by a person."""

    async def work(runtime: Runtime) -> tuple[tuple[Unmatched, ...], tuple[Asked, ...]]:
        return await unmatched_rows(runtime.store), await open_questions(runtime.store)

    rows, asked = run(work)
    if as_json:
        say_json({"rows": rows, "same": asked})
        return
    if not rows and not asked:
        echo("Every row is settled.")
    if asked:
        table(
            ("question", "e-mail address", Column("here", wraps=True), Column("in the roster", wraps=True)),
            [(one.question, one.email, one.here, one.in_the_roster) for one in asked],
        )
        echo("\nOne person or two? steward import same QUESTION --same, or --not-the-same\n")
    many, rest = crowds(rows)
    if many:
        table(("mail domain", "rows"), list(many.items()))
        echo("\nNone of ours? steward import settle-all DOMAIN --ignore REASON\n")
    if rest:
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
                for one in rest
            ],
        )
        echo("\nSettle each: steward import settle ROW --person EMAIL, or --ignore REASON")
