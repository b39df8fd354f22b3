"""A school's administration says that the list of its accounts is right, and strikes what is not wanted."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import insert

from policy.controls.inventory import Inventory
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import BadInput
from schemas.forms import ActForm, Line, OnCommand
from schemas.inventory import ListConfirmation
from schemas.outcome import Outcome, RoleAt, Settle, Subject
from schemas.people import School
from schemas.receipt import Receipt
from schemas.words import ItemKind, SubjectKind
from tasks.accounts.closing import announce_closing
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import POLICY_OFFICE, Who, holds, in_office
from tasks.inventory.lists import school_lists
from tasks.store import lookup
from tasks.store.climbed import climbed_to


class SchoolListForm(ActForm):
    """The list of a school's accounts, and of who administers them, is right; but for those that you strike.

    A missing account is asked for with a request. Administrators are changed at the account, before or after.
    """

    school: Annotated[Line, OnCommand(positional=True)] = Field(title="School", description="Name or number.")
    strike: tuple[int, ...] = Field(
        default=(),
        title="No longer wanted",
        description="The number of an account that the school does not want; several may be named. Each is "
        "closed after a last day, and its people are told.",
    )


async def _school(context: ActContext, form: SchoolListForm) -> School:
    """A school that is there. Raises BadInput for the division's office, Unknown."""
    school = await lookup.school(context.session, form.school)
    if school.is_division:
        raise BadInput("This is the head office and no school: name a school.")
    return school


async def _administration(context: ActContext, form: Any) -> Right | None:
    """The administration of the school, or an office that is asked because the answer is late."""
    school = await _school(context, form)
    about = Subject(SubjectKind.SCHOOL, school.id or 0)
    late = await climbed_to(context.session, context.policy, ItemKind.CONFIRM_LIST, about, school.id)
    return await holds(context, RoleAt(context.policy.duties.runs_school, school.id), *late)


@act(
    SchoolListForm,
    who=Who("the administration of the school", _administration, in_office) | POLICY_OFFICE,
    does="confirms its list",
    control=(Inventory,),
)
async def confirm_list(context: ActContext, form: SchoolListForm) -> Receipt:
    """Record that the list is right, and announce the last day of each account that is struck.

    Said again it is recorded again: a list changes. Of an account that is to be closed already the day stays.
    Raises BadInput for a number that is not on the list, Unknown.
    """
    school = await _school(context, form)
    (facts,) = await school_lists(context.session, [school.id or 0])
    strangers = sorted(set(form.strike) - set(facts.accounts))
    if strangers:
        raise BadInput(
            f"Account {strangers[0]} is not on the list of this school: `steward account list --school "
            f"{school.id}` shows the list."
        )
    days = []
    for number in dict.fromkeys(form.strike):
        account = await lookup.by_id(context.session, Account, number)
        days.append(
            account.closes_on
            or await announce_closing(context, account, "Its school does not want it any more.")
        )
    kept = [one for one in facts.accounts if one not in form.strike]
    made = await context.session.run(
        insert(table_of(ListConfirmation))
        .values(
            school_id=school.id,
            confirmed_at=context.now,
            confirmed_by_id=context.person_id,
            confirmed=kept,
            struck=sorted(set(form.strike)),
            recorded_via=context.actor.via,
        )
        .returning(table_of(ListConfirmation).c.id)
    )
    subject = Subject(SubjectKind.SCHOOL, school.id or 0)
    await context.note(
        subject,
        control=next((one.name for one in context.policy.of(Inventory)), ""),
        cause="list confirmed",
        body={"confirmation": made.scalar_one(), "confirmed": kept, "struck": sorted(set(form.strike))},
    )
    await context.apply(Outcome((Settle(about=subject, kinds=(ItemKind.CONFIRM_LIST,)),)))
    said, which = [f"The list of {school.name} is confirmed."], ", ".join(map(str, kept))
    if len(kept) == 1:
        said.append(f"1 account is on it: account {which}.")
    elif kept:
        said.append(f"{len(kept)} accounts are on it: accounts {which}.")
    if len(days) == 1:
        said.append(f"1 account is closed after {max(days)}; `steward account keep` undoes it.")
    elif days:
        said.append(f"{len(days)} accounts are closed after {max(days)}; `steward account keep` undoes it.")
    return Receipt(subject, "confirmed", " ".join(said))
