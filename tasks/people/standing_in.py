"""Another deputy for an absence that stands: somebody named one, or the deputy lost an office at once."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import update
from sqlmodel import col
from sqlmodel import select as of_model

from policy.controls.approval import Approval
from schemas.errors import BadInput
from schemas.outcome import Step, Subject
from schemas.people import Absence, Person
from schemas.words import SubjectKind
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.people.deputies import default_deputy
from tasks.people.offices_told import deputy_told
from tasks.store.holders import stood_in_for


async def acts_for(
    context: ActContext, last: date | None = None, *, first: date | None = None
) -> frozenset[int]:
    """Who acts, and whom they stand in for on a day from `first` (else today) through `last` (else ever).

    Whatever right they act in now: what they give these people they would have themselves.
    """
    days = first or context.today, last or date.max
    stood_in = await stood_in_for(context.session, context.person_id, *days)
    return context.right.stands_for(context.person_id) | stood_in


async def hand_on(context: ActContext, absence: Absence, deputy_id: int) -> Sequence[Step]:
    """Let somebody else deputize from this moment, and note it; the letters to all whom it concerns."""
    person_id, former = absence.person_id, absence.deputy_id
    first, last = absence.starts_on, absence.ends_on
    await (await context.session.connection()).execute(
        update(Absence).where(col(Absence.id) == absence.id).values(deputy_id=deputy_id)
    )
    cause = f"absence:{absence.id}/deputy:{deputy_id}"
    told = (
        *told_in_digest(context, person_id, "another deputy", Approval, cause, first, last),
        *told_in_digest(context, former, "another deputy", Approval, cause, first, last, away=person_id),
        *told_in_digest(context, deputy_id, "absence's deputy", Approval, cause, first, last, away=person_id),
        *await deputy_told(context, absence, deputy_id),
    )
    body = {"absence": absence.id, "deputy": deputy_id, "former": former}
    await context.note(Subject(SubjectKind.PERSON, person_id), control="", cause="deputy changed", body=body)
    return told


async def stands_in_no_longer(context: ActContext, person_id: int) -> tuple[Sequence[Step], Sequence[str]]:
    """Who lost an office at once deputizes for nobody: the policy's own deputies do. Letters; who has none.

    The second are the names of people who are away and have no other deputy by the policy.
    """
    asked = (
        of_model(Absence)
        .where(col(Absence.deputy_id) == person_id, col(Absence.ends_on) >= context.today)
        .order_by(col(Absence.id))
    )
    steps, without = list[Step](), list[str]()
    for absence in (await context.session.exec(asked)).all():
        first = max(absence.starts_on, context.today)
        but_not = await acts_for(context, absence.ends_on, first=first) | {person_id}
        try:
            other = await default_deputy(
                context.session, context.policy, absence.person_id, first, absence.ends_on, but_not=but_not
            )
        except BadInput:
            away = await context.session.get_one(Person, absence.person_id)
            without.append(away.name)
        else:
            steps += await hand_on(context, absence, other.id or 0)
    return steps, without
