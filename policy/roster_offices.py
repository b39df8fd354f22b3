"""Which offices a roster gives, ends, or ends on another day. Only those that came with one end by one.

What a person ended stays ended: a roster gives it again with a first day that is later, and not otherwise.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from schemas.roster import (
    PersonChange,
    RosterBundle,
    RosterDifference,
    RosterRole,
    RosterState,
    StoredRole,
)

SOURCE = "roster"  # of a role: a roster may end it

_Key = tuple[str, str, str]  # sourcedId of the person, office, sourcedId of the school


def offices(
    found: RosterDifference,
    current: RosterState,
    incoming: RosterBundle,
    matched: tuple[PersonChange, ...],
    missing: Collection[int],
    today: date,
) -> RosterDifference:
    """Offices that start, end, or end on another day. Those of the `missing` stand until these have left."""
    schools = {one.id: one for one in current.schools}
    divisions = {one.source_id for one in current.schools if one.is_division}
    divisions -= {org.source_id for org in incoming.orgs if not org.is_division}
    renamed = {one.person.id: one.new("source_id") for one in matched}
    people = {one.id: str(renamed.get(one.id) or one.source_id or "") for one in current.people}
    standing: list[tuple[_Key, StoredRole]] = [
        ((people[role.person_id], role.kind, schools[role.school_id].source_id), role)
        for role in current.roles
        if role.school_id is not None and people.get(role.person_id)
    ]
    wanted = _wanted(incoming, divisions, set(people.values()), today)
    closed: dict[_Key, list[StoredRole]] = {}
    for role in current.closed:
        if role.school_id is not None and people.get(role.person_id):
            key = people[role.person_id], role.kind, schools[role.school_id].source_id
            closed.setdefault(key, []).append(role)
    gone_people = {one.id for one in found.gone_people}
    stays_ended: list[StoredRole] = []
    started: list[RosterRole] = []
    ended: list[StoredRole] = []
    ending: list[StoredRole] = []
    changed: list[tuple[StoredRole, date | None]] = []
    leaving = {role.id for _, role in standing if role.person_id in missing}
    named = {(role.person, role.kind, role.org) for role in incoming.roles if role.gone or role.ends}
    through = found.stands_through
    by_key: dict[_Key, list[StoredRole]] = {}
    for key, role in standing:
        by_key.setdefault(key, []).append(role)
    for key in dict.fromkeys((*by_key, *wanted)):
        roles = by_key.get(key, [])
        if any(role.person_id in gone_people for role in roles):
            ended += [role for role in roles if role.source == SOURCE]
            continue
        if any(role.person_id in missing for role in roles):
            continue
        periods, over = _still_open(wanted.get(key, []), closed.get(key, []))
        stays_ended += [] if any(_stands(role, today) for role in roles) else over
        rest = _periods(periods, roles, today, started, changed)
        if not _is_ended(key, incoming, wanted):
            continue
        if through is None or key in named:
            ended += rest
        else:
            ending += [role for role in rest if role.ends_on is None or role.ends_on > through]
            leaving |= {role.id for role in rest}
    held = {key[1:] for key, _ in standing}
    kept = {key[1:] for key, role in standing if role not in ended and role.id not in leaving}
    return replace(
        found,
        started_roles=tuple(started),
        ended_roles=tuple(ended),
        ending_roles=tuple(ending),
        changed_roles=tuple(changed),
        stays_ended=tuple(stays_ended),
        emptied_offices=tuple(sorted(held - kept - {(one.kind, one.org) for one in started})),
        offices_before=len(held),
    )


def _periods(
    wanted: Sequence[RosterRole],
    standing: Sequence[StoredRole],
    today: date,
    started: list[RosterRole],
    changed: list[tuple[StoredRole, date | None]],
) -> list[StoredRole]:
    """Pair the periods of one office of one person with those that stand; those of a roster that are left."""
    free = [role for role in standing if role.source == SOURCE]
    others = [role for role in standing if role.source != SOURCE]
    for period in wanted:
        same = next((role for role in free if role.starts_on == period.begins), None)
        if same is None and (period.begins is None or period.begins <= today):
            same = next((role for role in free if role.starts_on <= today), None)
        if same is not None:
            free.remove(same)
            if same.ends_on != (ends := _no_later(period.ends, same.said_last)):
                changed.append((same, ends))
        elif not any(_overlap(period, role) for role in others) and not any(
            (period.begins or date.min) <= role.said_last for role in standing if role.said_last is not None
        ):
            started.append(period)
    return free


def _no_later(ends: date | None, said: date | None) -> date | None:
    """The last day that a file says, or an earlier one that a person said."""
    return min(ends or said, said) if said is not None else ends


def _still_open(
    wanted: Sequence[RosterRole], closed: Sequence[StoredRole]
) -> tuple[Sequence[RosterRole], Sequence[StoredRole]]:
    """The periods that begin after whatever a person ended; and what was ended that the file still has."""
    if not closed:
        return wanted, ()
    latest = max(closed, key=_over)
    still = [one for one in wanted if (one.begins or date.min) > _over(latest)]
    return still, ([latest] if len(still) < len(wanted) else [])


def _over(role: StoredRole) -> date:
    """The last day up to which a first day is no new one; a term that never began ends before it starts."""
    return max(role.starts_on, role.said_last or date.min)


def _stands(role: StoredRole, today: date) -> bool:
    return role.starts_on <= today and (role.ends_on is None or role.ends_on >= today)


def _overlap(period: RosterRole, role: StoredRole) -> bool:
    begins, ends = period.begins or date.min, period.ends or date.max
    return begins <= (role.ends_on or date.max) and role.starts_on <= ends


def _wanted(
    incoming: RosterBundle, divisions: Collection[str], stored: Collection[str], today: date
) -> dict[_Key, list[RosterRole]]:
    """The offices that the file gives, that have not ended, of people who are there, at schools.

    Each with all its periods, the earliest first; periods that overlap are one.
    """
    there = {one.source_id for one in incoming.people}
    if incoming.users_delta:
        there |= set(stored) - incoming.gone
    found: dict[_Key, list[RosterRole]] = {}
    for role in sorted(incoming.roles, key=lambda one: one.begins or date.min):
        if role.gone or role.org in divisions or role.person not in there:
            continue
        if role.ends is not None and role.ends < today:
            continue
        periods = found.setdefault((role.person, role.kind, role.org), [])
        if periods and (role.begins or date.min) <= (periods[-1].ends or date.max):
            latest = max(role.ends or date.max, periods[-1].ends or date.max)
            ends = None if latest == date.max else latest
            periods[-1] = periods[-1].model_copy(update={"ends": ends})
        else:
            periods.append(role)
    return found


def _is_ended(key: _Key, incoming: RosterBundle, wanted: Collection[_Key]) -> bool:
    """Whether the file takes an office away: by leaving it out, or, in a delta, by naming it as deleted.

    In a delta of OneRoster 1.1 a person's row names all of their roles: what it leaves out has ended.
    """
    if key[0] in incoming.passed_over:
        return False
    if not incoming.roles_delta:
        return True
    if key in wanted:
        return False
    named = {(role.person, role.kind, role.org) for role in incoming.roles}
    whole_rows = {one.source_id for one in incoming.people} if incoming.version.startswith("1.1") else set()
    return key in named or key[0] in whole_rows
