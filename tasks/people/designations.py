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
from tasks.people.ending import announced, end_accesses_now, ended_at_once
from tasks.people.noting import check_days, days, stored, tell_offices, wake
from tasks.people.standing_in import acts_for
from tasks.people.terms import end_terms, not_begun, terms
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
    if context.right.deputy_for is not None and person_id in await acts_for(context, last):
        raise NotAllowed(
            "A deputy designates neither themselves nor whom they stand in for: ask somebody else."
        )
    if person.kind is PersonKind.STUDENT:
        raise NotAllowed("A student can't be designated to administer an account.")
    control = await _control(context, account)
    row = table_of(Designation)
    same = row.c.account_id.is_(None) if account is None else row.c.account_id == account
    standing = await session.run(
        select(row.c.id).where(
            row.c.person_id == person_id,
            same,
            row.c.starts_on <= (last or date.max),
            or_(row.c.ends_on.is_(None), row.c.ends_on >= first),
            or_(row.c.ends_on.is_(None), row.c.ends_on >= row.c.starts_on),  # else it never began
        )
    )
    if standing.first() is not None:
        raise AlreadyDone("They are designated for that in those days already.")
    made = await session.run(
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

    Without an account, every designation of theirs ends: for single accounts too, and those to come.
    Designated again before the last day, the person keeps the accesses. Ended at once, the accesses end in
    the name of who ends it. Raises AlreadyDone, BadInput, NotNow, Unknown.
    """
    person, person_id = await stored(context, form.person, must_be_active=False)
    row = table_of(Designation)
    of = () if form.account is None else (row.c.account_id == form.account,)
    standing = await terms(context, row, row.c.person_id == person_id, *of)
    if not standing:
        raise NotNow("They are not designated for that: `steward designations` shows who is.")
    end = await end_terms(context, row, standing, form.last_day, at_once=form.at_once)
    cause = f"designation:{min(end.changed)}/{end.last}"
    if form.at_once:
        told = await ended_at_once(context, person_id, cause, form.reason)
        kept = await end_accesses_now(context, person_id, end.last)
    else:
        kept = ()
        told = announced(context, person_id, cause, end.last, form.reason)
    already = (context.policy.duties.keeps_policy,) if form.at_once else ()
    changed = tell_offices(context, person_id, cause, "designation ends", last=end.last, told_already=already)
    subject = await wake(context, person_id, (*told, *changed))
    control = await _control(context, form.account)
    for number, day in end.changed.items():
        body = {"designation": number, "last day": day.isoformat(), "at once": form.at_once}
        await context.note(subject, control=control, cause="designation ended", body=body)
    until = "from this moment" if form.at_once else f"after {end.last}"
    if form.account is None:
        said = [f"{person.name} is not designated {until}; the accesses that hang on it end too."]
    elif of_all := await terms(context, row, row.c.person_id == person_id, row.c.account_id.is_(None)):
        still = days(of_all[0].starts_on, of_all[0].ends_on)
        said = [f"The designation of {person.name} for account {form.account} alone counts no more {until}."]
        said.append(f"They still are for all such accounts {still}: leave the account out to end that too.")
    else:
        said = [f"{person.name} is not designated for account {form.account} {until}; the access ends too."]
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
    said.append(not_begun(end))
    return Receipt(subject, "ended", " ".join(one for one in said if one))
