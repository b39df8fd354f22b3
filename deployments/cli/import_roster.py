"""What `steward import roster` says of the people and schools of a OneRoster bundle."""

from collections.abc import Iterable, Sequence
from typing import Any

from policy.model import Policy
from schemas.roster import PersonChange, RosterDifference
from tasks.people.roster import RosterReport, counts

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
            f"{one.stored.email}: {_full(one.stored.given_name, one.stored.family_name)} here, "
            f"{_full(one.person.given_name, one.person.family_name)} in the roster"
            for one in found.questions
        ),
    )
    lines += [f"Left out, and written to the file: {report.left_out}"] if report.left_out else []
    if not found.count:
        lines.append("Nothing to change: the store agrees with it.")
        return "\n".join(lines)
    lines += _groups(found)
    lines += _group(
        "Accounts that would lack somebody" if report.dry_run else "Accounts that lack somebody now",
        (f"account {one.account} {one.handle}: {one.what}" for one in report.losses),
    )
    lines += _group(
        f"Accounts that would lack somebody after {found.stands_through}",
        (f"account {one.account} {one.handle}: {one.what}" for one in report.coming),
    )
    lines.append(
        "Nothing was changed (--dry-run)." if report.dry_run else f"Done: import {report.import_id}."
    )
    return "\n".join(lines)


def _groups(found: RosterDifference) -> list[str]:
    names = {one.source_id: _full(one.given_name, one.family_name) for one in found.new_people}
    names |= {
        _source_id(one): _full(one.person.given_name, one.person.family_name) for one in found.changed_people
    }
    back = [one for one in found.changed_people if one.back]
    moved = [one for one in found.changed_people if one.new_id and not one.back]
    changed = [one for one in found.changed_people if not one.back and not one.new_id]
    return [
        *_group("New schools", (one.name for one in found.new_schools)),
        *_group(
            "Changed schools",
            (f"{one.school.name}: {_fields(one.fields)}" for one in found.changed_schools),
        ),
        *_group("Schools gone (become inactive)", (one.name for one in found.gone_schools)),
        *_group(
            "New people",
            (f"{_full(one.given_name, one.family_name)}, {one.position}" for one in found.new_people),
        ),
        *_group("Changed people", map(_person, changed)),
        *_group("Found by e-mail address, under another sourcedId", map(_person, moved)),
        *_group("Back again", map(_person, back)),
        *_group(
            f"Gone (become inactive), of {found.active_before} active",
            (_full(one.given_name, one.family_name) for one in found.gone_people),
        ),
        *_group(
            f"Missing, of {found.active_before} active: they count as left after {found.stands_through}, "
            "unless the next roster has them or `steward person return` says so",
            (_full(one.given_name, one.family_name) for one in found.missing_people),
        ),
        *_group(
            "Were missing, and are there again",
            (_full(one.given_name, one.family_name) for one in found.found_people),
        ),
        *_group(
            "Their address is somebody else's now",
            (_full(one.given_name, one.family_name) for one in found.freed_people),
        ),
        *_group(
            "Offices that start",
            (
                f"{names.get(one.person, one.person)}: {one.kind}"
                + (f", from {one.begins}" if one.begins else "")
                for one in found.started_roles
            ),
        ),
        *_group(
            "Offices that end on another day",
            (
                f"{role.holder}: {role.kind}, until {ends or 'further notice'}"
                for role, ends in found.changed_roles
            ),
        ),
        *_group(
            f"Offices that the roster leaves out: they end after {found.stands_through}",
            (f"{one.holder}: {one.kind}" for one in found.ending_roles),
        ),
        *_group("Offices that end", (f"{one.holder}: {one.kind}" for one in found.ended_roles)),
    ]


def _group(title: str, items: Iterable[str]) -> list[str]:
    every = list(items)
    if not every:
        return []
    lines = [f"{title}: {len(every)}", *(f"  {one}" for one in every[:SHOWN])]
    return [*lines, f"  and {len(every) - SHOWN} more"] if len(every) > SHOWN else lines


def _source_id(change: PersonChange) -> str:
    """The sourcedId that the person has after the import."""
    changed = {name: new for name, _, new in change.fields}
    return str(changed.get("source_id", change.person.source_id))


def _person(change: PersonChange) -> str:
    name = _full(change.person.given_name, change.person.family_name)
    return f"{name}: {_fields(change.fields)}" if change.fields else name


def _fields(fields: Sequence[tuple[str, object, object]]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {old or '-'} → {new or '-'}" for name, old, new in fields)


def _full(given: str, family: str) -> str:
    return f"{given} {family}"
