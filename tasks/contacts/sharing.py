"""Sharing a student's attempt to reach you in private, and who may see what was shared."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import delete, exists, func, insert, literal, select, update
from sqlmodel import col
from sqlmodel import select as rows_of

from policy.controls import Mode
from policy.controls.contact_report import Contacts
from policy.model import Policy
from policy.notices.contacts import ContactShared
from schemas.columns import table_of
from schemas.contacts import ContactReport
from schemas.errors import BadInput, NotNow
from schemas.forms import ActForm, Day, OnCommand, PlatformId, Prose
from schemas.outcome import Ask, Outcome, RoleAt, Settle, Subject, Tell
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.words import ItemKind, PersonKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ANYBODY, Who, holds
from tasks.store import lookup
from tasks.store.climbed import climbed_to
from tasks.store.holders import holders


class ContactForm(ActForm):
    """A student tried to reach you through a private account. Your supervisor should know.

    Name no student: what happened is enough. Only your supervisor, you, and the office that the policy names
    can see it, and it is deleted after the policy's days.
    """

    says: Annotated[Prose, Field(min_length=3)] = Field(
        title="What happened", description="What was tried, without anybody's name."
    )
    did: Prose = Field(
        default="", title="What you did", description="For example, that you pointed to the class page."
    )
    on: Day | None = Field(default=None, title="Day", description="As 2026-09-30; today if left out.")
    platform: PlatformId | None = Field(default=None, title="Platform")


class ContactNumberForm(ActForm):
    """The number of a report that was shared."""

    report: Annotated[int, OnCommand(positional=True)] = Field(title="Report number", ge=1)


class ContactLookForm(ContactNumberForm):
    """Look at what was shared with you. That you looked is recorded."""


class ContactWithdrawalForm(ContactNumberForm):
    """Take back what you shared: it is deleted at once."""


class ContactListForm(ActForm):
    """The reports that you may see, without what they say."""


def _office(policy: Policy) -> str:
    control = policy.first(Contacts)
    return f"the {policy.label(control.seen_by)}" if control else "nobody"


async def sees(context: ActContext, report: ContactReport) -> Right | None:
    """The right in which who acts may see a report."""
    me = context.person_id
    if me in {report.person_id, report.shared_with_id}:
        return Right()
    control = context.policy.first(Contacts)
    near = [RoleAt(report.shared_role, report.shared_school_id)] if report.shared_role else []
    return await holds(context, *near, *([RoleAt(control.seen_by)] if control else []))


async def _is_asked(context: ActContext, report: ContactReport) -> bool:
    """Whether it was shared with who acts, or has climbed to them: their look is the one that is awaited."""
    if report.shared_with_id == context.person_id:
        return True
    about = Subject(SubjectKind.CONTACT, report.id or 0)
    near = [RoleAt(report.shared_role, report.shared_school_id)] if report.shared_role else []
    late = await climbed_to(context.session, context.policy, ItemKind.SEE_CONTACT, about, None)
    return report.person_id != context.person_id and await holds(context, *near, *late) is not None


async def _may_look(context: ActContext, form: ContactNumberForm) -> Right | None:
    return await sees(context, await lookup.by_id(context.session, ContactReport, form.report))


async def _own(context: ActContext, form: ContactNumberForm) -> Right | None:
    report = await lookup.by_id(context.session, ContactReport, form.report)
    return Right() if report.person_id == context.person_id else None


@act(ContactForm, who=ANYBODY, does="shares what happened", control=(Contacts,), in_person=True)
async def report_contact(context: ActContext, form: ContactForm) -> Receipt:
    """Keep what happened, and ask the supervisor to look.

    Raises BadInput where it names a student whom we know, and for a day to come; NotNow where the policy
    keeps no such reports.
    """
    control = context.policy.first(Contacts)
    if control is None:
        raise NotNow("The policy keeps no reports of this: speak with your supervisor.")
    happened_on = form.on or context.today
    if happened_on > context.today:
        raise BadInput("That day has not come yet: give the day on which it happened.")
    await _refuse_students(context, f"{form.says} {form.did}")
    person = await lookup.by_id(context.session, Person, context.person_id)
    to = await _shared_with(context, person, control)
    made = await context.session.run(
        insert(table_of(ContactReport))
        .values(
            person_id=context.person_id,
            happened_on=happened_on,
            platform=form.platform or "",
            says=form.says,
            did=form.did,
            reported_at=context.now,
            recorded_via=context.actor.via,
            shared_with_id=to if isinstance(to, int) else None,
            shared_role=to.role if isinstance(to, RoleAt) else None,
            shared_school_id=to.school_id if isinstance(to, RoleAt) else None,
            delete_on=context.today + timedelta(days=control.kept_days),
        )
        .returning(col(ContactReport.id))
    )
    number = int(made.scalar_one() or 0)
    await _note(context, number, "contact reported")
    if control.mode is Mode.ENFORCE:
        about = Subject(SubjectKind.CONTACT, number)
        days = context.policy.terms(ItemKind.SEE_CONTACT).due_school_days
        due_on = context.calendar.due_after(context.today, school_days=days)
        told = ContactShared(control=control.name, due_on=due_on)
        ask = Ask(f"{about}/see", ItemKind.SEE_CONTACT, to, about, control.name, due_on)
        await context.apply(Outcome((ask, Tell(told, to, f"{about}/shared", about))))
    says = f"It is shared as report {number}, and deleted after {control.kept_days} days."
    return Receipt(Subject(SubjectKind.CONTACT, number), "shared", says)


@act(
    ContactLookForm,
    who=Who(lambda policy: f"who shared it, their supervisor and {_office(policy)}", _may_look),
    does="look at it",
    control=(Contacts,),
    in_person=True,
)
async def show_contact(context: ActContext, form: ContactLookForm) -> Receipt:
    """Give what was shared, and record who looked; whoever it was shared with has seen it then."""
    report = await lookup.by_id(context.session, ContactReport, form.report)
    await _note(context, form.report, "contact report looked at")
    about = Subject(SubjectKind.CONTACT, form.report)
    if report.seen_at is None and await _is_asked(context, report):
        await context.session.run(
            update(table_of(ContactReport))
            .where(col(ContactReport.id) == form.report)
            .values(seen_at=context.now, seen_by_id=context.person_id)
        )
        await context.apply(Outcome((Settle(about=about, kinds=(ItemKind.SEE_CONTACT,)),)))
    who = await lookup.by_id(context.session, Person, report.person_id)
    where = f", {report.platform}" if report.platform else ""
    lines = [f"Report {form.report} of {who.name}, {report.happened_on}{where}:", report.says]
    if report.did:
        lines.append(f"What they did: {report.did}")
    lines.append(f"It is deleted on {report.delete_on}.")
    return Receipt(about, "shown", "\n".join(lines))


@act(
    ContactWithdrawalForm,
    who=Who("who shared it", _own),
    does="takes it back",
    control=(Contacts,),
    in_person=True,
)
async def withdraw_contact(context: ActContext, form: ContactWithdrawalForm) -> Receipt:
    """Delete a report at once, for whoever shared it."""
    await _note(context, form.report, "contact report withdrawn")
    about = Subject(SubjectKind.CONTACT, form.report)
    await context.apply(Outcome((Settle(about=about, kinds=(ItemKind.SEE_CONTACT,), done=False),)))
    await context.session.run(delete(table_of(ContactReport)).where(col(ContactReport.id) == form.report))
    return Receipt(about, "withdrawn", f"Report {form.report} is deleted.")


@act(ContactListForm, who=ANYBODY, does="lists what they may see", control=(Contacts,), in_person=True)
async def list_contacts(context: ActContext, form: ContactListForm) -> Receipt:  # noqa: ARG001 - every act has one
    """The reports that who acts may see: number, day, whether it was seen, and when it goes."""
    rows = (await context.session.exec(rows_of(ContactReport).order_by(col(ContactReport.id)))).all()
    mine = [one for one in rows if await sees(context, one) is not None]
    lines = [
        f"Report {one.id}: {one.happened_on}, {'seen' if one.seen_at else 'new'}, goes on {one.delete_on}."
        for one in mine
    ]
    about = Subject(SubjectKind.PERSON, context.person_id)
    return Receipt(about, "listed", "\n".join(lines) or "There is no report that you may see.")


async def _shared_with(context: ActContext, person: Person, control: Contacts) -> int | RoleAt:
    """The supervisor; else who runs the school; where that is the person or nobody, the policy's office."""
    if person.supervisor_id is not None:
        supervisor = await lookup.by_id(context.session, Person, person.supervisor_id)
        if supervisor.active and supervisor.id != person.id:
            return supervisor.id or 0
    if person.school_id is not None:
        office = RoleAt(context.policy.duties.runs_school, person.school_id)
        there = [one.person_id for one in await holders(context.session, office, context.today)]
        if there and person.id not in there:
            return office
    return RoleAt(control.seen_by)


async def _refuse_students(context: ActContext, text: str) -> None:
    """Raises BadInput where the text has the full name of a student whom we know."""
    name = func.lower(col(Person.given_name) + " " + col(Person.family_name))
    named = exists().where(
        col(Person.kind) == PersonKind.STUDENT,
        literal(" ".join(text.split()).lower()).contains(name),
    )
    if (await context.session.run(select(named))).scalar_one():
        raise BadInput("This names a student: say what happened without anybody's name.")


async def _note(context: ActContext, number: int, cause: str) -> None:
    name = context.policy.name_of(Contacts)
    await context.note(Subject(SubjectKind.CONTACT, number), control=name, cause=cause, body={})
