"""A roster's difference as people read it: kind by kind, each with a line for everybody it is about."""

from collections.abc import Iterable, Sequence

from schemas.language import half
from schemas.roster import PersonChange, RosterDifference, RosterRole

Groups = Sequence[tuple[str, Sequence[str]]]


#: What a roster brings that was not here.
NEW = frozenset({half("New schools"), half("New people"), half("Back again"), half("Offices that start")})


def groups(found: RosterDifference) -> Groups:
    """Each kind of change that there is, and its lines."""
    names = {
        **found.people_names,
        **{
            _source_id(one): full(one.person.given_name, one.person.family_name)
            for one in found.changed_people
        },
    }

    def named(one: RosterRole) -> str:
        return names.get(one.person, str(one.person))

    def at(line: str, school: int | str | None) -> str:
        """A line of an office, with the school: the same person may begin at one and end at another."""
        name = found.school_names.get(school or 0)
        return f"{line} ({name})" if name else line

    back = [one for one in found.changed_people if one.back]
    moved = [one for one in found.changed_people if one.new_id and not one.back]
    changed = [one for one in found.changed_people if not one.back and not one.new_id]
    every: Sequence[tuple[str, Iterable[str]]] = (
        (half("New schools"), (one.name for one in found.new_schools)),
        (
            half("Changed schools"),
            (f"{one.school.name}: {_fields(one.fields)}" for one in found.changed_schools),
        ),
        (half("Schools gone (become inactive)"), (one.name for one in found.gone_schools)),
        (
            half("New people"),
            (f"{full(one.given_name, one.family_name)}, {one.position}" for one in found.new_people),
        ),
        (half("Changed people"), map(_person, changed)),
        (half("Found by e-mail address, under another sourcedId"), map(_person, moved)),
        (half("Back again"), map(_person, back)),
        (
            half("Gone (become inactive), of {count} active", count=found.active_before),
            (full(one.given_name, one.family_name) for one in found.gone_people),
        ),
        (
            half(
                "Missing, of {count} active: they count as left after {day}, unless the next roster has them "
                "or somebody says so",
                count=found.active_before,
                day=found.stands_through,
            ),
            (full(one.given_name, one.family_name) for one in found.missing_people),
        ),
        (
            half("Were missing, and are there again"),
            (full(one.given_name, one.family_name) for one in found.found_people),
        ),
        (
            half("Their address is somebody else's now"),
            (full(one.given_name, one.family_name) for one in found.freed_people),
        ),
        (
            half("Offices that start"),
            (
                at(
                    half("{person}: {office}, from {day}", person=named(one), office=one.kind, day=one.begins)
                    if one.begins
                    else f"{named(one)}: {one.kind}",
                    one.org,
                )
                for one in found.started_roles
            ),
        ),
        (
            half("Offices that end on another day"),
            (
                at(
                    half("{person}: {office}, until {day}", person=role.holder, office=role.kind, day=ends)
                    if ends
                    else half(
                        "{person}: {office}, until further notice", person=role.holder, office=role.kind
                    ),
                    role.school_id,
                )
                for role, ends in found.changed_roles
            ),
        ),
        (
            half("Offices that the roster leaves out: they end after {day}", day=found.stands_through),
            (at(f"{one.holder}: {one.kind}", one.school_id) for one in found.ending_roles),
        ),
        (
            half("Offices that end"),
            (at(f"{one.holder}: {one.kind}", one.school_id) for one in found.ended_roles),
        ),
        (
            half("Offices that a person ended, and the roster still has: they stay ended"),
            (at(f"{one.holder}: {one.kind}", one.school_id) for one in found.stays_ended),
        ),
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
