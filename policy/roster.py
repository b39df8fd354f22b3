"""What taking in a roster would change: plain arithmetic between the file and the store.

People are matched by sourcedId, then by e-mail address. Who is gone becomes inactive and is never
deleted. Only offices that came with a roster are ended by one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from policy.model.process import Roster
from policy.roster_offices import offices
from schemas.errors import BadInput, Place
from schemas.roster import (
    PersonChange,
    RosterBundle,
    RosterDifference,
    RosterPerson,
    RosterState,
    SameQuestion,
    SchoolChange,
    StoredPerson,
)


class TooManyGone(BadInput):
    """The file would take more people or offices than the policy allows."""


def last_day_before(today: date) -> date:
    """The last day of an office that a roster ends: yesterday.

    Roles count through their last day. Somebody who left, or whose office was taken away, must not
    decide anything in the hours after the import.
    """
    return today - timedelta(days=1)


#: The causes of audit entries that a return looks for.
GONE, OFFICE_ENDED = "gone from the roster", "office ended by the roster"

#: What a person has said: whether who has a new sourcedId is the stored person who has the address.
Answers = Mapping[tuple[str, int], bool]


def difference(
    current: RosterState,
    incoming: RosterBundle,
    *,
    answers: Answers | None = None,
    today: date,
    through: date | None = None,
) -> RosterDifference:
    """Everything that the import would do, with what is wrong and what a person must say first.

    `through`: the last day of people and offices that the file only leaves out; without it they end at once.
    """
    schools = _schools(current, incoming)
    people = _people(current, incoming, answers or {})
    waiting = {one.stored.source_id for one in people.questions} | {one.source_id for one in people.left}
    left_alone = incoming.passed_over | {one for one in waiting if one is not None}
    incoming = incoming.model_copy(
        update={
            "passed_over": left_alone,
            "people": tuple(one for one in incoming.people if one.source_id not in people.waiting),
        }
    )
    matched = {change.person.id for change in people.matched}
    gone = _gone(current, incoming, matched)
    missing: tuple[StoredPerson, ...] = ()
    if through is not None:
        missing = tuple(one for one in gone if one.source_id not in incoming.gone)
        gone = tuple(one for one in gone if one.source_id in incoming.gone)
    gone += tuple(one for one in people.freed if one.active and one not in gone)
    found = replace(
        schools,
        new_people=people.new,
        changed_people=tuple(one for one in people.matched if one.fields or one.back or one.new_id),
        gone_people=gone,
        missing_people=tuple(one for one in missing if one.leaves_on is None),
        still_missing=tuple(one for one in missing if one.leaves_on is not None),
        found_people=tuple(one for one in current.people if one.leaves_on is not None and one.id in matched),
        stands_through=through,
        freed_people=people.freed,
        questions=people.questions,
        wrong=people.wrong,
        school_names={
            **{key: one.name for one in current.schools for key in (one.id, one.source_id)},
            **{one.source_id: one.name for one in incoming.orgs},
        },
        people_names={one.source_id: f"{one.given_name} {one.family_name}" for one in incoming.people},
        active_before=sum(1 for one in current.people if one.active and one.source_id is not None),
    )
    return offices(found, current, incoming, people.matched, {one.id for one in missing}, today)


def refuse_mass(found: RosterDifference, terms: Roster) -> None:
    """Raises TooManyGone when the file would take more people, or more offices, than the policy allows.

    People by share. Offices that nobody would hold any more by number and by share: one label that an export
    has wrong empties all of them, and nobody could decide anything.
    """
    people = (*found.gone_people, *found.missing_people, *found.still_missing)
    active = found.active_before
    if people and len(people) > terms.deactivated_share_at_most * active:
        raise _too_many(
            f"This file would make {len(people)} of {active} active people inactive, more than the "
            f"{terms.deactivated_share_at_most:.0%} that the policy allows: {LOOK}",
            [f"{one.given_name} {one.family_name}" for one in people],
        )
    emptied, before = len(found.emptied_offices), found.offices_before
    if emptied > max(terms.emptied_offices_at_most, terms.emptied_offices_share_at_most * before):
        raise _too_many(
            f"This file would leave {emptied} of {before} offices at schools with nobody, more than the "
            f"policy allows: {LOOK}",
            [f"{one.holder}, {one.kind}" for one in (*found.ended_roles, *found.ending_roles)],
        )


def _too_many(said: str, who: Sequence[str]) -> TooManyGone:
    """The refusal; at the terminal with the first of those whom it is about."""
    lines = [said, *(f"  {one}" for one in who[:_SHOWN])]
    if len(who) > _SHOWN:
        lines.append(f"  and {len(who) - _SHOWN} more")
    return TooManyGone(said, shown="\n".join(lines))


_SHOWN = 10  # names in a refusal
#: What to do about a file that is over a brake.
LOOK = (
    "look whether it is whole, see all that it would change with --dry-run, and if it is right, import it "
    "again with --allow-mass-deactivation."
)


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
        its_own = any(org.is_division for org in incoming.orgs)  # some formats know schools alone
        gone += [
            one
            for one in current.schools
            if one.active and one.source_id not in named and (its_own or not one.is_division)
        ]
    return RosterDifference(new_schools=tuple(new), changed_schools=tuple(changed), gone_schools=tuple(gone))


@dataclass(frozen=True)
class _People:
    """`matched` has those without a change too; `left` are people of the store whose row is not taken."""

    new: tuple[RosterPerson, ...]
    matched: tuple[PersonChange, ...]
    freed: tuple[StoredPerson, ...]
    questions: tuple[SameQuestion, ...]
    left: tuple[StoredPerson, ...]
    wrong: tuple[tuple[str, Place], ...]

    @property
    def waiting(self) -> frozenset[str]:
        """The sourcedIds of the file's people of whom nothing is taken yet."""
        return frozenset(one.person.source_id for one in self.questions)


