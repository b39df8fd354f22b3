"""Which offices a roster gives, ends, or ends on another day. Only those that came with one end by one.

What a person ended stays ended: a roster gives it again with a first day that is later, and not otherwise.
Where another term stands, whatever first day its row has is that term's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    over = _closed(found, current, incoming, people, today)
    wanted = _wanted(incoming, divisions, set(people.values()), over.closed, today)
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
        paired = _pair(wanted.get(key, []), roles, over, key, today)
        started += paired.started
        changed += paired.changed
        held_again = paired.started or any(_stands(role, today) for role in roles)
        stays_ended += [] if held_again else paired.stays_ended
        rest = paired.left
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


@dataclass(frozen=True)
class _Over:
    """What a person ended: `closed` is over; of it, a roster ended what is `cut` before the day they said.

    `until`: the last day that they said of the office at a school that comes under another sourcedId.
    """

    closed: dict[_Key, list[StoredRole]]
    cut: dict[_Key, list[StoredRole]]
    until: dict[_Key, date]


def _closed(
    found: RosterDifference,
    current: RosterState,
    incoming: RosterBundle,
    people: Mapping[int, str],
    today: date,
) -> "_Over":
    """What a person ended, of the offices of this file."""
    schools, same_name = (
        {one.id: one.source_id for one in current.schools},
        _of_one_name(found, current, incoming),
    )
    over = _Over({}, {}, {})
    for role in (*current.closed, *current.roles):
        person, said = people.get(role.person_id), role.said_last
        if role.school_id is None or not person or said is None:
            continue
        its_own = schools[role.school_id]
        if role.ends_on is not None and role.ends_on < today:
            over.closed.setdefault((person, role.kind, its_own), []).append(role)
            if role.source == SOURCE and said >= today:
                over.cut.setdefault((person, role.kind, its_own), []).append(role)
        for school in same_name.get(role.school_id, ()):
            key = person, role.kind, school
            if school == its_own:
                continue
            if said >= today:
                over.until[key] = min(said, over.until.get(key, said))
            else:
                over.closed.setdefault(key, []).append(role)
    return over


def _of_one_name(
    found: RosterDifference, current: RosterState, incoming: RosterBundle
) -> Mapping[int, Collection[str]]:
    """The sourcedIds under which a school that is gone may be in the file: its own, and any of its name."""
    gone = {one.id for one in found.gone_schools}
    known = [
        *((one.name, one.source_id) for one in current.schools),
        *((one.name, one.source_id) for one in incoming.orgs),
    ]
    named: dict[str, set[str]] = {}
    for name, source_id in known:
        named.setdefault(name.casefold(), set()).add(source_id)
    return {one.id: named[one.name.casefold()] for one in current.schools if one.id in gone or not one.active}


@dataclass
class _Paired:
    """What comes of the periods of one person's office. `left`: terms of a roster that have none."""

    left: list[StoredRole]
    started: list[RosterRole] = field(default_factory=list)
    changed: list[tuple[StoredRole, date | None]] = field(default_factory=list)
    stays_ended: Sequence[StoredRole] = ()

    def takes(self, role: StoredRole, period: RosterRole) -> None:
        """The period is this term's."""
        if role in self.left:
            self.left.remove(role)
        if role.ends_on != (ends := _no_later(period.ends, role.said_last)):
            self.changed.append((role, ends))


def _pair(
    wanted: Sequence[RosterRole], standing: Sequence[StoredRole], over: _Over, key: _Key, today: date
) -> _Paired:
    """Pair the periods of one person's office with the terms that stand: by first day, or what has begun.

    What is left begins a term, where nothing that a person said is against it. A term that was `cut` stands
    until the day that they said again.
    """
    closed, cut, until = over.closed.get(key, []), over.cut.get(key, []), over.until.get(key)
    wanted = [
        one
        if until is None or (one.begins or date.min) > until
        else one.model_copy(update={"ends": _no_later(one.ends, until)})
        for one in wanted
    ]
    found = _Paired([role for role in standing if role.source == SOURCE])
    others = [role for role in standing if role.source != SOURCE]
    rest: list[RosterRole] = []
    for period in wanted:
        same = next((role for role in found.left if role.starts_on == period.begins), None)
        if same is None:
            rest.append(period)
        else:
            found.takes(same, period)
    for period in rest:
        has_begun = period.begins is None or period.begins <= today
        same = next((role for role in found.left if has_begun and role.starts_on <= today), None)
        if same is not None:
            found.takes(same, period)
        elif any(_overlap(period, role) for role in others) or _is_over(period, standing):
            continue
        elif has_begun and cut and not found.changed:
            found.takes(cut[-1], period)
        elif _is_over(period, closed):
            found.stays_ended = [max(closed, key=_over)]
        else:
            found.started.append(period)
    return found


def _is_over(period: RosterRole, terms: Sequence[StoredRole]) -> bool:
    """Whether it begins no later than a last day that a person said of one of these terms."""
    said = (_over(role) for role in terms if role.said_last is not None)
    return any((period.begins or date.min) <= last for last in said)


def _no_later(ends: date | None, said: date | None) -> date | None:
    """The last day that a file says, or an earlier one that a person said."""
    return min(ends or said, said) if said is not None else ends


def _over(role: StoredRole) -> date:
    """The last day up to which a first day is no new one; a term that never began ends before it starts."""
    return max(role.starts_on, role.said_last or date.min)


def _stands(role: StoredRole, today: date) -> bool:
    return role.starts_on <= today and (role.ends_on is None or role.ends_on >= today)


def _overlap(period: RosterRole, role: StoredRole) -> bool:
    begins, ends = period.begins or date.min, period.ends or date.max
    return begins <= (role.ends_on or date.max) and role.starts_on <= ends


def _wanted(
    incoming: RosterBundle,
    divisions: Collection[str],
    stored: Collection[str],
    closed: Mapping[_Key, Sequence[StoredRole]],
    today: date,
) -> dict[_Key, list[RosterRole]]:
    """The offices that the file gives, that have not ended, of people who are there, at schools.

    Each with all its periods, the earliest first; periods that overlap are one, but for one that begins after
    what a person ended: a row that nobody took out does not stand in its way.
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
        key = role.person, role.kind, role.org
        periods = found.setdefault(key, [])
        anew = not _is_over(role, closed.get(key, ())) and any(
            _is_over(one, closed.get(key, ())) for one in periods[-1:]
        )
        if periods and not anew and (role.begins or date.min) <= (periods[-1].ends or date.max):
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
