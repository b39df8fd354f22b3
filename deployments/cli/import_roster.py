"""What `steward import roster` says of the people and schools of a roster."""

from collections.abc import Iterable
from typing import Any

from policy.model import Policy
from tasks.people.roster import RosterReport, counts
from tasks.people.roster_groups import full, groups

SHOWN = 10


def shown(report: RosterReport, _policy: Policy) -> tuple[Any, str]:
    """The report, and what people read of it."""
    value = {
        "dry_run": report.dry_run,
        "import_id": report.import_id,
        "seen_before": report.seen_before,
        "version": report.bundle.version,
        "changes": counts(report.difference),
        "notes": report.bundle.notes,
        "losses": report.losses,
        "coming": report.coming,
        "over_the_brake": report.over_the_brake,
        "left_out": report.left_out,
    }
    return value, as_text(report)


def as_text(report: RosterReport) -> str:
    """The report as a person reads it: what was noticed, then each kind of change with the first names."""
    found = report.difference
    version = report.bundle.version
    called = f"OneRoster {version}" if version[0].isdigit() else version
    lines = [f"{called}, {report.bundle.rows} rows read."]
    lines += [f"  note: {note}" for note in report.bundle.notes]
    if report.seen_before is not None:
        lines.append(f"This same file was taken in on {report.seen_before:%Y-%m-%d %H:%M} UTC.")
    lines += [report.over_the_brake] if report.over_the_brake else []
    lines += _group(
        "The same person? Say it with `steward import same`; until then both stay as they are",
        (
            f"{one.stored.email}: {full(one.stored.given_name, one.stored.family_name)} here, "
            f"{full(one.person.given_name, one.person.family_name)} in the roster"
            for one in found.questions
        ),
    )
    lines += [f"Left out, and written to the file: {report.left_out}"] if report.left_out else []
    if not found.count:
        lines.append("Nothing to change: the store agrees with it.")
        for title, items in groups(found):
            lines += _group(title, items)
        return "\n".join(lines)
    for title, items in groups(found):
        lines += _group(title, items)
    lines += _group(
        "Accounts that would lack somebody" if report.dry_run else "Accounts that lack somebody now",
        (f"account {one.account}, {one.handle} on {one.platform}: {one.what}" for one in report.losses),
    )
    lines += _group(
        f"Accounts that would lack somebody after {found.stands_through}",
        (f"account {one.account}, {one.handle} on {one.platform}: {one.what}" for one in report.coming),
    )
    lines.append(
        "Nothing was changed (--dry-run)." if report.dry_run else f"Done: import {report.import_id}."
    )
    return "\n".join(lines)


def _group(title: str, items: Iterable[str]) -> list[str]:
    every = list(items)
    if not every:
        return []
    lines = [f"{title}: {len(every)}", *(f"  {one}" for one in every[:SHOWN])]
    return [*lines, f"  and {len(every) - SHOWN} more"] if len(every) > SHOWN else lines
