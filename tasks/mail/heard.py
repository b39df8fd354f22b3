"""What people have heard of a beginning: who never read of it need not read of its end.

That an account is suspended; that somebody stands in for a person who is away.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from policy.notices.accounts import AccountReinstated, AccountSuspended
from policy.notices.base import Rows
from policy.notices.offices import DeputyNamed
from policy.notices.people import RecordedForYou
from policy.notices.stops import StopToConfirm
from schemas.findings import Suspension
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.words import SubjectKind
from tasks.store.session import Session

#: What tells that an account is suspended: to its people, and to the office that is to confirm a stop.
_BEGINNINGS = frozenset({AccountSuspended.kind, StopToConfirm.kind})
#: What is recorded of somebody who stands in: the beginning, and its ends.
_OF_DEPUTIES = frozenset({"absence's deputy", "absence's end", "deputy no longer"})
#: States of a letter that may have been read. One that was parked may be released, and may be read then.
_MAY_BE_READ = frozenset({NoticeState.SENT, NoticeState.SENDING, NoticeState.PARKED})
#: States of a letter that does not leave by itself any more.
_STAYS = frozenset({NoticeState.DEAD, NoticeState.PARKED})


async def needless(session: Session, rows: Rows, notices: Sequence[Notice]) -> set[tuple[int, int]]:
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


async def unheard(session: Session, notices: Sequence[Notice]) -> set[int]:
    """Those of these letters that tell of the end of standing in, to somebody who never read that it began.

    A letter of the beginning was made and did not leave: it waits, is dropped, or is about to leave now and
    will be dropped. Where none was made, its reader knew of it another way.
    """
    ends = {one.id: _stands_in(one) for one in notices if _stands_in(one) and not _begins(one)}
    if not ends:
        return set()
    readers = {one.person_id for one in notices if one.id in ends}
    found = await session.exec(
        select(Notice)
        .where(
            col(Notice.person_id).in_(readers), col(Notice.kind).in_((RecordedForYou.kind, DeputyNamed.kind))
        )
        .order_by(col(Notice.id))
    )
    leaving = {one.id for one in notices}
    last: dict[Hashable, Notice] = {}
    needless_ones = set[int]()
    for one in found:
        about = (one.person_id, _stands_in(one))
        if one.id in ends and one.id is not None:
            began = last.get(about)
            unread = began is not None and not (
                began.uncertain or (began.state in _MAY_BE_READ and began.id not in leaving)
            )
            needless_ones |= {one.id} if unread else set()
        elif _begins(one):
            last[about] = one
    return needless_ones


def _stands_in(notice: Notice) -> tuple[int, int] | None:
    """Who is away and who stands in, of a letter about that; None of any other."""
    people: Sequence[int] = notice.facts.get("person_ids") or []
    if len(people) != 1:
        return None
    if notice.kind == DeputyNamed.kind:
        return notice.subject_id, people[0]
    is_of_deputy = notice.kind == RecordedForYou.kind and notice.facts.get("what") in _OF_DEPUTIES
    return (people[0], notice.person_id) if is_of_deputy else None


def _begins(notice: Notice) -> bool:
    """Whether it tells that somebody stands in."""
    return notice.facts.get("what") == "absence's deputy" or notice.facts.get("change") == "named"


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
