"""The users of Google Workspace as a roster: our schools by their org units, our people by id or address."""

from collections import Counter

from policy.identity import called
from schemas.errors import Place
from schemas.language import half
from schemas.roster import RosterBundle, RosterPerson, RosterState, StoredPerson
from schemas.words import PersonKind
from tasks.files.roster_parts import as_position
from tasks.files.tabular import Problems
from tasks.files.workspace import Workspace, WorkspaceUser

VERSION = "Google Workspace"


def as_bundle(found: Workspace, current: RosterState, problems: Problems, *, students: bool) -> RosterBundle:
    """The users as a roster that says nothing of offices, and nothing of whoever is not in it.

    An org unit that is no school of ours goes to the problems, once, with the words to say which it is;
    its people stay as they are.
    """
    by_email = {one.email: one for one in current.people}
    by_id = {one.source_id: one for one in current.people if one.source_id is not None}
    counted = Counter(found.counted)
    people: list[RosterPerson] = []
    gone: set[str] = set()
    passed: set[str] = set()
    asked: set[str] = set()
    for one in found.users:
        stored = by_id.get(one.employee_id) or by_email.get(one.email)
        key = (stored.source_id if stored else None) or f"google:{one.email}"
        if one.student and not students:
            counted["students, not taken in"] += 1
        elif one.suspended:
            counted["suspended users, who are not here"] += 1
            gone.add(key)
        elif (school := _school(one, current)) is None:
            passed.add(key)
            if one.unit not in asked:
                asked.add(one.unit)
                problems.add(_which(one), Place(found.file, one.line, "Org Unit Path", one.unit))
        else:
            people.append(_person(one, key, stored, school))
    notes = [f"{count} {what}." for what, count in sorted(counted.items())]
    return RosterBundle(
        version=VERSION,
        users_file=found.file,
        orgs=(),
        people=tuple(people),
        roles=(),
        gone=frozenset(gone),
        passed_over=frozenset(passed),
        orgs_delta=True,
        users_delta=True,
        roles_delta=True,
        notes=(
            *found.notes,
            *notes,
            "Offices are not in it: `steward role grant` gives them. Who is not in it stays as they are.",
        ),
        sha256=found.sha256,
        rows=found.rows,
    )


def _person(one: WorkspaceUser, key: str, stored: StoredPerson | None, school: str) -> RosterPerson:
    """Of somebody whom we have, kind and position stay where the file says nothing."""
    kind = PersonKind.STUDENT if one.student else PersonKind.STAFF
    return RosterPerson(
        source_id=key,
        given_name=one.given_name,
        family_name=one.family_name,
        email=one.email,
        kind=None if stored else kind,
        position=as_position(one.title) or (None if stored else ""),
        org=school,
        line=one.line,
    )


def _school(one: WorkspaceUser, current: RosterState) -> str | None:
    """The roster id of the school that the org unit is: as somebody said, else by the unit's own name."""
    here = {school.name: school.source_id for school in current.schools if school.active}
    names = called(here, one.school or one.unit.rpartition("/")[2])
    return here[names[0]] if len(names) == 1 else None


def _which(one: WorkspaceUser) -> str:
    """What to say of an org unit that is no school of ours."""
    if one.school:
        return half(f"there is no school {one.school!r}: `steward schools` shows them")
    return half(
        f"which school is this org unit? Say it once: --map '{one.unit}=name of the school', or "
        f"--map '{one.unit}=-' to leave its people out"
    )
