"""Absences: who is away, and who deputizes. Days are of the division's zone; both ends are included."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, update
from sqlmodel import col
from sqlmodel import select as of_model

from policy.action_items import PERSONAL
from policy.controls.approval import Approval
from policy.notices.items import ItemReminder
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.forms import ActForm, Day, OnCommand, PersonRef
from schemas.machinery import ActionItem
from schemas.outcome import Step, Subject, Tell
from schemas.people import Absence, Person
from schemas.receipt import Receipt
from schemas.words import ItemState, PersonKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import GIVING_OFFICES, POLICY_OFFICE, THEIR_SCHOOL, THEMSELVES
from tasks.people.deputies import default_deputy
from tasks.people.noting import check_days, days, stored, wake
from tasks.people.offices_told import deputy_told
from tasks.people.standing_in import acts_for, hand_on

#: A longer absence is a slip, or an office that is to be given to somebody else.
LONGEST = timedelta(days=366)


class _OfPersonForm(ActForm):
    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who is away", description="Who is away: e-mail address, number or name."
    )


class AbsenceForm(_OfPersonForm):
    """Note that somebody is away, and who deputizes."""

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


class BackForm(_OfPersonForm):
    """An absence is over from this moment, or will not be. What was decided meanwhile stays decided."""


class DeputyForm(_OfPersonForm):
    """Somebody else deputizes from this moment through the end of an absence."""

    deputy: Annotated[PersonRef, OnCommand("--deputy")] = Field(
        title="Deputy", description="Who decides and is asked from now on."
    )


async def _refuse_gain(context: ActContext, person_id: int, deputy_id: int, first: date, last: date) -> None:
    """Whoever notes another's absence gains nothing by it, nor does anybody for whom they stand in."""
    if person_id != context.person_id and deputy_id in await acts_for(context, last, first=first):
        raise NotAllowed(
            "Nobody makes themselves somebody else's deputy, nor whom they stand in for: name somebody else "
            "with --deputy."
        )


def _refuse_deputy(person_id: int, stands_in: Person) -> None:
    if person_id == stands_in.id:
        raise BadInput("Nobody deputizes for themselves: name somebody else with --deputy.")
    if stands_in.kind is PersonKind.STUDENT:
        raise NotAllowed("A student can't deputize.")


async def _away(context: ActContext, person_id: int, first: date, last: date) -> Absence | None:
    """The first absence of a person that meets these days."""
    asked = (
        of_model(Absence)
        .where(
            col(Absence.person_id) == person_id,
            col(Absence.starts_on) <= last,
            col(Absence.ends_on) >= first,
            col(Absence.ends_on) >= col(Absence.starts_on),  # else it never began
        )
        .order_by(col(Absence.starts_on))
    )
    return (await context.session.exec(asked)).first()


async def _refuse_overlap(context: ActContext, person_id: int, first: date, last: date) -> None:
    if (one := await _away(context, person_id, first, last)) is not None:
        raise AlreadyDone(
            f"They are noted as away from {one.starts_on} through {one.ends_on}, and the two would overlap: "
            f"end that one first with `steward absence end {person_id}`, then note it as it is."
        )


async def _refuse_absent(context: ActContext, deputy_id: int, first: date, last: date) -> None:
    if (one := await _away(context, deputy_id, first, last)) is not None:
        raise BadInput(
            f"The deputy is away too, from {one.starts_on} through {one.ends_on}: name somebody who is here."
        )


async def _standing(context: ActContext, person_id: int) -> Absence:
    """The absence that stands today, or the next one. Raises NotNow."""
    found = await _away(context, person_id, context.today, date.max)
    if found is None:
        raise NotNow("They are not noted as away, today or later: `steward absences` shows who is.")
    return found


#: Where the one who keeps the policy is ill, whoever gives offices says so.
_NOTING = THEMSELVES | THEIR_SCHOOL | POLICY_OFFICE | GIVING_OFFICES


