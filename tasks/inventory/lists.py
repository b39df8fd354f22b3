"""The facts of schools' lists of accounts, many at once: four statements for all of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Result, func, select
from sqlmodel import col

from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.facts import SchoolListFacts
from schemas.inventory import ListConfirmation
from schemas.machinery import ActionItem
from schemas.people import Person, School
from schemas.states import AccessState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.store.given import among
from tasks.store.session import Session

#: Whoever could post, or could again once something is mended.
_WITH_ACCESS = (AccessState.GRANTED, AccessState.SUSPENDED)


async def schools(session: Session) -> tuple[int, ...]:
    """The numbers of all schools but the head office, also of those that are gone."""
    found = select(col(School.id)).where(col(School.is_division).is_(False)).order_by(col(School.id))
    return tuple(one for one in (await session.run(found)).scalars() if one)


async def school_lists(
    session: Session, ids: Collection[int], *, listed: bool = True
) -> tuple[SchoolListFacts, ...]:
    """The facts of these schools, in the order of their numbers.

    Without their accounts where these are not `listed`: whether a school is asked depends on none.
    """
    confirmed: dict[int, datetime] = {
        row.school_id: row.at
        for row in await session.run(
            select(col(ListConfirmation.school_id), func.max(col(ListConfirmation.confirmed_at)).label("at"))
            .where(among(col(ListConfirmation.school_id), ids))
            .group_by(col(ListConfirmation.school_id))
        )
    }
    asked: dict[int, list[str]] = {}
    for item in await session.run(
        select(col(ActionItem.subject_id), col(ActionItem.key)).where(
            col(ActionItem.subject_kind) == SubjectKind.SCHOOL,
            among(col(ActionItem.subject_id), ids),
            col(ActionItem.kind) == ItemKind.CONFIRM_LIST,
            col(ActionItem.state) == ItemState.OPEN,
        )
    ):
        asked.setdefault(item.subject_id, []).append(item.key)
    accounts = await _accounts(session, ids) if listed else {}
    found = await session.run(
        select(col(School.id), col(School.active)).where(among(col(School.id), ids)).order_by(col(School.id))
    )
    return tuple(
        SchoolListFacts(
            school_id=row.id,
            active=row.active,
            confirmed_at=confirmed.get(row.id),
            accounts=tuple(accounts.get(row.id, {})),
            holders=tuple(tuple(some) for some in accounts.get(row.id, {}).values()),
            asked=tuple(sorted(asked.get(row.id, ()))),
        )
        for row in found
    )


async def _accounts(session: Session, ids: Collection[int]) -> dict[int, dict[int, list[int]]]:
    """The accounts of these schools that have not ended, by school; who has access to each."""
    found: dict[int, dict[int, list[int]]] = {}
    rows: Result[*tuple[Any, ...]] = await session.run(
        select(col(Account.school_id), col(Account.id), col(Person.id).label("person_id"))
        .outerjoin(Access, (col(Access.account_id) == col(Account.id)) & col(Access.state).in_(_WITH_ACCESS))
        .outerjoin(Person, (col(Person.id) == col(Access.person_id)) & col(Person.active))
        .where(among(col(Account.school_id), ids), col(Account.state).not_in(ENDED_ACCOUNTS))
        .order_by(col(Account.id), col(Person.id))
    )
    for row in rows:
        people = found.setdefault(row.school_id, {}).setdefault(row.id, [])
        if row.person_id is not None:
            people.append(row.person_id)
    return found
