"""Offices that no roster tells: given and ended. Days are of the division's zone; both ends are included."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, or_, select

from policy.controls.administrators import Administrators
from policy.roster_offices import SOURCE as BY_ROSTER
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.forms import ActForm, Day, Line, OfficeId, OnCommand, PersonRef, Reason
from schemas.outcome import RoleAt
from schemas.people import Role
from schemas.receipt import Receipt
from schemas.words import PersonKind
from tasks.acts.act import act, always
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import GIVING_OFFICES
from tasks.people.ending import announced, ended_at_once
from tasks.people.leavers import Broken, broken_now, lacking_since
from tasks.people.noting import check_days, days, stored, tell_offices, wake
from tasks.people.standing_in import acts_for, stands_in_no_longer
from tasks.people.terms import end_terms, not_begun, terms
from tasks.store import lookup
from tasks.store.holders import holders, nobody_gives_offices

SOURCE = "command line"  # of a role: no roster ends it


class _OfficeForm(ActForm):
    office: Annotated[OfficeId, OnCommand(positional=True)] = Field(title="Office")
    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who", description="Who holds it: e-mail address, number or name."
    )
    school: Line = Field(
        default="",
        title="School",
        description="The school at which it is held; leave it empty for an office that is no school's.",
    )


class GrantForm(_OfficeForm):
    """Give somebody an office of all schools, or of one."""

    starts_on: Annotated[Day | None, OnCommand("--from")] = Field(
        default=None, title="First day", description="As 2026-09-30; today if left out."
    )
    ends_on: Annotated[Day | None, OnCommand("--until")] = Field(
        default=None, title="Last day", description="As 2026-09-30, included; none if left out."
    )


class EndForm(_OfficeForm):
    """End an office after a day, or from this moment. What was decided before it stays decided."""

    last_day: Annotated[Day | None, OnCommand("--until")] = Field(
        default=None,
        title="Last day",
        description="As 2026-09-30; if left out, the first that may be given.",
    )
    at_once: bool = Field(
        default=False,
        title="At once",
        description="An emergency: from this moment nothing that they decide in it counts.",
    )
    reason: Reason = Field(title="Reason", description="Why it ends; the person reads this.")


@act(
    GrantForm,
    who=GIVING_OFFICES,
    does="gives an office",
    control=(Administrators,),
    first=True,
    in_person=True,
    dangerous=always,
)
async def grant_role(context: ActContext, form: GrantForm) -> Receipt:
    """Give somebody an office, from its first day through its last.

    Raises BadInput, Unknown, AlreadyDone when they hold it in those days already, NotAllowed for a student.
    """
    kind, session = form.office, context.session
    first, last = form.starts_on or context.today, form.ends_on
    check_days(first, last, context.today)
    label = context.policy.label(kind)
    at_school = context.policy.office(kind).at == "school"
    if at_school and not form.school:
        raise BadInput(f"The office of {label} is held at a school: name it with --school.")
    if form.school and not at_school:
        raise BadInput(f"The office of {label} is no school's own: leave --school out.")
    person, person_id = await stored(context, form.person)
    to_themselves = person_id == context.person_id
    gains = person_id in await acts_for(context, last)
    if gains and not (to_themselves and context.begins and await _is_the_first(context)):
        raise NotAllowed(
            "Nobody gives an office to themselves, nor to whom they stand in for, today or later: ask "
            "somebody else who may give it."
        )
    if person.kind is PersonKind.STUDENT:
        raise NotAllowed("A student holds no office.")
    where = await lookup.school(session, form.school) if form.school else None
    if where is not None and where.is_division:
        raise BadInput("This is the head office and no school: name a school.")
    school_id = where.id if where else None
    await _refuse_overlap(context, person_id, kind, school_id, first, last)
    row = table_of(Role)
    values = {"person_id": person_id, "kind": kind, "school_id": school_id, "source": SOURCE}
    made = await session.run(insert(row).values(**values, starts_on=first, ends_on=last).returning(row.c.id))
    number = int(made.scalar_one())
    told = told_in_digest(
        context, person_id, "office", Administrators, f"office:{number}", first, last, office=kind
    )
    changed = tell_offices(
        context,
        person_id,
        f"office:{number}",
        "given",
        office=kind,
        school_id=school_id,
        first=first,
        last=last,
    )
    subject = await wake(context, person_id, (*told, *changed))
    await context.note(
        subject,
        control="",
        cause="office given",
        body={"role": number, "kind": kind, "school": school_id, **_first_of_all(to_themselves)},
    )
    place = f" at {where.name}" if where else ""
    said = [f"{person.name} is {label}{place} {days(first, last)}."]
    said.append(_until_then(await _nobody_gives(context, kind)))
    return Receipt(subject, "given", " ".join(one for one in said if one))


def _first_of_all(to_themselves: bool) -> Mapping[str, bool]:
    """What the entry says where somebody gave the first office of all to themselves."""
    return {"to themselves": True} if to_themselves else {}


async def _is_the_first(context: ActContext) -> bool:
    """Whether nobody ever held an office of the division: an empty store, and not one that was emptied."""
    role = table_of(Role).c
    ever = await context.session.run(select(role.id).where(role.school_id.is_(None)).limit(1))
    return ever.first() is None


async def _refuse_overlap(
    context: ActContext,
    person_id: int,
    kind: str,
    school_id: int | None,
    first: date,
    last: date | None,
) -> None:
    role = table_of(Role).c
    at = role.school_id.is_(None) if school_id is None else role.school_id == school_id
    rows = select(role.starts_on, role.ends_on).where(
        role.person_id == person_id,
        role.kind == kind,
        at,
        or_(role.ends_on.is_(None), role.ends_on >= first),
        or_(role.ends_on.is_(None), role.ends_on >= role.starts_on),  # else it never began
        role.starts_on <= (last or date.max),
    )
    held = (await context.session.run(rows)).first()
    if held is not None:
        raise AlreadyDone(f"They hold this office {days(held.starts_on, held.ends_on)} already.")


@act(
    EndForm,
    who=GIVING_OFFICES,
    does="ends an office",
    control=(Administrators,),
    in_person=True,
    dangerous=always,
)
async def end_role(context: ActContext, form: EndForm) -> Receipt:
    """End an office after its last day, or from this moment, with all its terms to come.

    `role grant` gives it again. Raises AlreadyDone, Unknown, BadInput when they do not hold it, or for a day
    that is too soon; NotAllowed for who stands in for them, and where at once nobody would be left who gives
    offices.
    """
    session, kind = context.session, form.office
    person, person_id = await stored(context, form.person, must_be_active=False)
    where = await lookup.school(session, form.school) if form.school else None
    role = table_of(Role)
    at = role.c.school_id.is_(None) if where is None else role.c.school_id == where.id
    held = await terms(context, role, role.c.person_id == person_id, role.c.kind == kind, at)
    if not held:
        raise BadInput("They do not hold this office there: nothing to end.")
    if person_id in await acts_for(context) - {context.person_id}:
        raise NotAllowed(
            "Who stands in for somebody, today or later, does not end their office: ask somebody else who "
            f"may, or first name another deputy with `steward absence deputy {person_id}`."
        )
    before = await broken_now(session, context.policy, context.today) if form.at_once else None
    end = await end_terms(context, role, held, form.last_day, at_once=form.at_once)
    nobody = await _nobody_gives(context, kind)
    if nobody == context.today and form.at_once:
        raise NotAllowed("Nobody could give an office then: give one of those that do to somebody first.")
    cause, school_id = f"office:{min(end.changed)}/{end.last}", where.id if where else None
    told = (
        await ended_at_once(context, person_id, cause, form.reason, office=kind, school_id=school_id)
        if form.at_once
        else announced(context, person_id, cause, end.last, form.reason, office=kind, school_id=school_id)
    )
    changed = tell_offices(
        context,
        person_id,
        cause,
        "ends",
        office=kind,
        school_id=school_id,
        last=end.last,
        told_already=(context.policy.duties.keeps_policy,) if form.at_once else (),
    )
    handed, without = await stands_in_no_longer(context, person_id) if form.at_once else ((), ())
    subject = await wake(context, person_id, (*told, *changed, *handed))
    for number, day in end.changed.items():
        body = {"role": number, "last day": day.isoformat(), "at once": form.at_once}
        await context.note(subject, control="", cause="office ended", body=body)
    label = context.policy.label(kind)
    if not form.at_once:
        said = [f"{person.name} is {label} through {end.last}."]
    elif end.running:
        said = [f"{person.name} is no longer {label}, from this moment."]
    else:
        said = [f"{person.name} does not become {label}."]
    said.append(not_begun(end))
    if before is not None:
        said += await _missed(context, RoleAt(kind, school_id), before)
    if without:
        names = ", ".join(without)
        said.append(f"Nobody deputizes any more for {names}: name somebody with `steward absence deputy`.")
    said.append(_until_then(nobody))
    said.append(await _by_roster(context, tuple(end.changed)))
    return Receipt(subject, "ended", " ".join(one for one in said if one))


async def _missed(context: ActContext, office: RoleAt, before: Broken) -> Sequence[str]:
    """Whether nobody holds an office any more that ended at once, and the accounts that lack somebody."""
    said, label = list[str](), context.policy.label(office.role)
    if not await holders(context.session, office, context.today):
        said.append(f"Nobody is {label} there now." if office.school_id else f"Nobody is {label} now.")
    return [*said, *await lacking_since(context, before)]


async def _by_roster(context: ActContext, terms_ended: Sequence[int]) -> str:
    """The sentence on an office that a roster gave; empty for others."""
    role = table_of(Role).c
    given = await context.session.run(
        select(role.id).where(role.id.in_(terms_ended), role.source == BY_ROSTER)
    )
    if given.first() is None:
        return ""
    return "A roster gave this office: have it taken out there too. It comes back only with a new first day."


async def _nobody_gives(context: ActContext, kind: str) -> date | None:
    """The first day on which nobody gives offices, where this is one that does."""
    if kind not in context.policy.duties.gives_offices:
        return None
    return await nobody_gives_offices(context.session, context.policy, context.today)


def _until_then(nobody: date | None) -> str:
    if nobody is None:
        return ""
    return f"From {nobody} on nobody gives offices: give one of those that do to somebody before."
