"""`steward status`: who owes what."""

from datetime import date
from typing import Annotated, Any

import typer
from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from deployments.cli.output import Json, run, say_json, table
from policy.calendar import Calendar
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt
from schemas.people import Person, School
from schemas.words import ItemState
from tasks import clock
from tasks.runtime import Runtime
from tasks.store import lookup
from tasks.store.holders import holders


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
        if person in {one.person_id for one in await holders(session, RoleAt(role, school), today)}:
            at = col(ActionItem.role_school_id)
            found.append(and_(col(ActionItem.role) == role, at.is_(None) if school is None else at == school))
    return found


def status(
    person: Annotated[
        str | None,
        typer.Option("--of", help="Only what this e-mail address owes, also in an office."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Who owes what: every open action item, the longest overdue first."""

    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        today = Calendar(runtime.policy).today(clock.now())
        asked = (
            select(
                col(ActionItem.id),
                col(ActionItem.kind),
                col(ActionItem.clause),
                col(Person.given_name),
                col(Person.family_name),
                col(ActionItem.role),
                col(School.name).label("school"),
                col(ActionItem.subject_kind),
                col(ActionItem.subject_id),
                col(ActionItem.due_on),
            )
            .outerjoin(Person, col(Person.id) == col(ActionItem.person_id))
            .outerjoin(School, col(School.id) == col(ActionItem.role_school_id))
            .where(col(ActionItem.state) == ItemState.OPEN)
            .order_by(col(ActionItem.due_on), col(ActionItem.id))
        )
        async with runtime.store.read() as session:
            if person is not None:
                who = await lookup.person_id(session, person)
                asked = asked.where(
                    or_(col(ActionItem.person_id) == who, *await _theirs(session, who, today))
                )
            rows = (await (await session.connection()).execute(asked)).mappings().all()
        found = []
        for row in rows:
            owner = f"{row['given_name']} {row['family_name']}" if row["given_name"] else str(row["role"])
            if row["school"]:
                owner += f", {row['school']}"
            late = (today - row["due_on"]).days
            found.append(
                {
                    "item": row["id"],
                    "who": owner,
                    "what": row["kind"],
                    "about": f"{row['subject_kind']} {row['subject_id']}",
                    "clause": row["clause"],
                    "due": row["due_on"],
                    "late": f"{late} days" if late > 0 else "",
                }
            )
        return found

    rows = run(work)
    if as_json:
        say_json(rows)
    elif not rows:
        typer.echo("Nobody owes anything." if person is None else f"{person} owes nothing.")
    else:
        headers = ("item", "who", "what", "about", "clause", "due", "late")
        table(headers, [tuple(row.values()) for row in rows])
