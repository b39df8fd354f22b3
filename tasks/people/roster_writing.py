"""Writing the difference that a roster makes, in bulk, within the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Table, bindparam, insert, select, update

from policy.roster import GONE, OFFICE_ENDED, last_day_before
from policy.roster_offices import SOURCE
from schemas.columns import table_of
from schemas.outcome import Subject
from schemas.people import Person, Role, School
from schemas.roster import RosterDifference
from schemas.words import SubjectKind
from tasks.store import audit
from tasks.store.audit import Actor
from tasks.store.session import Session

Values = dict[str, object]


async def write_difference(
    session: Session,
    found: RosterDifference,
    *,
    actor: Actor,
    import_id: int,
    today: date,
    now: datetime,
) -> None:
    """Carry out the difference. Who becomes inactive or holds an office has an audit entry of their own."""
    school_ids = await _write_schools(session, found)
    await _write_people(session, found, school_ids)
    started = await _write_roles(session, found, school_ids, today)
    await _note_each(session, found, started, actor=actor, import_id=import_id, now=now)


async def _write_schools(session: Session, found: RosterDifference) -> Mapping[str, int]:
    school = table_of(School)
    if found.new_schools:
        await session.run(
            insert(school),
            [
                {"source_id": one.source_id, "name": one.name, "is_division": one.is_division, "active": True}
                for one in found.new_schools
            ],
        )
    for change in found.changed_schools:  # few: a division has some dozens of schools
        values = {name: new for name, _, new in change.fields}
        await session.run(update(school).where(school.c.id == change.school.id).values(**values))
    for one in found.gone_schools:
        await session.run(update(school).where(school.c.id == one.id).values(active=False))
    rows = await session.run(select(school.c.source_id, school.c.id))
    return {row.source_id: row.id for row in rows}


async def _write_people(session: Session, found: RosterDifference, school_ids: Mapping[str, int]) -> None:
    person = table_of(Person)
    moving: list[Values] = [
        {"key": one.id, "email": f"former-{one.id}@steward.invalid"} for one in found.freed_people
    ]
    changed: list[Values] = []
    for change in found.changed_people:
        new = {name: now for name, _, now in change.fields}
        stored = change.person
        school_id = school_ids.get(str(new["school"])) if "school" in new else stored.school_id
        if "email" in new:
            moving.append({"key": stored.id, "email": f"moving-{stored.id}@steward.invalid"})
        changed.append(
            {
                "key": stored.id,
                "source_id": new.get("source_id", stored.source_id),
                "given_name": new.get("given_name", stored.given_name),
                "family_name": new.get("family_name", stored.family_name),
                "email": new.get("email", stored.email),
                "kind": new.get("kind", stored.kind),
                "position": new.get("position", stored.position),
                "school_id": school_id,
                "active": True,
                "leaves_on": None,
                "forget_on": None,
            }
        )
    await _update_all(session, person, moving)  # two people may exchange their addresses
    await _update_all(session, person, changed)
    gone: Values = {"active": False, "leaves_on": None}
    await _update_all(session, person, [{"key": one.id, **gone} for one in found.gone_people])
    through = found.stands_through
    await _update_all(
        session, person, [{"key": one.id, "leaves_on": through} for one in found.missing_people]
    )
    await _update_all(session, person, [{"key": one.id, "leaves_on": None} for one in found.found_people])
    if found.new_people:
        await session.run(
            insert(person),
            [
                {
                    "source_id": one.source_id,
                    "given_name": one.given_name,
                    "family_name": one.family_name,
                    "email": one.email,
                    "kind": one.kind,
                    "position": one.position or "",
                    "school_id": school_ids.get(one.org) if one.org else None,
                    "active": True,
                }
                for one in found.new_people
            ],
        )


async def _write_roles(
    session: Session, found: RosterDifference, school_ids: Mapping[str, int], today: date
) -> list[Values]:
    """End, change and start offices; those that were started."""
    role, person = table_of(Role), table_of(Person)
    await _update_all(
        session, role, [{"key": one.id, "ends_on": last_day_before(today)} for one in found.ended_roles]
    )
    await _update_all(session, role, [{"key": one.id, "ends_on": ends} for one, ends in found.changed_roles])
    through = found.stands_through
    await _update_all(session, role, [{"key": one.id, "ends_on": through} for one in found.ending_roles])
    if not found.started_roles:
        return []
    rows = await session.run(select(person.c.source_id, person.c.id).where(person.c.source_id.is_not(None)))
    people = {row.source_id: row.id for row in rows}
    values: list[Values] = [
        {
            "person_id": people[one.person],
            "kind": one.kind,
            "school_id": school_ids[one.org],
            "starts_on": one.begins or today,
            "ends_on": one.ends,
            "source": SOURCE,
        }
        for one in found.started_roles
        if one.person in people and one.org in school_ids
    ]
    if values:
        await session.run(insert(role), values)
    return values


async def _update_all(session: Session, table: Table, values: Sequence[Values]) -> None:
    """One prepared statement for all rows; each has `key` and the same columns."""
    if not values:
        return
    columns = [name for name in values[0] if name != "key"]
    renamed = [{f"new_{name}": value for name, value in row.items()} for row in values]
    statement = (
        update(table)
        .where(table.c.id == bindparam("new_key"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    await session.run(statement, renamed)


async def _note_each(
    session: Session,
    found: RosterDifference,
    started: Sequence[Values],
    *,
    actor: Actor,
    import_id: int,
    now: datetime,
) -> None:
    """One audit entry for each person who becomes inactive or comes back, and each office that changes."""
    notes: list[tuple[int, str, Mapping[str, object]]] = []
    notes += [(one.id, GONE, {}) for one in found.gone_people]
    notes += [(one.id, "missing from the roster", {}) for one in found.missing_people]
    notes += [(one.id, "in the roster again", {}) for one in found.found_people]
    notes += [(one.person.id, "back in the roster", {}) for one in found.changed_people if one.back]
    notes += [(one.id, "their address is somebody else's now", {}) for one in found.freed_people]
    notes += [
        (one.person.id, "found by address under a new id", {}) for one in found.changed_people if one.new_id
    ]
    notes += [(one.person_id, OFFICE_ENDED, {"role": one.id}) for one in found.ended_roles]
    notes += [
        (one.person_id, "office left out by the roster", {"role": one.id}) for one in found.ending_roles
    ]
    notes += [
        (one.person_id, "office changed by the roster", {"role": one.id}) for one, _ in found.changed_roles
    ]
    notes += [
        (int(str(one["person_id"])), "office given by the roster", {"school": one["school_id"]})
        for one in started
    ]
    for person_id, cause, more in notes:
        await audit.append(
            session,
            Subject(SubjectKind.PERSON, person_id),
            actor=actor,
            control="",
            cause=cause,
            now=now,
            body={"import": import_id, **more},
        )
