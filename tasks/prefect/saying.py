"""What a run says in Prefect's interface, in a few words. Handles and kinds only, never a person's name."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import case, func, select
from sqlmodel import col

from schemas.accounts import Access, Account, AccountRequest
from schemas.machinery import Event, Wake
from schemas.words import SubjectKind
from tasks.store.session import Session

#: Causes and handles that a name has room for.
SHOWN = 2


def in_words(said: Sequence[str]) -> str:
    """What happened in one case: "granted", "2 granted, 1 asked for what is missing"."""
    if not said:
        return "nothing to do any more"
    counted = Counter(said)
    if len(counted) == 1 and len(said) == 1:
        return said[0]
    return ", ".join(f"{count} {what}" for what, count in sorted(counted.items()))


async def causes(session: Session, lifecycle: str, run: str) -> str:
    """What woke a run, by the wake-ups that it took: "completion recorded (300)", "access changed @x"."""
    kind, number = col(Event.subject_kind), col(Event.subject_id)
    account = case(
        (kind == SubjectKind.ACCOUNT, number), (kind == SubjectKind.ACCESS, col(Access.account_id))
    )
    handle = func.coalesce(col(Account.handle), col(AccountRequest.handle))
    rows = await session.rows(
        select(col(Event.kind), func.count().label("times"), func.min(handle).label("handle"))
        .select_from(Wake)
        .join(Event, col(Event.id) == col(Wake.event_id))
        .outerjoin(Access, (kind == SubjectKind.ACCESS) & (col(Access.id) == number))
        .outerjoin(AccountRequest, (kind == SubjectKind.REQUEST) & (col(AccountRequest.id) == number))
        .outerjoin(Account, col(Account.id) == account)
        .where(col(Wake.lifecycle) == lifecycle, col(Wake.taken_by) == run)
        .group_by(col(Event.kind))
        .order_by(func.min(col(Event.id)))
    )
    said = [
        f"{_words(row.kind)} ({row.times})"
        if row.times > 1
        else f"{_words(row.kind)} {row.handle or ''}".strip()
        for row in rows[:SHOWN]
    ]
    return ", ".join(said) + (" and more" if len(rows) > SHOWN else "")


def _words(kind: str) -> str:
    return " ".join(str(kind).split(".")[1:])
