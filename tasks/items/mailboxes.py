"""Whose mailbox refuses mail: told once to whoever can see to it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from policy.authority import policy_office
from policy.calendar import Calendar
from policy.notices.people import MailRefusedFor
from schemas.machinery import Notice
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.people import Person
from schemas.words import SubjectKind
from tasks.cases import Case, Only
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.mailboxes import parked_by_mailbox, refuses_mail


def _cause(first: int) -> str:
    """One for each time that a mailbox began to refuse: `first` is the oldest notice that it refused."""
    return f"mail refused/notice:{first}"


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The people whose mailbox refuses mail and of whom nobody was told yet; none for one account alone."""
    del now
    if only is not None:
        return ()
    refused: Select[*tuple[Any, ...]] = (
        select(col(Notice.person_id).label("person_id"), func.min(col(Notice.id)).label("first"))
        .join(Person, col(Person.id) == col(Notice.person_id))
        .where(col(Person.active), parked_by_mailbox(), refuses_mail(col(Notice.person_id)))
        .group_by(col(Notice.person_id))
        .order_by(col(Notice.person_id))
    )
    async with runtime.store.read() as session:
        connection = await session.connection()
        found = (await connection.execute(refused)).all()
        keys = (
            await connection.execute(select(col(Notice.key)).where(col(Notice.kind) == MailRefusedFor.kind))
        ).scalars()
        known = {key.rpartition("/person:")[0] for key in keys}
    return tuple(
        Case(f"person {row.person_id}", (row.person_id, row.first))
        for row in found
        if _cause(row.first) not in known
    )


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Tell who runs the person's school, and who keeps the policy."""
    policy, (person_id, first) = runtime.policy, case.ids
    async with runtime.store.write() as session:
        person = await session.get_one(Person, person_id)
        offices = [policy_office(policy)]
        if person.school_id is not None:
            offices.append(RoleAt(policy.duties.runs_school, person.school_id))
        about, cause = Subject(SubjectKind.PERSON, person_id), _cause(first)
        tells = tuple(Tell(MailRefusedFor(), of, cause, about, but_not=(person_id,)) for of in offices)
        calendar = Calendar(policy)
        await apply(session, Outcome(tells), actor=STEWARD, calendar=calendar, now=now)
    return ("told that mail is refused",)
