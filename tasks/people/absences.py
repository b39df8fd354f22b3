"""Absences: who is away, and who deputizes. Days are of the division's zone; both ends are included."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import insert

from policy.controls.approval import Approval
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.forms import ActForm, Day, OnCommand, PersonRef
from schemas.people import Absence
from schemas.receipt import Receipt
from schemas.words import PersonKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import COMMUNICATIONS_OFFICE, THEIR_SCHOOL, THEMSELVES
from tasks.people.deputies import default_deputy
from tasks.people.noting import check_days, days, stored, wake


class AbsenceForm(ActForm):
    """Note that somebody is away, and who deputizes."""

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who is away", description="Who is away: e-mail address, number or name."
    )
    starts_on: Annotated[Day, OnCommand("--from")] = Field(
        title="First day away", description="As 2026-09-30."
    )
    ends_on: Annotated[Day, OnCommand("--until")] = Field(
        title="Last day away", description="As 2026-09-30, included."
    )
    deputy: PersonRef | None = Field(
        default=None,
        title="Deputy",
        description="Who decides and is asked meanwhile; the policy's deputy if left out.",
    )


@act(
    AbsenceForm,
    who=THEMSELVES | THEIR_SCHOOL | COMMUNICATIONS_OFFICE,
    does="notes an absence",
    control=(Approval,),
)
async def note_absence(context: ActContext, form: AbsenceForm) -> Receipt:
    """Somebody is away; the deputy, or the policy's default for their office, decides and is asked meanwhile.

    Raises BadInput, Unknown, AlreadyDone, NotAllowed for a student as the deputy.
    """
    first, last = form.starts_on, form.ends_on
    check_days(first, last, context.today)
    person, person_id = await stored(context, form.person)
    if form.deputy is not None:
        stands_in, deputy_id = await stored(context, form.deputy)
    else:
        stands_in = await default_deputy(context.session, context.policy, person_id, first, last)
        deputy_id = stands_in.id or 0
    if person_id == deputy_id:
        raise BadInput("Nobody deputizes for themselves: name somebody else with --deputy.")
    if stands_in.kind is PersonKind.STUDENT:
        raise NotAllowed("A student can't deputize.")
    absence = table_of(Absence)
    connection = await context.session.connection()
    met = await connection.execute(
        absence.select().where(
            absence.c.person_id.in_((person_id, deputy_id)),
            absence.c.starts_on <= last,
            absence.c.ends_on >= first,
        )
    )
    for row in met:
        away = f"from {row.starts_on} through {row.ends_on}"
        if row.person_id == person_id:
            raise AlreadyDone(f"They are noted as away {away}: the two absences would overlap.")
        raise BadInput(f"The deputy is away too, {away}: name somebody who is here.")
    made = await connection.execute(
        insert(absence)
        .values(person_id=person_id, deputy_id=deputy_id, starts_on=first, ends_on=last)
        .returning(absence.c.id)
    )
    number = int(made.scalar_one())
    cause = f"absence:{number}"
    told = told_in_digest(context, person_id, "absence", Approval, cause, first, last)
    asked = told_in_digest(context, deputy_id, "absence's deputy", Approval, cause, first, last)
    subject = await wake(context, person_id, (*told, *asked))
    body = {"absence": number, "deputy": deputy_id}
    await context.note(subject, control="", cause="absence noted", body=body)
    return Receipt(subject, "noted", f"{stands_in.name} deputizes for {person.name} {days(first, last)}.")
