"""What `steward import accounts` says of the accounts that exist already."""

from deployments.cli.output import local
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from tasks.inventory.import_accounts import AccountsImport


def shown(done: AccountsImport, policy: Policy) -> tuple[AccountsImport, str]:
    """The report, and what people read of it."""
    return done, told(
        done,
        local(done.imported_before, policy.zone),
        policy.the(TrainingBeforeAccess).grace_school_days,
    )


def told(done: AccountsImport, before: str, days: int) -> str:
    """The outcome for people; `before` is when the same file came in, `days` the time for the course."""
    if done.imported_before is not None:
        return f"{done.file} was imported before, on {before} (import {done.import_id}): nothing was changed."
    states = ", ".join(f"{count} {state}" for state, count in sorted(done.states.items()))
    lines = [
        f"{done.file}: {done.rows:,} {'row' if done.rows == 1 else 'rows'}",
        *(f"  note: {note}" for note in done.notes),
        f"  {done.new:>6}  new" + (f": {states}" if states else ""),
        f"  {done.known:>6}  known already" + _differing(done),
        *_differences(done),
        f"  {done.accesses:>6}  people's accesses, as found",
        f"  {done.asked:>6}  people without the course: asked, with {days} school days' time",
        *([f"  {done.left_out:>6}  left out and written to the file, to be mended"] if done.left_out else []),
        "Nothing was kept: a dry run." if done.dry_run else f"Kept as import {done.import_id}.",
    ]
    return "\n".join(lines)


def _differing(done: AccountsImport) -> str:
    if not done.differences:
        return ", and as they are in the list"
    count = len(done.differences)
    return f"; the list says otherwise of {count}" + (
        ", taken over" if done.taken else ": left as they are, take them over with --take-changes"
    )


def _differences(done: AccountsImport) -> list[str]:
    lines = []
    for one in done.differences:
        lines.append(
            f"          account {one.account}, {one.handle} on {one.platform} (line {one.line}): "
            f"{', '.join(one.changes)}"
        )
        lines += [f"            {left}" for left in one.left]
    return lines