@act(
    AbsenceForm,
    who=_NOTING,
    does="notes an absence",
    control=(Approval,),
    in_person=True,
)
async def note_absence(context: ActContext, form: AbsenceForm) -> Receipt:
    """Somebody is away; the deputy, or the policy's default for their office, decides and is asked meanwhile.

    The default is never who notes another's absence, nor whom they stand in for.
    Raises BadInput, Unknown, AlreadyDone, NotAllowed for a student as the deputy.
    """
    first, last = form.starts_on, form.ends_on
    check_days(first, last, context.today)
    if last - first >= LONGEST:
        raise BadInput(
            f"That is {(last - first).days + 1} days: an absence is a year at most. Is the year right? Who "
            "stays away longer is noted as away again, or the office is given to somebody else."
        )
    person, person_id = await stored(context, form.person)
    if form.deputy is not None:
        stands_in, deputy_id = await stored(context, form.deputy)
        await _refuse_gain(context, person_id, deputy_id, first, last)
    else:
        own = person_id == context.person_id
        gains = frozenset[int]() if own else await acts_for(context, last, first=first)
        stands_in = await default_deputy(
            context.session, context.policy, person_id, first, last, but_not=gains
        )
        deputy_id = stands_in.id or 0
    _refuse_deputy(person_id, stands_in)
    await _refuse_overlap(context, person_id, first, last)
    await _refuse_absent(context, deputy_id, first, last)
    absence = table_of(Absence)
    made = await context.session.run(
        insert(absence)
        .values(person_id=person_id, deputy_id=deputy_id, starts_on=first, ends_on=last)
        .returning(absence.c.id)
    )
    number = int(made.scalar_one())
    cause = f"absence:{number}"
    told = told_in_digest(context, person_id, "absence", Approval, cause, first, last)
    asked = told_in_digest(
        context, deputy_id, "absence's deputy", Approval, cause, first, last, away=person_id
    )
    noted = Absence(id=number, person_id=person_id, deputy_id=deputy_id, starts_on=first, ends_on=last)
    offices = await deputy_told(context, noted, deputy_id)
    subject = await wake(context, person_id, (*told, *asked, *offices))
    body = {"absence": number, "deputy": deputy_id}
    await context.note(subject, control="", cause="absence noted", body=body)
    return Receipt(subject, "noted", f"{stands_in.name} deputizes for {person.name} {days(first, last)}.")


@act(
    BackForm,
    who=_NOTING,
    does="ends an absence",
    control=(Approval,),
)
async def end_absence(context: ActContext, form: BackForm) -> Receipt:
    """End the absence that stands, or the next one, from this moment.

    The person decides again and the deputy no longer; what the deputy decided stays. What only the person can
    do and what fell due meanwhile is asked again, with new days. Raises NotNow, Unknown.
    """
    person, person_id = await stored(context, form.person)
    absence = await _standing(context, person_id)
    first = absence.starts_on
    await context.session.run(
        update(Absence).where(col(Absence.id) == absence.id).values(ends_on=context.today - timedelta(days=1))
    )
    cause = f"absence:{absence.id}/ended"
    steps: list[Step] = [
        *told_in_digest(context, person_id, "absence's end", Approval, cause, first),
        *await _asked_again(context, person_id),
    ]
    if (deputy := absence.deputy_id) is not None:
        steps += await deputy_told(context, absence, deputy, ended=True)
        steps += told_in_digest(context, deputy, "absence's end", Approval, cause, first, away=person_id)
    subject = await wake(context, person_id, tuple(steps))
    await context.note(subject, control="", cause="absence ended", body={"absence": absence.id})
    return Receipt(
        subject, "ended", f"{person.name} is here and decides again from now on; what was decided stays."
    )


async def _asked_again(context: ActContext, person_id: int) -> list[Step]:
    """New days for what only the person can do and what fell due in the absence; a letter for each."""
    asked = of_model(ActionItem).where(
        col(ActionItem.person_id) == person_id,
        col(ActionItem.state) == ItemState.OPEN,
        col(ActionItem.kind).in_(PERSONAL),
    )
    steps: list[Step] = []
    for item in (await context.session.exec(asked.order_by(col(ActionItem.id)))).all():
        if item.due_on < context.today:
            terms = context.policy.terms(item.kind)
            item.due_on = context.calendar.due_after(context.today, school_days=terms.due_school_days)
            item.next_step_on, item.climbed_to = None, None
            context.session.add(item)
        about = Subject(SubjectKind.ITEM, item.id or 0)
        cause = f"{about}/back/{context.now:%Y%m%dT%H%M%S}"
        steps.append(Tell(ItemReminder(item_id=item.id or 0), person_id, cause, about))
    await context.session.flush()
    return steps


@act(
    DeputyForm,
    who=_NOTING,
    does="names another deputy",
    control=(Approval,),
    in_person=True,
)
async def change_deputy(context: ActContext, form: DeputyForm) -> Receipt:
    """Name another deputy for the absence that stands, or the next one, from this moment.

    What the former deputy decided stays decided. Raises BadInput, AlreadyDone, NotNow, NotAllowed, Unknown.
    """
    person, person_id = await stored(context, form.person)
    absence = await _standing(context, person_id)
    stands_in, deputy_id = await stored(context, form.deputy)
    first, last = absence.starts_on, absence.ends_on
    _refuse_deputy(person_id, stands_in)
    await _refuse_gain(context, person_id, deputy_id, first, last)
    if deputy_id == absence.deputy_id:
        raise AlreadyDone("They deputize in that absence already.")
    await _refuse_absent(context, deputy_id, max(first, context.today), last)
    subject = await wake(context, person_id, tuple(await hand_on(context, absence, deputy_id)))
    return Receipt(subject, "changed", f"{stands_in.name} deputizes for {person.name} {days(first, last)}.")
