"""Who is whose direct supervisor, where the roster does not say it."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col

from policy.controls.leave import OnLeave
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.forms import ActForm, OnCommand, PersonRef, Reason
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import PersonKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE, THEIR_SCHOOL
from tasks.people.noting import stored, wake
from tasks.store.supervisors import people_under


class SupervisorForm(ActForm):
    """Say who is somebody's direct supervisor. Without one, who runs their school is asked in their place."""

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Whose", description="E-mail address, number or name."
    )
    supervisor: Annotated[PersonRef | None, OnCommand("--is")] = Field(
        default=None, title="Their supervisor", description="Nobody from now on, if left out."
    )
    reason: Reason = Field(title="Why", description="How you know, in a sentence.")


@act(
    SupervisorForm,
    who=POLICY_OFFICE | THEIR_SCHOOL,
    does="names a supervisor",
    control=(OnLeave,),
    in_person=True,
)
async def name_supervisor(context: ActContext, form: SupervisorForm) -> Receipt:
    """Record a person's direct supervisor; whoever decides for them is asked anew.

    Raises NotAllowed for one's own, BadInput for somebody who stands under the person or can't be one,
    AlreadyDone, Unknown.
    """
    person, person_id = await stored(context, form.person)
    if person_id == context.person_id:
        raise NotAllowed("Only somebody else names your supervisor.")
    chosen: int | None = None
    if form.supervisor is not None:
        supervisor, chosen = await stored(context, form.supervisor)
        if chosen == person_id:
            raise BadInput("Nobody is their own supervisor: name somebody else.")
        if supervisor.kind is PersonKind.STUDENT:
            raise BadInput("A student supervises nobody: name somebody else.")
        if chosen in await people_under(context.session, person_id):
            raise BadInput("They stand under this person themselves: name somebody else.")
    if person.supervisor_id == chosen:
        raise AlreadyDone("That is how it is recorded already.")
    await context.session.run(update(Person).where(col(Person.id) == person_id).values(supervisor_id=chosen))
    subject = await wake(context, person_id)
    body = {"supervisor": chosen, "before": person.supervisor_id}
    await context.note(subject, control="", cause="supervisor named", body=body)
    who = "has no supervisor recorded" if chosen is None else f"has person {chosen} as direct supervisor"
    return Receipt(subject, "recorded", f"Person {person_id} {who} from now on.")
