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
from tasks.people.offices_told import deputy_told, nobody_deputizes
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
    await _now(context, absence, deputy_id)
    cause = f"absence:{absence.id}/deputy:{deputy_id}"
    told = [
        *told_in_digest(context, person_id, "another deputy", Approval, cause, first, last),
        *told_in_digest(context, deputy_id, "absence's deputy", Approval, cause, first, last, away=person_id),
        *await deputy_told(context, absence, deputy_id),
    ]
    if former is not None:
        told += told_in_digest(
            context, former, "another deputy", Approval, cause, first, last, away=person_id
        )
    return told


async def _now(context: ActContext, absence: Absence, deputy_id: int | None) -> None:
    """Write down who deputizes from this moment, or that nobody does, and note it."""
    former, about = absence.deputy_id, Subject(SubjectKind.PERSON, absence.person_id)
    await context.session.run(
        update(Absence).where(col(Absence.id) == absence.id).values(deputy_id=deputy_id)
    )
    body = {"absence": absence.id, "deputy": deputy_id, "former": former}
    await context.note(about, control="", cause="deputy changed", body=body)


async def stands_in_no_longer(context: ActContext, person_id: int) -> tuple[Sequence[Step], Sequence[str]]:
    """Who lost an office at once deputizes for nobody: the policy's own deputies do, or nobody does.

    The letters, and the names of people who are away and whom nobody stands in for from this moment. Their
    office stays theirs, and whoever holds it beside them has it too.
    """
    asked = (
        of_model(Absence)
        .where(
            col(Absence.deputy_id) == person_id,
            col(Absence.ends_on) >= context.today,
            col(Absence.ends_on) >= col(Absence.starts_on),
        )
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
            steps += await _left_alone(context, absence, away.school_id, person_id)
        else:
            steps += await hand_on(context, absence, other.id or 0)
    return steps, without


async def _left_alone(
    context: ActContext, absence: Absence, school_id: int | None, former: int
) -> Sequence[Step]:
    """Nobody deputizes from this moment; the letters to all whom it concerns."""
    await _now(context, absence, None)
    cause = f"absence:{absence.id}/nobody deputizes"
    days = absence.starts_on, absence.ends_on
    told = told_in_digest(context, former, "deputy no longer", Approval, cause, *days, away=absence.person_id)
    return (*told, *nobody_deputizes(context, absence, school_id, dismissed=True))
