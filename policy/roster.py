"""What taking in a roster would change: plain arithmetic between the file and the store.

People are matched by sourcedId, then by e-mail address. Who is gone becomes inactive and is never
deleted. Only offices that came with a roster are ended by one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schemas.errors import BadFile, BadInput, BadRows, Place
from schemas.roster import (
    PersonChange,
    RosterBundle,
    RosterDifference,
    RosterPerson,
    RosterRole,
    RosterState,
    SchoolChange,
    StoredPerson,
    StoredRole,
)

SOURCE = "roster"  # of a role: a roster may end it


class TooManyGone(BadInput):
    """The file would deactivate a larger share of the active people than the policy allows."""


def last_day_before(today: date) -> date:
    """The last day of an office that a roster ends: yesterday.

    Roles count through their last day. Somebody who left, or whose office was taken away, must not
    decide anything in the hours after the import.
    """
    return today - timedelta(days=1)


def difference(
    current: RosterState, incoming: RosterBundle, *, share_at_most: float, allow_mass: bool, today: date
) -> RosterDifference:
    """Everything that the import would do.

    Raises BadRows for addresses that belong to somebody else, TooManyGone when more than `share_at_most`
    of the active people who came with a roster would become inactive and `allow_mass` is not set.
    """
    schools = _schools(current, incoming)
    people = _people(current, incoming)
    gone = _gone(current, incoming, {change.person.id for change in people.matched})
    active = sum(1 for one in current.people if one.active and one.source_id is not None)
    if gone and len(gone) > share_at_most * active and not allow_mass:
        raise TooManyGone(
            f"This file would make {len(gone)} of {active} active people inactive, more than the "
            f"{share_at_most:.0%} that the policy allows: look whether it is whole, and if it is right, "
            "import it again with --allow-mass-deactivation."
        )
    found = replace(
        schools,
        new_people=people.new,
        changed_people=tuple(one for one in people.matched if one.fields or one.back or one.new_id),
        gone_people=gone,
        active_before=active,
    )
    return _roles(found, current, incoming, people.matched, today)


def _schools(current: RosterState, incoming: RosterBundle) -> RosterDifference:
    stored = {one.source_id: one for one in current.schools}
    new, changed, gone = [], [], []
    for org in incoming.orgs:
        school = stored.get(org.source_id)
        if school is None:
            if not org.gone:
                new.append(org)
            continue
        if org.gone:
            if school.active:
                gone.append(school)
            continue
        before = (school.name, school.is_division, school.active)
        after = (org.name, org.is_division, True)
        fields = tuple(
            (name, old, now)
            for name, old, now in zip(("name", "is_division", "active"), before, after, strict=True)
            if old != now
        )
        if fields:
            changed.append(SchoolChange(school, fields))
    if not incoming.orgs_delta:
        named = {org.source_id for org in incoming.orgs}
        gone += [one for one in current.schools if one.active and one.source_id not in named]
    return RosterDifference(new_schools=tuple(new), changed_schools=tuple(changed), gone_schools=tuple(gone))


@dataclass(frozen=True)
class _People:
    new: tuple[RosterPerson, ...]
    matched: tuple[PersonChange, ...]  # also those without a change


def _people(current: RosterState, incoming: RosterBundle) -> _People:
    by_id = {one.source_id: one for one in current.people if one.source_id is not None}
    by_email = {one.email: one for one in current.people}
    named = {one.source_id for one in incoming.people} | incoming.passed_over
    source_ids = {one.id: one.source_id for one in current.schools}
    known_orgs = set(source_ids.values()) | {org.source_id for org in incoming.orgs}
    new, matched, wrong = [], [], []
    for person in incoming.people:
        place = Place(incoming.users_file, person.line, "email", person.email)
        if person.org is not None and person.org not in known_orgs:
            wrong.append(
                BadFile(
                    "neither the file nor the store has this organization",
                    Place(incoming.users_file, person.line, None, person.org),
                )
            )
        stored = by_id.get(person.source_id)
        holder = by_email.get(person.email)
        if stored is None and holder is not None and holder.source_id not in named:
            if not _may_be_the_same(holder, person):
                wrong.append(
                    BadFile("somebody of another name and sourcedId has had this address here", place)
                )
                continue
            matched.append(_change(holder, person, source_ids, new_id=True))
        elif stored is None:
            if person.kind is None:
                wrong.append(BadFile("this new person has no role in the file", place))
                continue
            new.append(person)
        else:
            matched.append(_change(stored, person, source_ids, new_id=False))
    final = {one.person.id: _new(one, "email") for one in matched}
    wrong += _clashes(current, incoming, final)
    if wrong:
        raise BadRows(wrong[:20], len(wrong))
    return _People(tuple(new), tuple(matched))


def _new(change: PersonChange, field: str) -> object:
    """The new value of a field that changes; None for one that does not."""
    return next((now for name, _, now in change.fields if name == field), None)


def _clashes(current: RosterState, incoming: RosterBundle, final: Mapping[int, object]) -> list[BadFile]:
    """Addresses that the file gives to one person while another in the store keeps them."""
    kept: dict[object, StoredPerson] = {one.email: one for one in current.people if not final.get(one.id)}
    by_id = {one.source_id: one.id for one in current.people if one.source_id is not None}
    return [
        BadFile(
            "somebody else here keeps this address", Place(incoming.users_file, one.line, "email", one.email)
        )
        for one in incoming.people
        if one.email in kept
        and kept[one.email].id != by_id.get(one.source_id)
        and kept[one.email].id not in final
    ]


def _may_be_the_same(stored: StoredPerson, person: RosterPerson) -> bool:
    """Whether an address that came back is the same person's: one of the two names is still theirs.

    Otherwise it may be an address given to somebody new, who must not inherit the other's accesses.
    """
    return (
        stored.given_name.casefold() == person.given_name.casefold()
        or stored.family_name.casefold() == person.family_name.casefold()
    )


def _change(
    stored: StoredPerson, person: RosterPerson, source_ids: Mapping[int, str], *, new_id: bool
) -> PersonChange:
    school = source_ids.get(stored.school_id) if stored.school_id is not None else None
    pairs = (
        ("source_id", stored.source_id, person.source_id),
        ("given_name", stored.given_name, person.given_name),
        ("family_name", stored.family_name, person.family_name),
        ("email", stored.email, person.email),
        ("kind", stored.kind, person.kind or stored.kind),
        ("position", stored.position, stored.position if person.position is None else person.position),
        ("school", school, person.org if person.org or person.kind else school),
    )
    fields = tuple((name, old, now) for name, old, now in pairs if old != now)
    return PersonChange(stored, fields, back=not stored.active, new_id=new_id)


def _gone(current: RosterState, incoming: RosterBundle, matched: Collection[int]) -> tuple[StoredPerson, ...]:
    """Active people who came with a roster and are not in this one, or whose row says that they left."""

    def is_gone(one: StoredPerson) -> bool:
        if not one.active or one.source_id is None or one.id in matched:
            return False
        if one.source_id in incoming.gone:
            return True
        return not incoming.users_delta and one.source_id not in incoming.passed_over

    return tuple(one for one in current.people if is_gone(one))


_Key = tuple[str, str, str]  # sourcedId of the person, office, sourcedId of the school


def _roles(
    found: RosterDifference,
    current: RosterState,
    incoming: RosterBundle,
    matched: tuple[PersonChange, ...],
    today: date,
) -> RosterDifference:
    """Offices that start, end, or end on another day."""
    schools = {one.id: one for one in current.schools}
    divisions = {one.source_id for one in current.schools if one.is_division}
    divisions -= {org.source_id for org in incoming.orgs if not org.is_division}
    renamed = {one.person.id: _new(one, "source_id") for one in matched}
    people = {one.id: str(renamed.get(one.id) or one.source_id or "") for one in current.people}
    standing: list[tuple[_Key, StoredRole]] = [
        ((people[role.person_id], role.kind, schools[role.school_id].source_id), role)
        for role in current.roles
        if role.school_id is not None and people.get(role.person_id)
    ]
    held = {key for key, _ in standing}
    wanted = _wanted(incoming, divisions, set(people.values()), today)
    gone_people = {one.id for one in found.gone_people}
    started = tuple(role for key, role in wanted.items() if key not in held)
    ended, changed = [], []
    for key, role in standing:
        if role.source != SOURCE:
            continue
        if role.person_id in gone_people or _is_ended(key, incoming, wanted):
            ended.append(role)
        elif key in wanted and wanted[key].ends != role.ends_on:
            changed.append((role, wanted[key].ends))
    return replace(found, started_roles=started, ended_roles=tuple(ended), changed_roles=tuple(changed))


def _wanted(
    incoming: RosterBundle, divisions: Collection[str], stored: Collection[str], today: date
) -> dict[_Key, RosterRole]:
    """The offices that the file gives, that have not ended, of people who are there, at schools."""
    there = {one.source_id for one in incoming.people}
    if incoming.users_delta:
        there |= set(stored) - incoming.gone
    return {
        (role.person, role.kind, role.org): role
        for role in incoming.roles
        if not role.gone
        and role.org not in divisions
        and role.person in there
        and (role.ends is None or role.ends >= today)
    }


def _is_ended(key: _Key, incoming: RosterBundle, wanted: Collection[_Key]) -> bool:
    """Whether the file takes an office away: by leaving it out, or, in a delta, by naming it as deleted.

    In a delta of OneRoster 1.1 a person's row names all of their roles: what it leaves out has ended.
    """
    if key in wanted:
        return False
    if key[0] in incoming.passed_over:
        return False
    if not incoming.roles_delta:
        return True
    named = {(role.person, role.kind, role.org) for role in incoming.roles}
    whole_rows = {one.source_id for one in incoming.people} if incoming.version.startswith("1.1") else set()
    return key in named or key[0] in whole_rows
