"""What people have heard of an account's suspensions: who never read of one need not read of its end."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.notices.accounts import AccountReinstated, AccountSuspended
from policy.notices.base import Rows
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.words import SubjectKind

_UNDER_WAY = frozenset({NoticeState.SENT, NoticeState.SENDING, NoticeState.PARKED})


async def needless(session: AsyncSession, rows: Rows, notices: Sequence[Notice]) -> set[tuple[int, int]]:
    """The people who need not read of the end of a suspension, each with its number.

    Those to whom its beginning never left, unless their latest letter says that the account is suspended; and
    those who read of a later end. `notices` are those that are about to leave, or to be dropped.
    """
    ends = [one for one in notices if one.kind == AccountReinstated.kind]
    if not ends:
        return set()
    rows_of: Any = select(Notice).where(
        col(Notice.subject_kind) == SubjectKind.ACCOUNT,
        col(Notice.subject_id).in_({one.subject_id for one in ends}),
        col(Notice.person_id).in_({one.person_id for one in ends}),
        col(Notice.kind).in_((AccountSuspended.kind, AccountReinstated.kind)),
    )
    told: list[Notice] = list((await session.exec(rows_of.order_by(col(Notice.id)))).all())
    waiting = {one.id for one in notices}
    found = set()
    for end in ends:
        number = end.facts.get("suspension_id")
        suspension = rows.suspensions.get(number or 0)
        theirs = [one for one in told if (one.person_id, one.subject_id) == (end.person_id, end.subject_id)]
        later = any(one.kind == AccountReinstated.kind for one in theirs if (one.id or 0) > (end.id or 0))
        before = [one for one in theirs if (one.id or 0) < (end.id or 0)]
        left = [one for one in before if one.uncertain or (one.state in _UNDER_WAY and one.id not in waiting)]
        begun = [
            one
            for one in before
            if one.kind == AccountSuspended.kind
            and suspension is not None
            and one.created_at >= suspension.suspended_at
        ]
        says_suspended = bool(left) and left[-1].kind == AccountSuspended.kind
        if number is not None and (later or (begun and not says_suspended)):
            found.add((end.person_id, number))
    return found
