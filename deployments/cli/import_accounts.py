"""`steward import accounts`: the accounts that exist already (5.1)."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import Json, local, say
from deployments.cli.running import run
from tasks import clock
from tasks.inventory.import_accounts import AccountsImport, import_accounts
from tasks.prefect.relay import relay
from tasks.runtime import Runtime


def accounts(
    file: Annotated[
        Path,
        typer.Argument(
            help="A CSV with the columns level, platform, handle, custody, administrators, state; and, where "
            "known, channel, address, platform id, school, purpose, vault reference, custodian is "
            "administrator, live since. With --by also what that person vouches for, as days: privacy "
            "attested on (and the version of the privacy checklist), responsibility accepted on and "
            "guidelines acknowledged on (by every administrator of the row), notice seen on, credentials "
            "changed on (no column may speak of passwords: such columns are never read)."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; keep nothing.")] = False,
    by: Annotated[
        str | None, typer.Option("--by", help="E-mail address of who vouches for what it attests.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in accounts that exist already, as they are found (5.1); the same file twice changes nothing."""

    async def work(runtime: Runtime) -> tuple[AccountsImport, str]:
        now = clock.now()
        done = await import_accounts(
            runtime.store, runtime.policy, file, name=file.name, now=now, by=by, dry_run=dry_run
        )
        if not dry_run:
            await relay(runtime.store, runtime.settings, now)
        days = runtime.policy.course.found_grace_school_days
        return done, told(done, local(done.imported_before, runtime.policy.zone), days)

    done, text = run(work)
    say(done, text, as_json=as_json)


def told(done: AccountsImport, before: str, days: int) -> str:
    """The outcome for people; `before` is when the same file came in, `days` the time for the course."""
    if done.imported_before is not None:
        return f"{done.file} was imported before, on {before} (import {done.import_id}): nothing was changed."
    states = ", ".join(f"{count} {state}" for state, count in sorted(done.states.items()))
    lines = [
        f"{done.file}: {done.rows:,} {'row' if done.rows == 1 else 'rows'}",
        *(f"  note: {note}" for note in done.notes),
        f"  {done.new:>6}  new" + (f": {states}" if states else ""),
        f"  {done.known:>6}  known already, left as they are",
        f"  {done.accesses:>6}  people's accesses, as found",
        f"  {done.asked:>6}  people without the course: asked, with {days} school days' time (5.2)",
        "Nothing was kept: a dry run." if done.dry_run else f"Kept as import {done.import_id}.",
    ]
    return "\n".join(lines)
