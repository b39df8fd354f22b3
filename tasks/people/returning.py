"""Somebody who left by mistake, or was hired again, is back."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col

from policy.controls.administrators import Administrators
from schemas.errors import AlreadyDone
from schemas.forms import ActForm, OnCommand, PersonRef
from schemas.people import Person
from schemas.receipt import Receipt
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import FILES_OFFICES, THEIR_SCHOOL
from tasks.people.noting import stored, wake


class ReturnOfPersonForm(ActForm):
    """Somebody who had left is back. The accesses that the leaving took begin again, after their gates.

    An office that a roster ended comes back with the roster, or is given again. What somebody decided
    otherwise meanwhile stays as it is.
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
    """Somebody who is not here is here again. Raises AlreadyDone, Unknown."""
    person, person_id = await stored(context, form.person, must_be_active=False)
    if person.active:
        raise AlreadyDone("They are here already.")
    await (await context.session.connection()).execute(
        update(Person).where(col(Person.id) == person_id).values(active=True)
    )
    told = told_in_digest(
        context, person_id, "return", Administrators, f"return/{context.now:%Y%m%dT%H%M%S}", context.today
    )
    subject = await wake(context, person_id, told)
    await context.note(subject, control="", cause="person is back")
    return Receipt(
        subject,
        "back",
        f"{person.name} is back; what the leaving took begins again once every step before it is done. A "
        "roster without them makes them leave again.",
    )