class _Matcher:
    """Finds each person of the file in the store: by sourcedId, then by address."""

    def __init__(self, current: RosterState, incoming: RosterBundle, answers: Answers) -> None:
        self.incoming, self.answers = incoming, answers
        self.by_id = {one.source_id: one for one in current.people if one.source_id is not None}
        self.by_email = {one.email: one for one in current.people}
        self.named = incoming.passed_over | {
            its for one in incoming.people for its in (one.source_id, *one.also)
        }
        self.source_ids = {one.id: one.source_id for one in current.schools}
        self.known_orgs = set(self.source_ids.values()) | {org.source_id for org in incoming.orgs}
        self.new: list[RosterPerson] = []
        self.matched: list[PersonChange] = []
        self.freed: list[StoredPerson] = []
        self.questions: list[SameQuestion] = []
        self.left: list[StoredPerson] = []
        self.wrong: list[tuple[str, Place]] = []

    def take(self, person: RosterPerson) -> None:
        """Match one person of the file."""
        ids = (person.source_id, *person.also)
        stored = next((self.by_id[one] for one in ids if one in self.by_id), None)
        holder = self.by_email.get(person.email)
        if person.org is not None and person.org not in self.known_orgs:
            self._refuse("neither the file nor the store has this organization", person, None, person.org)
            self.left += [stored] if stored is not None else []
        elif stored is not None:
            new_id = stored.source_id != person.source_id
            self.matched.append(_change(stored, person, self.source_ids, new_id=new_id))
        elif holder is not None and holder.source_id not in self.named:
            self._same_address(person, holder)
        elif person.kind is None:
            self._refuse("this new person has no role in the file", person, "email", person.email)
        else:
            self.new.append(person)

    def _same_address(self, person: RosterPerson, holder: StoredPerson) -> None:
        """Another sourcedId at an address that we know: by the names the same person, or asked."""
        said = self.answers.get((person.source_id, holder.id))
        if said or (said is None and _may_be_the_same(holder, person)):
            self.matched.append(_change(holder, person, self.source_ids, new_id=True))
        elif said is None:
            self.questions.append(SameQuestion(holder, person))
        elif person.kind is None:
            self._refuse("this new person has no role in the file", person, "email", person.email)
        else:
            self.freed.append(holder)
            self.new.append(person)

    def _refuse(self, what: str, person: RosterPerson, column: str | None, value: str) -> None:
        self.wrong.append((what, Place(self.incoming.users_file, person.line, column, value)))

    def clashes(self, current: RosterState) -> None:
        """Addresses that the file gives to one person while another in the store keeps them."""
        final = {one.person.id: one for one in self.matched}
        moving = {number for number, one in final.items() if one.new("email")}
        freed = {one.id for one in self.freed}
        kept = {one.email: one for one in current.people if one.id not in moving | freed}
        for number, one in list(final.items()):
            wanted = one.new("email")
            if isinstance(wanted, str) and wanted in kept and kept[wanted].id != number:
                line = next(her.line for her in self.incoming.people if her.email == wanted)
                place = Place(self.incoming.users_file, line, "email", wanted)
                self.wrong.append(("somebody else here keeps this address", place))
                self.matched.remove(one)
                self.left.append(one.person)
        for person in list(self.new):
            if person.email in kept:
                self._refuse("somebody else here keeps this address", person, "email", person.email)
                self.new.remove(person)


def _people(current: RosterState, incoming: RosterBundle, answers: Answers) -> _People:
    matcher = _Matcher(current, incoming, answers)
    for person in incoming.people:
        matcher.take(person)
    matcher.clashes(current)
    return _People(
        tuple(matcher.new),
        tuple(matcher.matched),
        tuple(matcher.freed),
        tuple(matcher.questions),
        tuple(matcher.left),
        tuple(matcher.wrong),
    )


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
