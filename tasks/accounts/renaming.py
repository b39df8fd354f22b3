"""An account gets another handle, address or permanent id, or belongs to another school."""

from collections.abc import Mapping

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col

from policy.controls.inventory import Inventory
from policy.identity import is_written_as_one
from policy.moves import place_key
from policy.notices.changes import AccountChanged
from schemas.accounts import Account
from schemas.errors import AlreadyDone, BadInput
from schemas.events import EventKind
from schemas.forms import Handle, Identifier, Line, PageAddress
from schemas.outcome import Emit, RoleAt, Settle, Step
from schemas.people import School
from schemas.receipt import Receipt
from schemas.words import Changed, ItemKind
from tasks.accounts.changing import (
    ChangeForm,
    ChangeReason,
    carry_out,
    concerned,
    open_account,
    record,
    subject_of,
    tell,
)
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import ADMINISTRATOR, APPROVER, ITS_SCHOOL, climbed
from tasks.store import lookup
from tasks.store.same import handle_as_kept, keys_for

_WITHOUT_SPACES = "Write the handle without spaces, as it would show on the platform."


class RenamingForm(ChangeForm):
    """Record an account's new handle, address or permanent id. It is found by the former ones too."""

    handle: Handle | None = Field(default=None, title="New handle", description="As its page shows it now.")
    address: PageAddress | None = Field(default=None, title="New address of its public page")
    platform_id: Identifier | None = Field(
        default=None, title="Permanent id", description="Where it was recorded wrongly."
    )
    reason: ChangeReason


class MovingForm(ChangeForm):
    """Move an account to another school. Its administrators stay until somebody names others."""

    school: Line = Field(title="School", description="The school that it belongs to from now on.")
    reason: ChangeReason


@act(
    RenamingForm,
    who=ADMINISTRATOR | ITS_SCHOOL | APPROVER,
    does="renames an account",
    control=(Inventory,),
)
async def rename_account(context: ActContext, form: RenamingForm) -> Receipt:
    """Record what an account is called or where it is from now on; what it was is kept.

    Raises BadInput for a handle that another account has, AlreadyDone where nothing changes, NotNow, Unknown.
    """
    account = await open_account(context, form.account)
    handle = handle_as_kept(context.policy, account.platform, form.handle) if form.handle else None
    platform = next((one for one in context.policy.platforms if one.name == account.platform), None)
    if handle is not None and not is_written_as_one(handle, platform):
        raise BadInput(_WITHOUT_SPACES, fields={"handle": _WITHOUT_SPACES})
    after = {"handle": handle, "address": form.address, "platform_id": form.platform_id}
    renamed = await rename(context, account, {k: v for k, v in after.items() if v is not None}, form.reason)
    if not renamed:
        raise AlreadyDone("Nothing of it changes: give a new handle, address or permanent id.")
    said = " and ".join(what.value for what in renamed)
    return Receipt(
        subject_of(account),
        "renamed",
        f"The new {said} of account {account.id} is recorded, and the old one kept.",
    )


async def rename(
    context: ActContext, account: Account, after: Mapping[str, str], reason: str
) -> list[Changed]:
    """Record a new `handle`, `address` or `platform_id` and keep the old one; everybody concerned is told.

    What of it changed. Raises BadInput for one that another account has.
    """
    wanted = (
        (Changed.HANDLE, "handle", account.handle),
        (Changed.ADDRESS, "address", account.address),
        (Changed.PLATFORM_ID, "platform_id", account.platform_id),
    )
    changes = [one for one in wanted if one[1] in after and after[one[1]] != one[2]]
    if not changes:
        return []
    values: dict[str, object] = {column: after[column] for _, column, _ in changes}
    values |= await keys_for(context.session, context.policy, account, **values)
    people, steps = await concerned(context, account), list[Step]()
    for what, _, before in changes:
        key = account.handle_key if what is Changed.HANDLE else None
        change = await record(context, account, what, before, reason, key=key)
        notice = AccountChanged(what="renamed", by_id=context.person_id, change_id=change)
        steps += tell(context, account, notice, people, f"change:{change}")
    await context.session.run(update(Account).where(col(Account.id) == account.id).values(**values))
    if "address" in values:
        steps.append(Emit(EventKind.ACCOUNT_REPORTED, subject_of(account)))
    await carry_out(context, account, steps)
    return [what for what, *_ in changes]


async def new_school(context: ActContext, account: Account, known_as: str) -> School:
    """The school that an account may move to. Raises BadInput, AlreadyDone, Unknown."""
    level = context.policy.level(account.level)
    if level.at != "school":
        raise BadInput(f"Account {account.id} is {level.label} and belongs to no school.")
    school = await lookup.school(context.session, known_as)
    if school.is_division:
        raise BadInput("This is the head office and no school: name a school.")
    if school.id == account.school_id:
        raise AlreadyDone(f"Account {account.id} belongs to that school already.")
    return school


async def move_to(context: ActContext, account: Account, school: School, reason: str) -> list[Step]:
    """Make it the other school's; the letters to everybody concerned at both."""
    before = await concerned(context, account)
    change = await record(context, account, Changed.SCHOOL, account.school_id, reason)
    runs = context.policy.duties.runs_school
    both = (*before, RoleAt(runs, account.school_id), RoleAt(runs, school.id))
    await context.session.run(
        update(Account).where(col(Account.id) == account.id).values(school_id=school.id)
    )
    notice = AccountChanged(what="moved", by_id=context.person_id, change_id=change)
    settled = Settle((place_key(subject_of(account)),))
    return [settled, *tell(context, account, notice, tuple(dict.fromkeys(both)), f"change:{change}")]


@act(
    MovingForm,
    who=APPROVER | climbed(ItemKind.SETTLE_MOVE),
    does="moves an account to another school",
    control=(Inventory,),
)
async def move_account(context: ActContext, form: MovingForm) -> Receipt:
    """Move an account to another school; both are told. Raises BadInput, AlreadyDone, NotNow, Unknown."""
    account = await open_account(context, form.account)
    school = await new_school(context, account, form.school)
    await carry_out(context, account, await move_to(context, account, school, form.reason))
    return Receipt(
        subject_of(account),
        "moved",
        f"Account {account.id} belongs to {school.name} now. Its administrators stay until others are named: "
        f"`steward account replace-administrator {account.id}`.",
    )
