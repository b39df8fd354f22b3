"""The facts of who looks at accounts, many at once: a few statements, however many."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlmodel import col

from policy.looks import asking, missed_since
from policy.model import Policy
from policy.notices.monitoring import LookInstead
from policy.selects import runs_on
from schemas.accounts import Access, Account
from schemas.evidence import CheckIn
from schemas.look_facts import Asked, Looker, LookFacts
from schemas.machinery import ActionItem, Notice
from schemas.people import Absence, Person
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.store.given import among
from tasks.store.holders import Holder, deputies_of
from tasks.store.session import Session


async def look_facts(
    session: Session, account_ids: Collection[int], policy: Policy, today: date
) -> tuple[LookFacts, ...]:
    """The facts of these accounts on `today`, a day of the division's zone; in the order of their numbers."""
    calendar = policy.calendar
    since = {
        level.id: missed_since(look, calendar, today)
        for level in policy.levels
        if (look := asking(policy, level.id)) is not None
    }
    rows = await session.rows(
        select(
            col(Account.id),
            col(Account.state),
            col(Account.level),
            col(Account.school_id),
            func.coalesce(col(Account.live_since), col(Account.state_since)).label("live_since"),
        )
        .where(among(col(Account.id), account_ids))
        .order_by(col(Account.id))
    )
    lookers = await _lookers(session, account_ids, today)
    looked = await _looked(session, account_ids, [one for one in since.values() if one is not None])
    asked, told = await _asked(session, account_ids), await _told(session, account_ids)

    def missed(row: Any) -> date | None:
        first = since.get(row.level)
        if first is None or calendar.today(row.live_since) >= first:
            return None
        return None if looked.get(row.id, date.min) >= first else first

    return tuple(
        LookFacts(
            account_id=row.id,
            state=AccountState(row.state),
            level=row.level,
            school_id=row.school_id,
            lookers=tuple(lookers[row.id]),
            missed_since=missed(row),
            asked=tuple(asked[row.id]),
            told=frozenset(told[row.id]),
        )
        for row in rows
    )


async def _lookers(session: Session, account_ids: Collection[int], today: date) -> Mapping[int, list[Looker]]:
    rows: Sequence[Any] = await session.rows(
        select(
            col(Access.account_id),
            col(Access.person_id),
            col(Absence.id).label("absence"),
            col(Absence.ends_on).label("through"),
        )
        .join(Person, col(Person.id) == col(Access.person_id))
        .outerjoin(
            Absence,
            and_(
                col(Absence.person_id) == col(Access.person_id),
                runs_on(Absence, today),
            ),
        )
        .where(
            among(col(Access.account_id), account_ids),
            col(Access.state) == AccessState.GRANTED,
            col(Person.active),
        )
        .order_by(col(Access.account_id), col(Access.person_id))
    )
    away = {row.person_id for row in rows if row.absence is not None}
    deputies = await deputies_of(session, away, today) if away else {}
    found: dict[int, list[Looker]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(
            Looker(row.person_id, row.absence, row.through, _there(deputies.get(row.person_id, ())))
        )
    return found


def _there(deputies: Collection[Holder]) -> tuple[int, ...]:
    return tuple(one.person_id for one in deputies if not one.absent)


async def _looked(
    session: Session, account_ids: Collection[int], since: Collection[date]
) -> Mapping[int, date]:
    """The last day for which somebody said that they looked, of those that matter."""
    if not since:
        return {}
    rows = await session.run(
        select(col(CheckIn.account_id), func.max(col(CheckIn.day)).label("day"))
        .where(among(col(CheckIn.account_id), account_ids), col(CheckIn.day) >= min(since))
        .group_by(col(CheckIn.account_id))
    )
    return {row.account_id: row.day for row in rows}


async def _asked(session: Session, account_ids: Collection[int]) -> Mapping[int, list[Asked]]:
    rows = await session.run(
        select(col(ActionItem.key), col(ActionItem.subject_id), col(ActionItem.person_id))
        .where(
            col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
            among(col(ActionItem.subject_id), account_ids),
            col(ActionItem.kind) == ItemKind.LOOK_AGAIN,
            col(ActionItem.state) == ItemState.OPEN,
        )
        .order_by(col(ActionItem.key))
    )
    found: dict[int, list[Asked]] = defaultdict(list)
    for row in rows:
        found[row.subject_id].append(Asked(row.key, row.person_id))
    return found


async def _told(session: Session, account_ids: Collection[int]) -> Mapping[int, set[tuple[int, int]]]:
    rows = await session.run(
        select(col(Notice.subject_id), col(Notice.person_id), col(Notice.facts)).where(
            col(Notice.kind) == LookInstead.kind,
            col(Notice.subject_kind) == SubjectKind.ACCOUNT,
            among(col(Notice.subject_id), account_ids),
        )
    )
    found: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for row in rows:
        found[row.subject_id] |= {(one, row.person_id) for one in row.facts["absence_ids"]}
    return found
