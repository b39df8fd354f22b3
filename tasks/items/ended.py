"""What ended before its last day leaves the calendars of those who were asked."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlmodel import col

from policy.notices import KINDS
from policy.notices.items import NoLongerAsked
from schemas.accounts import Access
from schemas.findings import Finding
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeState
from schemas.outcome import Outcome, Subject, Tell
from schemas.words import ItemState, SubjectKind
from tasks.cases import Case, Only
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.given import among

#: What ended longer ago was looked at by then: a sweep may have been away over a weekend.
LOOKED_BACK = timedelta(days=4)


def _cause(item: int, ended_at: datetime) -> str:
    """The same for every sweep of a day, so that one that was killed and begun again tells once."""
    return f"item:{item}/ended/{ended_at:%Y%m%d}"


def _told() -> Select[*tuple[Any, ...]]:
    """Each ended item with each person to whom a letter with its day has left."""
    kind, number = col(Notice.subject_kind), col(Notice.subject_id)
    asking = [
        name for name, one in KINDS.items() if one.asks or {"due_on", "mend_by"} & set(one.model_fields)
    ]
    of_subject = and_(kind == col(ActionItem.subject_kind), number == col(ActionItem.subject_id))
    of_access = and_(
        col(ActionItem.subject_kind) == SubjectKind.PERSON,
        kind == SubjectKind.ACCESS,
        number.in_(select(col(Access.id)).where(col(Access.person_id) == col(ActionItem.person_id))),
    )
    of_finding = and_(
        col(ActionItem.subject_kind) == SubjectKind.FINDING,
        kind == SubjectKind.ACCOUNT,
        number.in_(select(col(Finding.account_id)).where(col(Finding.id) == col(ActionItem.subject_id))),
    )
    letter = and_(col(Notice.kind).in_(asking), or_(of_subject, of_access, of_finding))
    again = and_(
        kind == SubjectKind.ITEM, number == col(ActionItem.id), col(Notice.kind) != NoLongerAsked.kind
    )
    return (
        select(col(ActionItem.id), col(ActionItem.ended_at), col(Notice.person_id))
        .join(Notice, or_(letter, again))
        .where(
            col(ActionItem.state) != ItemState.OPEN,
            col(Notice.state) == NoticeState.SENT,
            col(Notice.sent_at) >= col(ActionItem.opened_at),
            or_(
                col(ActionItem.person_id).is_(None), again, col(ActionItem.person_id) == col(Notice.person_id)
            ),
        )
        .distinct()
        .order_by(col(ActionItem.id), col(Notice.person_id))
    )


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The items that ended before their last day, and of which somebody was not told yet."""
    today = runtime.policy.calendar.today(now)
    if only is not None:
        return ()
    recent = (col(ActionItem.ended_at) >= now - LOOKED_BACK, col(ActionItem.due_on) > today)
    async with runtime.store.read() as session:
        rows = await session.rows(_told().where(*recent))
        keys = [f"{_cause(row.id, row.ended_at)}/person:{row.person_id}" for row in rows]
        known = set(
            (await session.run(select(col(Notice.key)).where(among(col(Notice.key), keys)))).scalars()
        )
    fresh = dict.fromkeys(row.id for row, key in zip(rows, keys, strict=True) if key not in known)
    return tuple(Case(f"item {item}", (item,)) for item in fresh)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Tell whoever has it in the calendar."""
    (item,) = case.ids
    async with runtime.store.write() as session:
        rows = await session.rows(_told().where(col(ActionItem.id) == item))
        about = Subject(SubjectKind.ITEM, item)
        told = NoLongerAsked(item_id=item)
        tells = tuple(Tell(told, row.person_id, _cause(item, row.ended_at), about) for row in rows)
        calendar = runtime.policy.calendar
        await apply(session, Outcome(tells), actor=STEWARD, calendar=calendar, now=now)
    return ("told that it is no longer asked",) if tells else ()
