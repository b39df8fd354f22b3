"""An account gets another handle, address or permanent id, or belongs to another school."""

from pydantic import Field
from sqlalchemy import update
from sqlmodel import col, select

from policy.controls.inventory import Inventory
from policy.moves import place_key
from policy.notices.changes import AccountChanged
from policy.training_gate import ENDED_ACCOUNTS
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
from tasks.store.lookup import handle_key


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


async def _refuse_taken(context: ActContext, account: Account, handle: str) -> None:
    """Raises BadInput where another account in use has the handle on this platform."""
    asked = select(Account.id).where(
        col(Account.platform) == account.platform,
        col(Account.handle_key) == handle_key(handle),
        col(Account.id) != account.id,
        col(Account.state).not_in(ENDED_ACCOUNTS),
    )
    if (other := (await context.session.exec(asked)).first()) is not None:
        raise BadInput(
            f"Account {other} has this handle: `steward account show {other}` shows it. "
            "Give this one's own handle, or close the other one first."
        )


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
    wanted = (
        (Changed.HANDLE, "handle", account.handle, form.handle),
        (Changed.ADDRESS, "address", account.address, form.address),
        (Changed.PLATFORM_ID, "platform_id", account.platform_id, form.platform_id),
    )
    changes = [one for one in wanted if one[3] is not None and one[3] != one[2]]
    if not changes:
        raise AlreadyDone("Nothing of it changes: give a new handle, address or permanent id.")
    if form.handle is not None:
        await _refuse_taken(context, account, form.handle)
    people, steps = await concerned(context, account), list[Step]()
    for what, _, before, _ in changes:
        key = handle_key(account.handle) if what is Changed.HANDLE else None
        change = await record(context, account, what, before, form.reason, key=key)
        notice = AccountChanged(what="renamed", by_id=context.person_id, change_id=change)
        steps += tell(context, account, notice, people, f"change:{change}")
    values: dict[str, object] = {column: now for _, column, _, now in changes}
    if form.handle is not None:
        values["handle_key"] = handle_key(form.handle)
    await (await context.session.connection()).execute(
        update(Account).where(col(Account.id) == account.id).values(**values)
    )
    if form.address is not None:
        steps.append(Emit(EventKind.ACCOUNT_REPORTED, subject_of(account)))
    await carry_out(context, account, steps)
    said = " and ".join(what.value for what, *_ in changes)
    return Receipt(
        subject_of(account),
        "renamed",
        f"The new {said} of account {account.id} is recorded, and the old one kept.",
    )


async def new_school(context: ActContext, account: Account, known_as: str) -> School:
    """The school that an account may move to. Raises BadInput, AlreadyDone, Unknown."""
    level = context.policy.level(account.level)
    if level.at != "school":
        raise BadInput(f"Account {account.id} is {level.label} and belongs to no school.")
    school = await lookup.school(context.session, known_as)
    if school.is_division:
        raise BadInput("This is the division office and no school: name a school.")
    if school.id == account.school_id:
        raise AlreadyDone(f"Account {account.id} belongs to that school already.")
    return school


async def move_to(context: ActContext, account: Account, school: School, reason: str) -> list[Step]:
    """Make it the other school's; the letters to everybody concerned at both."""
    before = await concerned(context, account)
    change = await record(context, account, Changed.SCHOOL, account.school_id, reason)
    runs = context.policy.duties.runs_school
    both = (*before, RoleAt(runs, account.school_id), RoleAt(runs, school.id))
    await (await context.session.connection()).execute(
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
