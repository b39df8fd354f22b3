"""`steward status`: who owes what."""

from datetime import date
from typing import Annotated, Any

import typer
from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from deployments.cli.output import Json, say_json
from deployments.cli.running import run
from deployments.cli.tables import Column, table
from deployments.cli.text import echo
from policy.calendar import Calendar
from policy.model import Policy
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.people import Person, School
from schemas.words import ItemState
from tasks import clock
from tasks.items.facts import its_handle, its_school, joined_to_subjects
from tasks.runtime import Runtime
from tasks.store import lookup
from tasks.store.holders import holders, to_be_told

_COLUMNS = (
    "item",
    Column("what", wraps=True),
    Column("about", wraps=True),
    Column("clause", drop=2),
    "due",
    "late",
    Column("reminders", drop=3),
    Column("climbed to", wraps=True, drop=4),
)


async def _theirs(session: AsyncSession, person: int, today: date) -> list[ColumnElement[bool]]:
    """The items of every office that a person holds today, or deputizes for."""
    offices = (
        await (await session.connection()).execute(
            select(col(ActionItem.role), col(ActionItem.role_school_id))
            .where(col(ActionItem.state) == ItemState.OPEN, col(ActionItem.role).is_not(None))
            .distinct()
        )
    ).all()
    found = []
    for role, school in offices:
        if role and person in {one.person_id for one in await holders(session, RoleAt(role, school), today)}:
            at = col(ActionItem.role_school_id)
            found.append(and_(col(ActionItem.role) == role, at.is_(None) if school is None else at == school))
    return found


async def _names(session: AsyncSession, office: RoleAt, today: date) -> str:
    """Who answers for an office today, by name."""
    people = await to_be_told(session, office, today)
    rows = await (await session.connection()).execute(
        select(col(Person.given_name), col(Person.family_name))
        .where(col(Person.id).in_(people))
        .order_by(col(Person.id))
    )
    return ", ".join(f"{row.given_name} {row.family_name}" for row in rows) or "nobody holds it today"


async def _owed(
    session: AsyncSession, policy: Policy, today: date, person: str | None, school: str | None
) -> list[dict[str, Any]]:
    asked = (
        joined_to_subjects(
            select(
                col(ActionItem.id),
                col(ActionItem.kind),
                col(ActionItem.control),
                col(Person.given_name),
                col(Person.family_name),
                col(Person.active),
                col(ActionItem.role),
                col(ActionItem.role_school_id),
                col(School.name).label("school"),
                col(ActionItem.subject_kind),
                col(ActionItem.subject_id),
                its_handle().label("handle"),
                col(ActionItem.due_on),
                col(ActionItem.reminders),
                col(ActionItem.climbed_to),
            )
        )
        .outerjoin(School, col(School.id) == col(ActionItem.role_school_id))
        .where(col(ActionItem.state) == ItemState.OPEN)
        .order_by(col(ActionItem.due_on), col(ActionItem.id))
    )
    if person is not None:
        who = await lookup.person_id(session, person, must_be_active=False)
        asked = asked.where(or_(col(ActionItem.person_id) == who, *await _theirs(session, who, today)))
    if school is not None:
        asked = asked.where(its_school() == (await lookup.school(session, school)).id)
    names: dict[RoleAt, str] = {}
    found = []
    for row in (await (await session.connection()).execute(asked)).mappings():
        if row["role"] is None:
            owner = f"{row['given_name']} {row['family_name']}" + ("" if row["active"] else " (has left)")
        else:
            office = RoleAt(row["role"], row["role_school_id"])
            if office not in names:
                names[office] = await _names(session, office, today)
            owner = ", ".join(part for part in (str(row["role"]), row["school"]) if part)
            owner += f" ({names[office]})"
        late = (today - row["due_on"]).days
        found.append(
            {
                "item": row["id"],
                "who": owner,
                "what": row["kind"],
                "about": f"{row['subject_kind']} {row['subject_id']}"
                + (f" ({row['handle']})" if row["handle"] else ""),
                "clause": policy.number_of(row["control"]),
                "due": row["due_on"],
                "late": f"{late} days" if late > 0 else "",
                "reminders": row["reminders"],
                "climbed to": row["climbed_to"],
            }
        )
    return found


def status(
    person: Annotated[
        str | None,
        typer.Option("--of", help="Only what this e-mail address owes, also in an office."),
    ] = None,
    school: Annotated[
        str | None, typer.Option("--school", help="Only what concerns the school of this name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who owes what: every open action item by whose it is, the longest overdue first."""

    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        today = Calendar(runtime.policy).today(clock.now())
        async with runtime.store.read() as session:
            return await _owed(session, runtime.policy, today, person, school)

    rows = run(work)
    if as_json:
        say_json(rows)
    elif not rows:
        where = f" at {school}" if school is not None else ""
        echo(f"{'Nobody owes anything' if person is None else f'{person} owes nothing'}{where}.")
    else:
        _show(rows)


def _show(rows: list[dict[str, Any]]) -> None:
    """A table for each who owes something, in the order of what is due first, with their counts."""
    owners: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        owners.setdefault(row["who"], []).append(row)
    for owner, owed in owners.items():
        late = sum(bool(row["late"]) for row in owed)
        title = f"{owner}: {len(owed)} open" + (f", {late} late" if late else "")
        shown = [{name: value for name, value in row.items() if name != "who"} for row in owed]
        table(_COLUMNS, [tuple(row.values()) for row in shown], title=title)
        echo()
    late = sum(bool(row["late"]) for row in rows)
    whose = f", with {len(owners)} people and offices" if len(owners) > 1 else ""
    echo(f"{len(rows)} open, {late} late{whose}.")
