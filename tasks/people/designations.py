"""Designations: who administers division-wide channels. Days are of the division's zone, ends included."""

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, or_, select

from policy.controls.administrators import Administrators
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.forms import ActForm, Day, OnCommand, PersonRef
from schemas.people import Designation
from schemas.receipt import Receipt
from schemas.words import Level, PersonKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import SUPERINTENDENTS_OFFICE
from tasks.people.noting import check_days, days, stored, wake
from tasks.store import lookup


class DesignationForm(ActForm):
    """Designate somebody to administer division-wide channels, or one of them."""

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who", description="Who is designated: e-mail address, number or name."
    )
    account: int | None = Field(
        default=None, ge=1, title="Account number", description="Only for this account; for all if left out."
    )
    starts_on: Annotated[Day | None, OnCommand("--from")] = Field(
        default=None, title="First day", description="As 2026-09-30; today if left out."
    )
    ends_on: Annotated[Day | None, OnCommand("--until")] = Field(
        default=None, title="Last day", description="As 2026-09-30, included; none if left out."
    )


@act(DesignationForm, who=SUPERINTENDENTS_OFFICE, does="designates", control=(Administrators,))
async def designate(context: ActContext, form: DesignationForm) -> Receipt:
    """Somebody may administer division-wide channels, or one of them.

    Raises BadInput, Unknown, AlreadyDone, NotAllowed for a student.
    """
    session, account = context.session, form.account
    first, last = form.starts_on or context.today, form.ends_on
    check_days(first, last, context.today)
    person, person_id = await stored(context, form.person)
    if person.kind is PersonKind.STUDENT:
        raise NotAllowed("A student can't be designated to administer division-wide channels.")
    if account is not None and (await lookup.by_id(session, Account, account)).level is not Level.DIVISION:
        raise BadInput(f"Account {account} is not division-wide: nobody is designated for it.")
    row = table_of(Designation)
    connection = await session.connection()
    same = row.c.account_id.is_(None) if account is None else row.c.account_id == account
    standing = await connection.execute(
        select(row.c.id).where(
            row.c.person_id == person_id,
            same,
            row.c.starts_on <= (last or date.max),
            or_(row.c.ends_on.is_(None), row.c.ends_on >= first),
        )
    )
    if standing.first() is not None:
        raise AlreadyDone("They are designated for that in those days already.")
    made = await connection.execute(
        insert(row)
        .values(
            person_id=person_id,
            designated_by_id=context.person_id,
            account_id=account,
            starts_on=first,
            ends_on=last,
        )
        .returning(row.c.id)
    )
    number = int(made.scalar_one())
    told = told_in_digest(
        context, person_id, "designation", Administrators, f"designation:{number}", first, last
    )
    subject = await wake(context, person_id, told)
    body = {"designation": number, "account": account}
    control = context.policy.name_of(Administrators, level=Level.DIVISION)
    await context.note(subject, control=control, cause="designated", body=body)
    what = "all division-wide channels" if account is None else f"account {account}"
    return Receipt(subject, "designated", f"{person.name} is designated for {what} {days(first, last)}.")
