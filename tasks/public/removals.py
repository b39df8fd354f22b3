"""What was taken down: with its ground and its copy, undone, and looked at by whom the policy lets."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, update
from sqlmodel import col

from policy.controls.removal_log import RemovalLog
from policy.model import Policy
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.forms import ActForm, Copied, GroundId, LocalMoment, OnCommand, PageAddress, Prose, Reason
from schemas.language import half
from schemas.outcome import RoleAt, Subject
from schemas.public import Removal
from schemas.receipt import Receipt
from schemas.settings import load as load_settings
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ADMINISTRATOR, ITS_SCHOOL, POLICY_OFFICE, Who, has_access, holds
from tasks.files.columns import Columns
from tasks.files.pictures import Picture, is_whole, keep_picture, place, read_picture
from tasks.store import lookup


def folder() -> Path:
    """Where pictures of what was taken down are kept."""
    return load_settings().shared_dir / "removals"


class RemovalForm(ActForm):
    """Something was taken down from an account: on which ground, and a copy of what it was.

    Give its text, a picture of it, or both. Without a ground and a copy it is not recorded: put it back, or
    make the copy first. That somebody disagrees is no ground.
    """

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    ground: GroundId = Field(title="Ground", description="What it breaks.")
    text: Copied = Field(default="", title="What stood there", description="The whole text, word for word.")
    picture: Path | None = Field(default=None, title="Picture", description="A picture's file: of the post.")
    address: PageAddress | None = Field(
        default=None, title="Where it stood", description="The address of the post or comment."
    )
    removed_at: LocalMoment | None = Field(
        default=None, title="When", description="As 2026-09-30 14:30; now if left out."
    )
    note: Prose = Field(
        default="", title="Note", description="What else is to be known; the policy that it breaks."
    )


class RemovalUndoForm(ActForm):
    """What was taken down was put back, or was recorded by mistake."""

    removal: Annotated[int, OnCommand(positional=True)] = Field(title="Removal number", ge=1)
    reason: Reason = Field(title="Why", description="Why, in a sentence without names.")


class RemovalLookForm(ActForm):
    """Look at the copy of what was taken down. That you looked is recorded."""

    removal: Annotated[int, OnCommand(positional=True)] = Field(title="Removal number", ge=1)


async def _took_care(context: ActContext, form: RemovalUndoForm) -> Right | None:
    """Who took it down, an administrator of its account, or the administration of its school."""
    removal = await lookup.by_id(context.session, Removal, form.removal)
    if removal.removed_by_id == context.person_id or await has_access(context, removal.account_id):
        return Right()
    account = await lookup.by_id(context.session, Account, removal.account_id)
    if account.school_id is None:
        return None
    return await holds(context, RoleAt(context.policy.duties.runs_school, account.school_id))


async def _may_look(context: ActContext, form: RemovalLookForm) -> Right | None:
    """Who took it down; who holds an office that the policy lets look."""
    removal = await lookup.by_id(context.session, Removal, form.removal)
    if removal.removed_by_id == context.person_id:
        return Right()
    return await sees_copies(context)


async def sees_copies(context: ActContext) -> Right | None:
    """The right of who acts to look at every copy."""
    control = context.policy.first(RemovalLog)
    return await holds(context, *(RoleAt(one) for one in (control.seen_by if control else ())))


def who_sees(policy: Policy) -> tuple[str, ...]:
    """The offices that may look, half a sentence each."""
    control = policy.first(RemovalLog)
    named = tuple(
        half("the {office}", office=policy.label(one)) for one in (control.seen_by if control else ())
    )
    return named or (half("nobody under this policy"),)


def _read(form: RemovalForm, policy: Policy, _now: datetime, _columns: Columns) -> Picture | None:
    """The picture. Raises BadInput."""
    control = policy.first(RemovalLog)
    if form.picture is None or control is None:
        return None
    return read_picture(form.picture, control.picture_bytes_at_most)


@act(
    RemovalForm,
    who=ADMINISTRATOR | ITS_SCHOOL | POLICY_OFFICE,
    does="records what was taken down from it",
    control=(RemovalLog,),
    prepare=_read,
)
async def log_removal(context: ActContext, form: RemovalForm) -> Receipt:
    """Record that something was taken down, with its ground, and keep the copy.

    Raises BadInput without a copy, for a moment to come, and for a picture that can't be kept; NotNow where
    the policy keeps no such log.
    """
    control = context.policy.first(RemovalLog)
    if control is None:
        raise NotNow("The policy keeps no log of what is taken down.")
    picture: Picture | None = context.material
    if not form.text and picture is None:
        raise BadInput(
            "Nothing is taken down without a copy of it: give its text or a picture of it, or put it back."
        )
    removed_at = (
        context.now if form.removed_at is None else form.removed_at.replace(tzinfo=context.policy.zone)
    )
    if removed_at > context.now:
        raise BadInput("It can't have been taken down yet: give the day and the time at which it was.")
    if picture is not None:
        keep_picture(folder(), picture)
    made = await context.session.run(
        insert(table_of(Removal))
        .values(
            account_id=form.account,
            ground=form.ground,
            removed_text=form.text,
            address=form.address or "",
            picture_sha256=picture.sha256 if picture else None,
            picture_kind=picture.kind if picture else "",
            removed_at=removed_at,
            recorded_at=context.now,
            removed_by_id=context.person_id,
            recorded_via=context.actor.via,
            note=form.note,
            keep_until=context.today + timedelta(days=control.kept_days),
            undone_reason="",
        )
        .returning(col(Removal.id))
    )
    number = int(made.scalar_one() or 0)
    body = {"account": form.account, "ground": form.ground, "picture": picture.sha256 if picture else None}
    await _note(context, number, "removal recorded", body)
    clause = context.policy.ground(form.ground).clause
    kept = f"Its copy is kept for {control.kept_days} days."
    says = f"Removal {number} is recorded: {form.ground} ({clause}). {kept}"
    return Receipt(Subject(SubjectKind.REMOVAL, number), "recorded", says)


@act(
    RemovalUndoForm,
    who=Who("who took it down, an administrator of the account or of its school,", _took_care)
    | POLICY_OFFICE,
    does="says that it was put back",
    control=(RemovalLog,),
)
async def undo_removal(context: ActContext, form: RemovalUndoForm) -> Receipt:
    """Record that it was put back; the copy stays its time. Raises AlreadyDone."""
    removal = await lookup.by_id(context.session, Removal, form.removal)
    if removal.undone_at is not None:
        raise AlreadyDone(f"Removal {form.removal} is undone already.")
    await context.session.run(
        update(table_of(Removal))
        .where(col(Removal.id) == form.removal)
        .values(undone_at=context.now, undone_by_id=context.person_id, undone_reason=form.reason)
    )
    await _note(context, form.removal, "removal undone", {"account": removal.account_id})
    says = f"Removal {form.removal} is undone. What was recorded of it stays."
    return Receipt(Subject(SubjectKind.REMOVAL, form.removal), "undone", says)


@act(
    RemovalLookForm,
    who=Who(lambda policy: (half("who took it down"), *who_sees(policy)), _may_look),
    does="looks at its copy",
    control=(RemovalLog,),
    in_person=True,
)
async def show_removal(context: ActContext, form: RemovalLookForm) -> Receipt:
    """Give the copy, and record who looked. Raises NotNow once it is gone."""
    removal = await lookup.by_id(context.session, Removal, form.removal)
    if removal.emptied_at is not None:
        raise NotNow(f"The copy of removal {form.removal} is gone: its time was over.")
    await _note(context, form.removal, "removal looked at", {"account": removal.account_id})
    at = removal.removed_at.astimezone(context.policy.zone)
    lines = [f"Removal {form.removal}, taken down {at:%Y-%m-%d %H:%M}: {removal.ground}."]
    if removal.address:
        lines.append(f"Where it stood: {removal.address}")
    if removal.picture_sha256:
        path = place(folder(), removal.picture_sha256, removal.picture_kind)
        whole = "" if is_whole(path, removal.picture_sha256) else " (it is gone, or was changed since)"
        lines.append(f"Picture: {path}{whole}")
    if removal.note:
        lines.append(f"Note: {removal.note}")
    if removal.removed_text:
        lines.append(f"What stood there:\n{removal.removed_text}")
    return Receipt(Subject(SubjectKind.REMOVAL, form.removal), "shown", "\n".join(lines))


async def _note(context: ActContext, number: int, cause: str, body: dict[str, object]) -> None:
    name = context.policy.name_of(RemovalLog)
    await context.note(Subject(SubjectKind.REMOVAL, number), control=name, cause=cause, body=body)
