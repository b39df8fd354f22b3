"""The facts of questions of the public, many at once."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from schemas.accounts import Access, Account
from schemas.facts import EnquiryFacts
from schemas.machinery import ActionItem
from schemas.people import Person
from schemas.public import Enquiry
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, ItemState
from tasks.store.given import among
from tasks.store.session import Session

_IN_USE = (AccountState.LIVE, AccountState.SUSPENDED)


def may_move() -> Select[int | None]:
    """Every question that waits: few, and found without those that ended."""
    return select(col(Enquiry.id)).where(col(Enquiry.ended_at).is_(None)).order_by(col(Enquiry.id))


async def enquiry_facts(session: Session, ids: Collection[int]) -> tuple[EnquiryFacts, ...]:
    """The facts of these questions, in the order of their numbers; three statements for all of them."""
    rows: list[Any] = list(
        await session.run(
            select(
                col(Enquiry.id),
                col(Enquiry.account_id),
                col(Enquiry.due_on),
                col(Enquiry.ended_at),
                col(Account.level),
                col(Account.state),
            )
            .join(Account, col(Account.id) == col(Enquiry.account_id))
            .where(among(col(Enquiry.id), ids))
            .order_by(col(Enquiry.id))
        )
    )
    accounts = {row.account_id for row in rows}
    found = await session.run(
        select(col(Access.account_id), col(Access.person_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            among(col(Access.account_id), accounts),
            col(Access.state) == AccessState.GRANTED,
            col(Person.active),
        )
        .order_by(col(Access.person_id))
    )
    people: dict[int, list[int]] = {}
    for one in found:
        people.setdefault(one.account_id, []).append(one.person_id)
    items = await session.run(
        select(col(ActionItem.key)).where(
            col(ActionItem.kind) == ItemKind.ANSWER_PUBLIC,
            col(ActionItem.state) == ItemState.OPEN,
            among(col(ActionItem.subject_id), accounts),
        )
    )
    asked: dict[str, list[str]] = {}
    for key in items.scalars():  # of its account, and by the key of the question itself
        asked.setdefault(key.partition("/")[0], []).append(key)
    return tuple(
        EnquiryFacts(
            id=row.id,
            account_id=row.account_id,
            level=row.level,
            in_use=row.state in _IN_USE,
            due_on=row.due_on,
            ended=row.ended_at is not None,
            administrators=tuple(people.get(row.account_id, ())),
            asked=tuple(asked.get(f"enquiry:{row.id}", ())),
        )
        for row in rows
    )
