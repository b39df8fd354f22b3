"""What people have heard of an account's suspensions: who never read of one need not read of its end."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.notices.accounts import AccountReinstated, AccountSuspended
from policy.notices.base import Rows
from policy.notices.stops import StopToConfirm
from schemas.findings import Suspension
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.words import SubjectKind

#: What tells that an account is suspended: to its people, and to the office that is to confirm a stop.
_BEGINNINGS = frozenset({AccountSuspended.kind, StopToConfirm.kind})
#: States of a letter that may have been read. One that was parked may be released, and may be read then.
_MAY_BE_READ = frozenset({NoticeState.SENT, NoticeState.SENDING, NoticeState.PARKED})
#: States of a letter that does not leave by itself any more.
_STAYS = frozenset({NoticeState.DEAD, NoticeState.PARKED})


async def needless(session: AsyncSession, rows: Rows, notices: Sequence[Notice]) -> set[tuple[int, int]]:
    """The people who need not read of the end of a suspension, each with its number.

    It is needless for somebody to whom no word of its beginning left, and for somebody who read of a later
    end. But who last read, or may have read, that the account is suspended does read of the end. Of an end
    that only may have arrived, nobody knows whether it was read: it counts for nothing. `notices` are those
    that are about to leave, or to be dropped.
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
    asked = select(Notice).where(
        col(Notice.kind) == StopToConfirm.kind,
        col(Notice.person_id).in_({one.person_id for one in ends}),
    )
    told: list[Notice] = [*(await session.exec(rows_of)), *(await session.exec(asked))]
    told.sort(key=lambda one: one.id or 0)
    numbers = {one.facts.get("suspension_id") for one in told} - {None, *rows.suspensions}
    others = await session.exec(select(Suspension).where(col(Suspension.id).in_(numbers)))
    begun = {**rows.suspensions, **{one.id or 0: one for one in others}}
    leaving = {one.id for one in notices}
    found = set()
    for person, account in {(one.person_id, one.subject_id) for one in ends}:
        theirs = [one for one in told if one.person_id == person and account in _accounts(one)]
        found |= {(person, number) for number in _needless(theirs, begun, leaving)}
    return found


def _accounts(notice: Notice) -> Collection[int]:
    """The accounts of whose beginning or end a letter tells."""
    return notice.facts.get("account_ids") or (notice.subject_id,)


def _needless(
    theirs: Sequence[Notice], begun: Mapping[int, Suspension], leaving: Collection[int | None]
) -> set[int]:
    """The same of one person and one account, whose letters these are, the oldest first."""
    found, later_end = set[int](), False
    for place, end in reversed(list(enumerate(theirs))):
        number = end.facts.get("suspension_id")
        if end.kind != AccountReinstated.kind or number is None:
            continue
        if end.state is NoticeState.SENT:
            later_end = True
        elif end.id in leaving or end.state not in _STAYS:
            before = theirs[:place]
            if later_end or (_told_of(begun.get(number), before) and not _is_suspended(before, leaving)):
                found.add(number)
            else:
                later_end = True
    return found


def _told_of(suspension: Suspension | None, before: Sequence[Notice]) -> bool:
    """Whether a letter about the beginning of a suspension was made, left or not."""
    return suspension is not None and any(
        one.kind in _BEGINNINGS and one.created_at >= suspension.suspended_at for one in before
    )


def _is_suspended(letters: Sequence[Notice], leaving: Collection[int | None]) -> bool:
    """Whether the last that somebody read, or may have read, in these letters is "suspended"."""
    suspended = False
    for one in letters:
        if one.kind in _BEGINNINGS:
            left = one.state in _MAY_BE_READ and one.id not in leaving
            suspended = suspended or one.uncertain or left
        elif one.state is NoticeState.SENT:
            suspended = False
    return suspended
