"""What was taken down, into a folder: for a request for information."""

import os
import shutil
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Select, select
from sqlmodel import col

from policy.controls.removal_log import RemovalLog
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotNow
from schemas.forms import ActForm, Day, OnCommand
from schemas.outcome import Subject
from schemas.people import Person
from schemas.public import Removal
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import Who
from tasks.files.export import to_csv
from tasks.files.pictures import place
from tasks.public.removals import folder, sees_copies, who_sees
from tasks.store import lookup

HEADERS = (
    *("removal", "account", "handle", "platform", "ground", "removed at", "removed by", "address"),
    *("text", "picture", "note", "put back at", "why put back", "copy gone at"),
)


class RemovalExportForm(ActForm):
    """Write what was taken down, with its copies, into a new folder. That you did is recorded."""

    to: Annotated[Path, OnCommand(positional=True)] = Field(
        title="Folder", description="A folder that is not there yet; only you can read it."
    )
    account: int | None = Field(
        default=None, ge=1, title="Account number", description="Only of this account."
    )
    first: Day | None = Field(default=None, title="From", description="Taken down on this day or later.")
    last: Day | None = Field(default=None, title="Until", description="Taken down on this day or before.")


async def _sees(context: ActContext, _form: RemovalExportForm) -> Right | None:
    return await sees_copies(context)


@act(
    RemovalExportForm,
    who=Who(who_sees, _sees),
    does="exports what was taken down",
    control=(RemovalLog,),
    in_person=True,
)
async def export_removals(context: ActContext, form: RemovalExportForm) -> Receipt:
    """Write a table and the pictures into a new folder.

    Raises BadInput where it is there already, NotNow where there is nothing to write.
    """
    if form.account is not None:
        await lookup.by_id(context.session, Account, form.account)
    rows = list(await context.session.run(_wanted(context, form)))
    if not rows:
        raise NotNow("Nothing was taken down there in that time: there is nothing to export.")
    try:
        form.to.mkdir(mode=0o700, parents=False)
    except OSError as error:
        raise BadInput(f"That folder can't be made ({type(error).__name__}): name a new one.") from None
    cells = []
    for row in rows:
        picture = ""
        if row.picture_sha256 and row.emptied_at is None:
            kept = place(folder(), row.picture_sha256, row.picture_kind)
            picture = f"removal-{row.id}.{row.picture_kind}" if kept.is_file() else "the file is gone"
            if kept.is_file():
                shutil.copyfile(kept, form.to / picture)
        who = f"{row.given_name} {row.family_name}"
        cells.append(
            (
                *(row.id, row.account_id, row.handle, row.platform, row.ground, row.removed_at.isoformat()),
                *(who, row.address, row.removed_text, picture, row.note),
                row.undone_at.isoformat() if row.undone_at else "",
                row.undone_reason,
                row.emptied_at.isoformat() if row.emptied_at else "",
            )
        )
    target = os.open(form.to / "removals.csv", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "w", encoding="utf-8-sig", newline="") as file:
        file.write(to_csv(HEADERS, cells))
    name = context.policy.name_of(RemovalLog)
    body = {"account": form.account, "removals": len(rows)}
    about = Subject(SubjectKind.REMOVAL, rows[0].id)
    await context.note(about, control=name, cause="removals exported", body=body)
    where = (
        "1 removal is in that folder: removals.csv, and the pictures."
        if len(rows) == 1
        else f"{len(rows)} removals are in that folder: removals.csv, and the pictures."
    )
    return Receipt(about, "exported", where)


def _wanted(context: ActContext, form: RemovalExportForm) -> Select[*tuple[Any, ...]]:
    zone = context.policy.zone
    wanted = (
        select(
            table_of(Removal),
            *(col(Account.handle), col(Account.platform), col(Person.given_name), col(Person.family_name)),
        )
        .join(Account, col(Account.id) == col(Removal.account_id))
        .join(Person, col(Person.id) == col(Removal.removed_by_id))
        .order_by(col(Removal.id))
    )
    if form.account is not None:
        wanted = wanted.where(col(Removal.account_id) == form.account)
    if form.first is not None:
        wanted = wanted.where(col(Removal.removed_at) >= datetime.combine(form.first, time(), zone))
    if form.last is not None:
        after = datetime.combine(form.last + timedelta(days=1), time(), zone)
        wanted = wanted.where(col(Removal.removed_at) < after)
    return wanted
