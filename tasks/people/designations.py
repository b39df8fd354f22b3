"""Designations: who administers accounts in an office's place. Days of the division's zone, ends included."""

from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, or_, select

from policy.controls.administrators import Administrators
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.forms import ActForm, Day, OnCommand, PersonRef, Reason
from schemas.people import Designation
from schemas.receipt import Receipt
from schemas.words import PersonKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.recorded import told_in_digest
from tasks.acts.who import DESIGNATING_OFFICE
from tasks.people.ending import announced, day_of_end, end_accesses_now, ended_at_once
from tasks.people.noting import check_days, days, stored, tell_offices, wake
from tasks.store import lookup


class DesignationForm(ActForm):
    """Designate somebody to administer accounts in the place of an office that should, or one of them."""

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


class EndOfDesignationForm(ActForm):
    """End a designation. The accesses that hang on it end with it, and their holder is told first."""

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Who", description="Who is designated: e-mail address, number or name."
    )
    account: int | None = Field(
        default=None,
        ge=1,
        title="Account number",
        description="Only the one for this account; for all if left out.",
    )
    last_day: Annotated[Day | None, OnCommand("--until")] = Field(
        default=None,
        title="Last day",
        description="As 2026-09-30; if left out, the first that may be given.",
    )
    at_once: bool = Field(
        default=False, title="At once", description="An emergency: it ends from this moment."
    )
    reason: Reason = Field(title="Reason", description="Why it ends; the person reads this.")


@act(DesignationForm, who=DESIGNATING_OFFICE, does="designates", control=(Administrators,), in_person=True)
async def designate(context: ActContext, form: DesignationForm) -> Receipt:
    """Somebody may administer the accounts whose policy allows it, or one of them.

    Raises BadInput, Unknown, AlreadyDone, NotAllowed for a student.
    """
    session, account = context.session, form.account
    first, last = form.starts_on or context.today, form.ends_on
    check_days(first, last, context.today)
    person, person_id = await stored(context, form.person)
    if person.kind is PersonKind.STUDENT:
        raise NotAllowed("A student can't be designated to administer an account.")
    control = await _control(context, account)
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
    cause = f"designation:{number}"
    changed = tell_offices(context, person_id, cause, "designated", first=first, last=last)
    subject = await wake(context, person_id, (*told, *changed))
    body = {"designation": number, "account": account}
    await context.note(subject, control=control, cause="designated", body=body)
    what = "all such accounts" if account is None else f"account {account}"
    return Receipt(subject, "designated", f"{person.name} is designated for {what} {days(first, last)}.")


async def _control(context: ActContext, account: int | None) -> str:
    """The name of the control that lets somebody be designated for this account, or any. Raises BadInput."""
    policy = context.policy
    controls = policy.of(Administrators)
    if account is not None:
        level = (await lookup.by_id(context.session, Account, account)).level
        controls = policy.applying(Administrators, level=level)
    found = next((one.name for one in controls if one.or_designated), None)
    if found is None:
        where = "any account" if account is None else f"account {account}"
        raise BadInput(f"The policy has nobody designated for {where}.")
    return found


@act(
    EndOfDesignationForm,
    who=DESIGNATING_OFFICE,
    does="ends a designation",
    control=(Administrators,),
    in_person=True,
)
async def end_designation(context: ActContext, form: EndOfDesignationForm) -> Receipt:
    """End a designation after its last day, or from this moment; the accesses that hang on it end too.

    Designated again before the last day, the person keeps them. Ended at once, the accesses end in the name
    of who ends it. Raises AlreadyDone, BadInput, NotNow, Unknown.
    """
    person, person_id = await stored(context, form.person, must_be_active=False)
    row, connection = table_of(Designation), await context.session.connection()
    of = row.c.account_id.is_(None) if form.account is None else row.c.account_id == form.account
    standing = (
        await connection.execute(
            select(row.c.id, row.c.starts_on, row.c.ends_on).where(
                row.c.person_id == person_id,
                of,
                or_(row.c.ends_on.is_(None), row.c.ends_on >= context.today),
            )
        )
    ).first()
    if standing is None:
        raise NotNow("They are not designated for that: `steward designations` shows who is.")
    last = day_of_end(context, form.last_day, standing.ends_on, at_once=form.at_once)
    if not form.at_once:
        check_days(standing.starts_on, last, context.today)
    await connection.execute(row.update().where(row.c.id == standing.id).values(ends_on=last))
    cause = f"designation:{standing.id}/{last}"
    if form.at_once:
        told = await ended_at_once(context, person_id, cause, form.reason)
        kept = await end_accesses_now(context, person_id, last)
    else:
        kept = ()
        told = announced(context, person_id, cause, last, form.reason)
    already = (context.policy.duties.keeps_policy,) if form.at_once else ()
    changed = tell_offices(context, person_id, cause, "designation ends", last=last, told_already=already)
    subject = await wake(context, person_id, (*told, *changed))
    body = {"designation": standing.id, "last day": last.isoformat(), "at once": form.at_once}
    control = await _control(context, form.account)
    await context.note(subject, control=control, cause="designation ended", body=body)
    until = "from this moment" if form.at_once else f"after {last}"
    said = [f"{person.name} is not designated {until}; the accesses that hang on it end too."]
    if kept:
        policy, accounts = context.policy, ", ".join(str(one) for one in kept)
        office = policy.label(policy.duties.keeps_policy)
        said.append(
            f"Nobody else can reach account {accounts}."
            if len(kept) == 1
            else f"Nobody else can reach accounts {accounts}."
        )
        said.append(
            f"There the access stays until somebody else has it, and the {office} is asked now to take hold."
        )
    return Receipt(subject, "ended", " ".join(said))
