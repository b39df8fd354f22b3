"""An account is handed over: to other administrators, at another school or not, in one act."""

from typing import Annotated

from pydantic import Field

from policy.controls.administrators import Administrators
from schemas.errors import AlreadyDone, BadInput
from schemas.forms import Line, OnCommand, PersonRef
from schemas.outcome import Step
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import AccessEnd, AccessRole, ItemKind
from tasks.accounts.administrators import announce_end, name
from tasks.accounts.changing import (
    ChangeForm,
    ChangeReason,
    accesses,
    carry_out,
    open_account,
    subject_of,
)
from tasks.accounts.renaming import move_to, new_school
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import APPROVER, climbed
from tasks.store import lookup


class HandOverForm(ChangeForm):
    """Hand an account over to other administrators, and to another school if you name one.

    Whoever is new passes the gates first. The others keep access through a last day that they are told.
    """

    administrators: Annotated[tuple[PersonRef, ...], OnCommand("--administrator")] = Field(
        title="Administrators", description="Who administers it from now on: address, number or name."
    )
    school: Line = Field(
        default="", title="School", description="The school it belongs to from now on; as before if left out."
    )
    reason: ChangeReason


@act(
    HandOverForm,
    who=APPROVER | climbed(ItemKind.SETTLE_MOVE),
    does="hands an account over",
    control=(Administrators,),
)
async def hand_over(context: ActContext, form: HandOverForm) -> Receipt:
    """Name the administrators from now on; the others' access ends after an announced last day.

    Where the actor does not approve such accounts, whoever does decides on the new people first. The
    others' access does not end before somebody else can reach the account. Raises BadInput, AlreadyDone,
    NotNow, Unknown.
    """
    account = await open_account(context, form.account)
    if not form.administrators:
        raise BadInput("Name who administers it from now on.")
    people = {await lookup.person_id(context.session, one): None for one in form.administrators}
    steps: list[Step] = []
    if form.school:
        school = await new_school(context, account, form.school)
        steps += await move_to(context, account, school, form.reason)
    there = [one for one in await accesses(context, account.id or 0) if one.state is not AccessState.REVOKED]
    new = [one for one in people if one not in {access.person_id for access in there}]
    going = [
        one
        for one in there
        if one.person_id not in people and one.role is AccessRole.ADMINISTRATOR and one.ends_on is None
    ]
    if not steps and not new and not going:
        raise AlreadyDone(f"Account {account.id} is administered by these people already.")
    approves = await APPROVER.test(context, form) is not None
    await name(context, account, new, proposed_by_id=None if approves else context.person_id)
    ends_on = None
    for access in going:
        ends_on, told = await announce_end(context, account, access, AccessEnd.HANDED_OVER, form.reason)
        steps += told
    await carry_out(context, account, steps)
    until = f" The others keep access through {ends_on}." if ends_on else ""
    return Receipt(
        subject_of(account),
        "handed over",
        f"Account {account.id} is handed over; whoever is new gets access when every step before it is "
        f"done.{until}",
    )
