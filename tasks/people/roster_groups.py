"""A roster's difference as people read it: kind by kind, each with a line for everybody it is about."""

from collections.abc import Iterable, Sequence

from schemas.roster import PersonChange, RosterDifference

Groups = Sequence[tuple[str, Sequence[str]]]


def groups(found: RosterDifference) -> Groups:
    """Each kind of change that there is, and its lines."""
    names = {one.source_id: full(one.given_name, one.family_name) for one in found.new_people}
    names |= {
        _source_id(one): full(one.person.given_name, one.person.family_name) for one in found.changed_people
    }
    back = [one for one in found.changed_people if one.back]
    moved = [one for one in found.changed_people if one.new_id and not one.back]
    changed = [one for one in found.changed_people if not one.back and not one.new_id]
    every: Sequence[tuple[str, Iterable[str]]] = (
        ("New schools", (one.name for one in found.new_schools)),
        (
            "Changed schools",
            (f"{one.school.name}: {_fields(one.fields)}" for one in found.changed_schools),
        ),
        ("Schools gone (become inactive)", (one.name for one in found.gone_schools)),
        (
            "New people",
            (f"{full(one.given_name, one.family_name)}, {one.position}" for one in found.new_people),
        ),
        ("Changed people", map(_person, changed)),
        ("Found by e-mail address, under another sourcedId", map(_person, moved)),
        ("Back again", map(_person, back)),
        (
            f"Gone (become inactive), of {found.active_before} active",
            (full(one.given_name, one.family_name) for one in found.gone_people),
        ),
        (
            (
                f"Missing, of {found.active_before} active: they count as left after {found.stands_through}, "
                "unless the next roster has them or somebody says so"
            ),
            (full(one.given_name, one.family_name) for one in found.missing_people),
        ),
        (
            "Were missing, and are there again",
            (full(one.given_name, one.family_name) for one in found.found_people),
        ),
        (
            "Their address is somebody else's now",
            (full(one.given_name, one.family_name) for one in found.freed_people),
        ),
        (
            "Offices that start",
            (
                f"{names.get(one.person, one.person)}: {one.kind}"
                + (f", from {one.begins}" if one.begins else "")
                for one in found.started_roles
            ),
        ),
        (
            "Offices that end on another day",
            (
                f"{role.holder}: {role.kind}, until {ends or 'further notice'}"
                for role, ends in found.changed_roles
            ),
        ),
        (
            f"Offices that the roster leaves out: they end after {found.stands_through}",
            (f"{one.holder}: {one.kind}" for one in found.ending_roles),
        ),
        ("Offices that end", (f"{one.holder}: {one.kind}" for one in found.ended_roles)),
    )
    return [(title, lines) for title, found_lines in every if (lines := list(found_lines))]


def _source_id(change: PersonChange) -> str:
    """The sourcedId that the person has after the import."""
    changed = {name: new for name, _, new in change.fields}
    return str(changed.get("source_id", change.person.source_id))


def _person(change: PersonChange) -> str:
    name = full(change.person.given_name, change.person.family_name)
    return f"{name}: {_fields(change.fields)}" if change.fields else name


def _fields(fields: Sequence[tuple[str, object, object]]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {old or '-'} → {new or '-'}" for name, old, new in fields)


def full(given: str, family: str) -> str:
    """A name."""
    return f"{given} {family}"
