"""Copies of what was taken down go when their time is over; that something was taken down stays."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlmodel import col

from policy.controls.removal_log import RemovalLog
from schemas.columns import table_of
from schemas.outcome import Subject
from schemas.public import Removal
from schemas.words import SubjectKind
from tasks.cases import Case, Only
from tasks.files.pictures import drop_picture
from tasks.lifecycles import Stage
from tasks.public.removals import folder
from tasks.runtime import Runtime
from tasks.store.audit import STEWARD, append


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The removals whose copy was to be kept until yesterday or before."""
    today = runtime.policy.calendar.today(now)
    wanted = (
        select(col(Removal.id))
        .where(col(Removal.keep_until) < today, col(Removal.emptied_at).is_(None))
        .order_by(col(Removal.id))
    )
    if only is not None:
        wanted = wanted.where(col(Removal.account_id) == only.account)
    async with runtime.store.read() as session:
        found = (await session.run(wanted)).scalars()
        return tuple(Case(f"copy of removal {one}", (one,)) for one in found if one is not None)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Empty its text and delete its picture, where no other removal keeps the same one."""
    today = runtime.policy.calendar.today(now)
    (number,) = case.ids
    async with runtime.store.write() as session:
        removal = await session.get_one(Removal, number)
        if removal.emptied_at is not None or removal.keep_until >= today:
            return ()
        await session.run(
            update(table_of(Removal))
            .where(col(Removal.id) == number)
            .values(removed_text="", address="", note="", emptied_at=now)
        )
        same = exists().where(
            col(Removal.picture_sha256) == removal.picture_sha256, col(Removal.emptied_at).is_(None)
        )
        kept = (await session.run(select(same))).scalar_one()
        await append(
            session,
            Subject(SubjectKind.REMOVAL, number),
            actor=STEWARD,
            control=runtime.policy.name_of(RemovalLog),
            cause="copy deleted",
            now=now,
            body={"account": removal.account_id},
        )
    if removal.picture_sha256 and not kept:
        drop_picture(folder(), removal.picture_sha256, removal.picture_kind)
    return ("its copy is gone",)


STAGE = Stage("copy", due, move)
