"""Somebody who left by mistake, or was hired again, is back."""

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import or_, select, update
from sqlmodel import col

from policy.controls.administrators import Administrators
from policy.roster import GONE, OFFICE_ENDED
from policy.roster_offices import SOURCE
from schemas.columns import table_of
from schemas.errors import AlreadyDone
from schemas.forms import ActForm, OnCommand, PersonRef
from schemas.machinery import AuditEntry
from schemas.outcome import RoleAt, Subject
from schemas.people import Person, Role
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import FILES_OFFICES, THEIR_SCHOOL
from tasks.people.missing import tell_that_they_stay
from tasks.people.noting import stored, tell_offices, wake


class ReturnOfPersonForm(ActForm):
    """Somebody who had left is back, or never left: offices that it ended, and accesses after their gates.

    What somebody decided otherwise meanwhile stays as it is.
    """

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who is back", description="E-mail address, number or name."
    )


@act(
    ReturnOfPersonForm,
    who=FILES_OFFICES | THEIR_SCHOOL,
    does="notes that somebody is back",
    control=(Administrators,),
)
async def person_returns(context: ActContext, form: ReturnOfPersonForm) -> Receipt:
    """Somebody who is not here is here again, or stays although a roster did not have them.

    Raises AlreadyDone, Unknown.
    """
    person, person_id = await stored(context, form.person, must_be_active=False)
    if person.active and person.leaves_on is None:
        raise AlreadyDone("They are here already.")
    called_off = {person_id: person.leaves_on} if person.active and person.leaves_on else {}
    await context.session.run(
        update(Person).where(col(Person.id) == person_id).values(active=True, leaves_on=None, forget_on=None)
    )
    if person.active:
        await tell_that_they_stay(context, called_off)
        subject = Subject(SubjectKind.PERSON, person_id)
        await context.note(subject, control="", cause="person is here", body={})
        return Receipt(
            subject,
            "here",
            f"{person.name} stays. Have them put into the roster too: without them the next one asks again.",
        )
    offices = await _give_back(context, person_id, context.today)
    at = f"return/{context.now:%Y%m%dT%H%M%S}"
    changed = [
        step
        for number, office in offices.items()
        for step in tell_offices(
            context,
            person_id,
            f"{at}/{number}",
            "given",
            office=office.role,
            school_id=office.school_id,
            first=context.today,
        )
    ]
    told = told_in_digest(context, person_id, "return", Administrators, at, context.today)
    subject = await wake(context, person_id, (*told, *changed))
    await context.note(subject, control="", cause="person is back", body={"offices": list(offices)})
    return Receipt(
        subject,
        "back",
        f"{person.name} is back; what the leaving took begins again once every step before it is done. A "
        "roster without them makes them leave again.",
    )


async def _give_back(context: ActContext, person_id: int, today: date) -> dict[int, RoleAt]:
    """The offices that the last leaving ended stand again, by their terms. A roster says their last day."""
    entries = await context.session.rows(
        select(col(AuditEntry.cause), col(AuditEntry.body))
        .where(
            col(AuditEntry.subject_kind) == SubjectKind.PERSON,
            col(AuditEntry.subject_id) == person_id,
            col(AuditEntry.cause).in_((GONE, OFFICE_ENDED)),
        )
        .order_by(col(AuditEntry.seq))
    )
    left = [row.body["import"] for row in entries if row.cause == GONE]
    if not left:
        return {}
    offices = [
        int(row.body["role"])
        for row in entries
        if row.cause == OFFICE_ENDED and row.body["import"] == left[-1]
    ]
    await context.session.run(
        update(Role)
        .where(col(Role.id).in_(offices), col(Role.source) == SOURCE)
        .values(ends_on=col(Role.said_last))
    )
    role = table_of(Role).c
    stands = or_(role.ends_on.is_(None), role.ends_on >= today)  # the day that a person said may be over
    found = select(role.id, role.kind, role.school_id).where(role.id.in_(offices), stands).order_by(role.id)
    return {row.id: RoleAt(row.kind, row.school_id) for row in await context.session.run(found)}
